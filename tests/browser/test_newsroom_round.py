"""Three people take a story from the draft to the readers: returned with a reason, mended, scheduled to the minute."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from newsportal import roles
from tests.browser.login import sign_in
from tests.factory import make_section, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


RIGHTS = {
    "Người viết": ["write"],
    "Biên tập": ["write", "review"],
    "Xuất bản": ["write", "review", "publish"],
}


@pytest.fixture
def desk_of(chromium, live_server):
    """A browser window of its own for somebody of a group, at the desk."""
    contexts = []

    def open_desk(group, **names):
        # Earlier tests may have emptied the tables, groups included.
        roles.give(Group.objects.get_or_create(name=group)[0], RIGHTS[group])
        context = chromium.new_context(base_url=live_server.url, locale="vi-VN")
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = sign_in(context.new_page(), make_user(group, **names))
        page.goto(reverse("admin:index"))
        return page

    yield open_desk
    for context in contexts:
        context.close()


def press(page, button):
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_selector(".messagelist li")


def test_returned_mended_and_scheduled_to_the_minute(desk_of, client, time_machine):
    section = make_section("Tin hoạt động")
    writer = desk_of("Người viết", last_name="Lê", first_name="Mai")
    writer.get_by_role("link", name="Viết tin").click()
    writer.fill("#id_headline", "Khánh thành bến đò Bãi Bồi")
    writer.fill("#id_lead", "Sáng nay, bến đò mới đón chuyến khách đầu tiên.")
    writer.wait_for_selector(".cke_wysiwyg_div")
    writer.click(".cke_wysiwyg_div")
    writer.keyboard.type("Hơn hai trăm người dân đã có mặt từ sớm.")
    writer.click(".field-section .select2-selection")
    writer.click(f".select2-results__option:has-text('{section}')")
    press(writer, "Gửi duyệt")
    story = Article.objects.get()
    assert story.status == Article.Status.IN_REVIEW
    form = reverse("admin:articles_article_change", args=[story.pk])

    editor = desk_of("Biên tập", last_name="Trần", first_name="Hà")
    editor.get_by_role("link", name="Khánh thành bến đò Bãi Bồi").first.click()
    editor.locator("summary", has_text="Trả lại").click()  # the first click
    editor.fill("#reason-return", "Thiếu số hộ được hưởng lợi.")
    press(editor, "Trả lại")  # the second

    writer.goto(reverse("admin:index"))
    assert "Thiếu số hộ được hưởng lợi." in writer.inner_text(".desk")
    writer.goto(form)
    writer.fill("#id_lead", "Sáng nay, bến đò mới đón chuyến khách đầu tiên, phục vụ 75 hộ dân.")
    press(writer, "Gửi duyệt")

    due = (timezone.localtime() + timedelta(hours=2)).replace(second=0, microsecond=0)
    publisher = desk_of("Xuất bản", last_name="Vũ", first_name="An")
    publisher.goto(form)
    assert "Thiếu số hộ được hưởng lợi." in publisher.inner_text("[aria-labelledby=history-heading]")
    publisher.fill("#id_published_at_0", f"{due:%d/%m/%Y}")
    publisher.fill("#id_published_at_1", f"{due:%H:%M}")
    press(publisher, "Đăng tin")
    assert "Hẹn giờ" in publisher.inner_text(".story-form__state")

    def readers_see(moment: datetime) -> bool:
        time_machine.move_to(moment, tick=False)
        return client.get(story.get_absolute_url()).status_code == 200

    assert not readers_see(due - timedelta(seconds=1))
    assert readers_see(due)
    assert "phục vụ 75 hộ dân" in client.get(story.get_absolute_url()).content.decode()
