"""Who is told what became of a story, in the admin and by mail."""

import smtplib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from articles import notices, versions, workflow
from articles.models import Article, Assignment, Notice
from tests.factory import make_article, make_section, make_user

pytestmark = pytest.mark.django_db
STEPS = workflow.STEPS
NOTICES = reverse("admin:notices")


@pytest.fixture
def writer():
    return make_user("Người viết", email="ha@vi-du.vn", first_name="Hà", last_name="Nguyễn Minh")


@pytest.fixture
def publisher():
    return make_user("Xuất bản", email="thang@vi-du.vn")


def draft(writer, **fields):
    return make_article(**{"status": "draft", "published_at": None, "created_by": writer, **fields})


def told():
    return list(Notice.objects.order_by("user_id", "id").values_list("user__email", "kind"))


def send() -> str:
    out = StringIO()
    call_command("send_notices", stdout=out)
    return out.getvalue()


def test_submitted_story_is_told_to_those_who_may_review_it_there(writer, publisher):
    section = make_section("Trật tự", parent=make_section("An ninh"))
    for email, sections in (
        ("trong@vi-du.vn", [section.parent]),
        ("ngoai@vi-du.vn", [make_section("Thông báo")]),
    ):
        editor = make_user("Biên tập", email=email)
        Assignment.objects.create(user=editor).sections.set(sections)
    make_user("Biên tập", email="nghi@vi-du.vn", is_active=False)
    make_user("Người viết", email="viet@vi-du.vn")

    workflow.take(STEPS["submit"], draft(writer, section=section), user=writer)

    assert told() == [("thang@vi-du.vn", "submit"), ("trong@vi-du.vn", "submit")]


def test_writer_is_told_of_the_return_with_its_reason_and_of_publication(writer, publisher):
    story = draft(writer, status="in_review")

    workflow.take(STEPS["return"], story, user=publisher, reason="Thiếu số liệu")
    workflow.take(STEPS["publish"], story, user=publisher)
    workflow.take(STEPS["withdraw"], story, user=publisher, reason="Sai tên")
    later = draft(writer, published_at=timezone.now() + timedelta(days=1))
    workflow.take(STEPS["publish"], later, user=publisher)

    assert told() == [("ha@vi-du.vn", kind) for kind in ("return", "publish", "withdraw", "schedule")]
    assert Notice.objects.get(kind="return").reason == "Thiếu số liệu"
    assert Notice.objects.get(kind="schedule").due_at == later.published_at


def test_nobody_is_told_of_an_own_step(publisher):
    story = draft(publisher)

    workflow.take(STEPS["submit"], story, user=publisher)
    workflow.take(STEPS["publish"], story, user=publisher)

    assert told() == []


def test_writer_of_the_next_version_is_told_of_it(writer, publisher):
    live = make_article(created_by=publisher)
    following = versions.begin_next(live, writer)

    workflow.take(STEPS["submit"], following, user=writer)
    workflow.take(STEPS["publish"], following, user=publisher)

    assert told() == [("ha@vi-du.vn", "publish"), ("thang@vi-du.vn", "submit")]


def test_refused_step_tells_nobody(writer, publisher):
    with pytest.raises(workflow.StepError):
        workflow.take(STEPS["publish"], draft(writer, body=""), user=publisher)

    assert told() == []


def test_notice_leads_to_the_story_and_is_read_then(client, writer, publisher):
    story = draft(writer, headline="Khai trương nhà văn hóa")
    workflow.take(STEPS["submit"], story, user=writer)
    client.force_login(publisher)

    desk = client.get(reverse("admin:index")).content.decode()
    response = client.get(notices.address(Notice.objects.get()))
    afterwards = client.get(NOTICES).content.decode()

    assert "1 thông báo mới" in desk
    assert response.url == reverse("admin:articles_article_change", args=[story.pk])
    assert "thông báo mới" not in afterwards
    assert "Khai trương nhà văn hóa" in afterwards


