"""Mails about visits: who gets them, when, and once."""

import smtplib
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factory import make_user
from visitors.models import Day, Hour, Label, LabelDay, ReportRecipient

pytestmark = pytest.mark.django_db
MONDAY = timezone.make_aware(timezone.datetime(2026, 11, 23, 7, 0))


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as travel:
        yield travel


def make_recipient(**fields):
    user = make_user("Xem thống kê", email=fields.pop("email", "giam.doc@vi-du.vn"))
    return ReportRecipient.objects.create(user=user, **fields)


def run() -> str:
    out = StringIO()
    call_command("send_visit_reports", stdout=out)
    return out.getvalue()


def test_week_and_month_are_sent_once_each(clock, mailoutbox):
    make_recipient()
    Day.objects.create(day="2026-11-18", visits=1200, views=2500)
    Day.objects.create(day="2026-11-11", visits=1000, views=2500)
    label = Label.objects.create(kind="referrer", text="Zalo", added_on="2026-11-18")
    LabelDay.objects.create(label=label, day="2026-11-18", visits=77)

    run()
    run()
    clock.shift(timedelta(hours=1))
    assert "Chưa có báo cáo nào đến hạn." in run()

    week, month = mailoutbox
    assert week.subject == "Lượt truy cập tuần 16/11/2026 – 22/11/2026"
    assert month.subject == "Lượt truy cập tháng 10/2026"
    assert "Lượt truy cập: 1.200 (+20%)" in week.body
    assert "Zalo: 77" in week.body
    assert "http://127.0.0.1:8000/admin/visitors/day/?from=2026-11-16&to=2026-11-22" in week.body
    assert "+20%" in week.alternatives[0][0]
    clock.shift(timedelta(days=7))
    run()
    assert len(mailoutbox) == 3


def test_missed_monday_is_made_up_for(clock, mailoutbox):
    make_recipient(monthly=False)
    clock.shift(timedelta(days=3))

    run()

    assert len(mailoutbox) == 1


def test_only_those_who_asked_and_may_see_the_figures_get_mail(clock, mailoutbox):
    make_recipient(monthly=False, email="a@vi-du.vn")
    make_recipient(weekly=False, monthly=False, email="b@vi-du.vn")
    make_recipient(monthly=False, email="")
    gone = make_recipient(monthly=False, email="c@vi-du.vn")
    gone.user.is_active = False
    gone.user.save()
    writer = make_user("Người viết", email="d@vi-du.vn")
    ReportRecipient.objects.create(user=writer)

    run()

    assert [mail.to for mail in mailoutbox] == [["a@vi-du.vn"]]


@pytest.mark.fault(18)
def test_mail_server_that_is_away_is_told_and_tried_again(clock, mailoutbox, settings, monkeypatch):
    make_recipient(monthly=False)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there

    with pytest.raises(CommandError, match="Máy chủ thư không nhận thư"):
        run()

    settings.EMAIL_BACKEND = backend
    run()
    assert len(mailoutbox) == 1
    assert issubclass(smtplib.SMTPConnectError, OSError)


def make_hour(begins_at, visits):
    Hour.objects.create(begins_at=begins_at, visits=visits, views=visits, visitors=visits)


def test_sudden_rise_is_told_at_most_twice_a_day(clock, mailoutbox):
    make_recipient(weekly=False, monthly=False, spikes=True)
    for hours in range(5):
        hour = MONDAY + timedelta(hours=hours - 1)
        make_hour(hour, 400)
        for weeks in (1, 2, 3, 4):
            make_hour(hour - timedelta(weeks=weeks), 100)

    for _ in range(5):
        run()
        run()
        clock.shift(timedelta(hours=1))

    assert [mail.subject for mail in mailoutbox] == ["Truy cập tăng đột biến: 400 lượt trong một giờ"] * 2
    assert "có 400 lượt truy cập; thường ngày vào giờ này là 100" in mailoutbox[0].body


@pytest.mark.parametrize(("visits", "usual"), [(290, 100), (49, 1)], ids=["less than threefold", "too few"])
def test_ordinary_hours_are_not_told(clock, mailoutbox, visits, usual):
    make_recipient(weekly=False, monthly=False, spikes=True)
    make_hour(MONDAY - timedelta(hours=1), visits)
    make_hour(MONDAY - timedelta(hours=1, weeks=1), usual)

    run()

    assert not mailoutbox
