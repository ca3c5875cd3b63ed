"""A director without an account agrees to a draft on a phone; the newsroom sees it in the story's history."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from articles.models import Article
from tests.browser.login import sign_in
from tests.factory import make_article

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_outsider_agrees_on_a_phone_and_the_history_shows_it(page, chromium, live_server):
    story = make_article(headline="Lễ khánh thành bến đò", status=Article.Status.DRAFT, published_at=None)
    sign_in(page, User.objects.create_superuser("minhha"))
    page.goto(reverse("admin:articles_article_change", args=[story.pk]))
    page.click(".object-tools a:has-text('Chia sẻ')")
    page.fill("[name=reader]", "Giám đốc Nguyễn Văn A")
    page.click(".share__form .big-button")
    address = page.input_value(".share__address input")

    context = chromium.new_context(locale="vi-VN", viewport={"width": 390, "height": 844}, is_mobile=True)
    phone = context.new_page()
    phone.goto(address)
    assert phone.inner_text("h1") == "Lễ khánh thành bến đò"
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.fill("[name=comment]", "Nhờ ghi đủ chức danh.")
    phone.click("button[value=approved]")
    phone.wait_for_selector(".answer__thanks")
    context.close()

    page.goto(reverse("admin:articles_article_change", args=[story.pk]))
    history = page.inner_text("[aria-labelledby=history-heading]")
    assert "Giám đốc Nguyễn Văn A, qua liên kết chia sẻ" in history
    assert "Nhờ ghi đủ chức danh." in history
