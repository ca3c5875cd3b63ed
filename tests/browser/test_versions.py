"""A published story is edited while readers go on reading it, compared with what they read, and brought back."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from articles import versions
from articles.models import ArticleVersion
from tests.browser.login import sign_in
from tests.factory import make_article

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_editing_while_live_comparing_and_bringing_back(page, client):
    sign_in(page, User.objects.create_superuser("minhha"))
    story = make_article(headline="Có 57 hộ tham gia")
    versions.record(story, ArticleVersion.Kind.PUBLISHED, None)

    def live_headline():
        return client.get(story.get_absolute_url()).context["article"].headline

    page.goto(reverse("admin:articles_article_change", args=[story.pk]))
    page.get_by_role("button", name="Sửa tin").click()
    page.fill("#id_headline", "Có 75 hộ tham gia")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_role("link", name="So với tin đã đăng").click()

    assert page.locator(".comparison__field del").all_inner_texts() == ["57 "]
    assert page.locator(".comparison__field ins").all_inner_texts() == ["75 "]
    assert live_headline() == "Có 57 hộ tham gia"

    page.go_back()
    page.click("button[value=publish]")
    page.wait_for_selector(".messagelist .success")
    assert live_headline() == "Có 75 hộ tham gia"

    page.get_by_role("link", name="Phiên bản (").click()
    page.get_by_role("button", name="Lấy lại bản này").last.click()
    page.wait_for_selector(".messagelist .success")
    assert page.input_value("#id_headline") == "Có 57 hộ tham gia"
    assert live_headline() == "Có 75 hộ tham gia"