def test_notices_are_for_their_person_alone_and_bear_a_story_that_is_gone(client, writer, publisher):
    story = draft(writer)
    workflow.take(STEPS["submit"], story, user=writer)
    address = notices.address(Notice.objects.get())
    client.force_login(writer)

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 405
    story.delete()
    client.force_login(publisher)
    page = client.get(address, follow=True)

    assert page.redirect_chain == [(NOTICES, 302)]
    assert "Tin này không còn" in page.content.decode()


def test_person_marks_all_as_read_and_switches_the_mails_off(client, writer, publisher, mailoutbox):
    client.force_login(publisher)
    workflow.take(STEPS["submit"], draft(writer), user=writer)

    client.post(NOTICES, {"read": "1"})
    client.post(NOTICES, {})
    workflow.take(STEPS["submit"], draft(writer), user=writer)
    send()

    assert publisher.notices.unread().count() == 1
    assert len(mailoutbox) == 1
    assert "checked" not in client.get(NOTICES).content.decode()
    client.post(NOTICES, {"gets_mail": "on"})
    assert "checked" in client.get(NOTICES).content.decode()


def test_mail_is_sent_once_in_vietnamese_with_the_way_to_the_story(writer, publisher, mailoutbox, settings):
    settings.SITE_URL = "https://tin.vi-du.vn"
    story = draft(writer, headline="Họp <b>xã</b>", status="in_review")
    workflow.take(STEPS["return"], story, user=publisher, reason="Thiếu\nsố liệu")

    assert send() == "Số thư đã gửi: 1\n"
    assert send() == "Số thư đã gửi: 0\n"

    (mail,) = mailoutbox
    assert mail.to == ["ha@vi-du.vn"]
    assert mail.subject == "Họp <b>xã</b>: bị trả lại cho bạn"
    assert "“Họp <b>xã</b>” bị trả lại cho bạn." in mail.body
    assert "Thiếu\nsố liệu" in mail.body
    assert f"https://tin.vi-du.vn{notices.address(Notice.objects.get())}" in mail.body
    assert "&lt;b&gt;" in mail.alternatives[0][0]


@pytest.mark.fault(18)
def test_mail_server_that_is_away_hurts_no_step_and_the_mail_waits(writer, publisher, mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    story = draft(writer, status="in_review")

    workflow.take(STEPS["return"], story, user=publisher, reason="Sửa")
    with pytest.raises(CommandError, match="không nhận 1 thư"):
        send()

    story.refresh_from_db()
    assert story.status == Article.Status.RETURNED
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send()
    assert len(mailoutbox) == 1


def test_address_that_is_refused_keeps_no_other_mail_back(writer, publisher, mailoutbox, monkeypatch):
    story = draft(writer, status="in_review")
    workflow.take(STEPS["return"], story, user=publisher, reason="Sửa")
    workflow.take(STEPS["submit"], story, user=writer)
    real = notices.EmailMultiAlternatives.send

    def refuse_one(message, *args, **kwargs):
        if message.to == ["ha@vi-du.vn"]:
            raise smtplib.SMTPRecipientsRefused({"ha@vi-du.vn": (550, b"unknown")})
        return real(message, *args, **kwargs)

    monkeypatch.setattr(notices.EmailMultiAlternatives, "send", refuse_one)

    for _attempt in range(notices.ATTEMPTS):
        with pytest.raises(CommandError):
            send()
    send()

    assert [mail.to for mail in mailoutbox] == [["thang@vi-du.vn"]]
    assert Notice.objects.get(user=writer).mail == Notice.Mail.FAILED


def test_notices_go_after_90_days_and_old_ones_are_not_mailed(writer, publisher, mailoutbox, time_machine):
    story = draft(writer, status="in_review")
    workflow.take(STEPS["return"], story, user=publisher, reason="Sửa")

    time_machine.move_to(timezone.now() + timedelta(days=2))
    send()
    assert Notice.objects.exists()
    time_machine.move_to(timezone.now() + timedelta(days=89))
    send()

    assert not Notice.objects.exists()
    assert mailoutbox == []
