"""Nothing typed is lost: a browser that is killed, a server or login that goes away, two people in one story."""

import contextlib
import os
import signal

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse

from articles.models import Article, Author, WorkingDraft
from tests.browser.login import sign_in
from tests.browser.test_write_story import choose
from tests.browser.waiting import wait_until
from tests.chromium import ARGUMENTS, chromium_path
from tests.factory import make_article

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = reverse("admin:articles_article_add")
PASSWORD = "mat-khau-thu"


@pytest.fixture
def writer():
    return User.objects.create_superuser("minhha", password=PASSWORD, first_name="Hà", last_name="Minh")


def log_in(page, user):
    page.fill("#id_username", user.get_username())
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")


def open_form(page, address):
    page.goto(address)
    wait_until(page, "window.CKEDITOR?.instances.id_body?.status === 'ready'")
    return page


def type_body(page, text):
    page.click(".cke_wysiwyg_div")
    page.keyboard.type(text)


def hurry(page):
    """As when the tab is left: what was typed is kept at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def state(page, words):
    page.wait_for_selector(f"[data-state]:has-text('{words}')")


def restore(page, notice="data-offered"):
    page.click(f"[{notice}] button[name=_restore]")
    page.wait_for_selector("[data-restored]", state="attached")
    wait_until(page, "window.CKEDITOR?.instances.id_body?.status === 'ready'")


def body(page):
    return page.evaluate("CKEDITOR.instances.id_body.getData()")


@pytest.mark.fault(16)
def test_text_of_a_killed_browser_is_offered_by_the_next(page, chromium, writer, live_server, tmp_path):
    Author.objects.create(pen_name="Đức Thắng")
    doomed = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=chromium_path(), args=ARGUMENTS, base_url=live_server.url
    )
    typing = open_form(sign_in(doomed.pages[0], writer), ADD)
    typing.fill("#id_headline", "Bến đò mất điện giữa giờ")
    choose(typing, "#bylines-0 .field-author", "duc thang", "Đức Thắng")
    type_body(typing, "Đoạn đang gõ thì máy tắt.")
    state(typing, "đã giữ bản nháp tạm lúc")

    kill(tmp_path)
    sign_in(page, writer).goto(reverse("admin:index"))
    page.click("text=Bến đò mất điện giữa giờ")
    restore(page)

    assert page.input_value("#id_headline") == "Bến đò mất điện giữa giờ"
    assert "Đoạn đang gõ thì máy tắt." in body(page)
    assert "Đức Thắng" in page.inner_text("#bylines-0 .field-author")
    assert not Article.objects.exists()


def kill(folder):
    """The browser's process and nothing of its own, as a power cut does."""
    for process in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{process}/cmdline", "rb") as line:
            arguments = line.read()
            if f"--user-data-dir={folder}".encode() in arguments and b"--type=" not in arguments:
                os.kill(int(process), signal.SIGKILL)


@pytest.mark.fault(16)
def test_text_is_kept_in_the_browser_while_the_server_is_away(page, writer, live_server):
    story = make_article(status=Article.Status.DRAFT, published_at=None)
    address = reverse("admin:articles_article_change", args=[story.pk])
    open_form(sign_in(page, writer), address)
    page.context.set_offline(True)
    type_body(page, "Gõ khi mất mạng.")
    hurry(page)
    state(page, "Mất kết nối: giữ tạm trong trình duyệt này")

    page.context.set_offline(False)
    page.on("dialog", lambda dialog: dialog.accept())
    open_form(page, address)
    restore(page, "data-kept-here")

    assert "Gõ khi mất mạng." in body(page)
    state(page, "đã giữ bản nháp tạm lúc")
    assert "Gõ khi mất mạng." in WorkingDraft.objects.get().data["body"]
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft:'))") == []


@pytest.mark.fault(16)
def test_login_that_ends_while_typing_is_renewed_in_a_second_tab(page, writer, live_server):
    open_form(sign_in(page, writer), ADD)
    Session.objects.all().delete()
    page.fill("#id_headline", "Viết qua giờ nghỉ")
    hurry(page)
    state(page, "Phiên làm việc đã hết")

    with page.context.expect_page() as opened:
        page.click("[data-login]")
    opened.value.wait_for_selector("#id_username")
    with contextlib.suppress(Exception):  # the tab closes itself
        log_in(opened.value, writer)
    page.bring_to_front()
    page.fill("#id_lead", "Viết tiếp sau khi đăng nhập.")
    hurry(page)
    state(page, "đã giữ bản nháp tạm lúc")

    assert WorkingDraft.objects.get().data["headline"] == "Viết qua giờ nghỉ"


def test_form_that_is_sent_after_the_login_ended_is_offered_after_the_next(page, writer, live_server):
    open_form(sign_in(page, writer), ADD)
    page.fill("#id_headline", "Bấm lưu khi phiên đã hết")
    Session.objects.all().delete()
    page.click(".story-form__buttons button[name=_continue]")
    page.wait_for_selector("#id_username")

    log_in(page, writer)
    restore(page, "data-kept-here")

    assert page.input_value("#id_headline") == "Bấm lưu khi phiên đã hết"


@pytest.mark.fault(15)
def test_two_people_put_their_texts_together(page, chromium, live_server, writer):
    story = make_article(headline="Đầu", lead="Sapo đầu", status=Article.Status.DRAFT, published_at=None)
    address = reverse("admin:articles_article_change", args=[story.pk])
    colleague = User.objects.create_superuser("ducthang", first_name="Thắng", last_name="Lê Đức")
    other = chromium.new_context(base_url=live_server.url, locale="vi-VN").new_page()
    open_form(sign_in(page, writer), address)
    open_form(sign_in(other, colleague), address)
    assert "Minh Hà đang mở tin này từ" in other.inner_text("[data-others]")
    other.fill("#id_headline", "Tiêu đề của Thắng")
    other.click(".story-form__buttons button[name=_continue]")
    other.wait_for_selector(".messagelist .success")
    page.fill("#id_lead", "Sapo của Hà")
    page.fill("#id_headline", "Tiêu đề của Hà")
    page.click(".story-form__buttons button[name=_continue]")
    page.wait_for_selector(".conflict")

    page.check("[name=_take-headline][value=saved]")
    page.click("button[name=_merge]")
    page.wait_for_selector(".messagelist .success")

    story.refresh_from_db()
    assert (story.headline, story.lead) == ("Tiêu đề của Thắng", "Sapo của Hà")
    assert "Các tổ tự quản" in story.body
    assert page.locator("[data-kept-here]:visible, [data-offered]:visible").count() == 0
    other.context.close()
