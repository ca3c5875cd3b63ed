"""Mails with the figures of a week or a month, and about sudden rises, each sent once."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Avg, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from . import dashboard, rankings, statistics_page
from .models import Hour, SentReport
from .periods import DAY, Period

logger = logging.getLogger(__name__)

SPIKES_A_DAY = 2
SPIKE_FACTOR = 3  # times the same hour of the same weekday, on average over SPIKE_WEEKS
SPIKE_WEEKS = 4
LEAST_SPIKE = 50  # visits in the hour; fewer are chance


@dataclass(frozen=True)
class Report:
    """One mail: `kind` is the field of ReportRecipient that asks for it, `period` what makes it the only one."""

    kind: str
    period: str
    subject: str
    template: str
    context: dict


def send_due(now: datetime) -> list[str]:
    """Sends what is due and has not been sent; the subjects. A mail that fails is tried again the next time."""
    sent = []
    for report in due(now):
        recipients = list(_recipients(report.kind))
        if not recipients:
            continue
        with transaction.atomic():
            _row, is_new = SentReport.objects.get_or_create(kind=report.kind, period=report.period)
            if is_new:
                _send(report, recipients)
                sent.append(report.subject)
                logger.info("Report sent: %s to %s people", report.subject, len(recipients))
    return sent


def due(now: datetime) -> Iterator[Report]:
    today = timezone.localdate(now)
    monday = today - today.weekday() * DAY
    week = Period("custom", monday - 7 * DAY, monday - DAY)
    yield _of_period("weekly", week, _("Visits of the week %s") % week)
    last = today.replace(day=1) - DAY
    month = Period("last-month", last.replace(day=1), last)
    yield _of_period("monthly", month, _("Visits of the month %s") % date_format(last, "m/Y"))
    if spike := _spike(now):
        yield spike


def _of_period(kind: str, period: Period, subject: str) -> Report:
    sums = dashboard.sums(period)
    tables = rankings.tables(period)
    context = {
        "period": period,
        "compared": period.compared("before"),
        "figures": statistics_page.figures(sums, dashboard.comparable(period, "before")),
        "tables": [tables[name] for name in ("articles", "sections", "channel", "referrer")],
        "notes": dashboard.notes(period),
        "gaps": dashboard.gaps(period),
        "address": _address({"from": period.start, "to": period.end}),
    }
    return Report(kind, f"{period.start}", subject, "visitors/mail/report", context)


def _spike(now: datetime) -> Report | None:
    hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    today = timezone.localdate(hour)
    if SentReport.objects.filter(kind="spikes", period__startswith=str(today)).count() >= SPIKES_A_DAY:
        return None
    earlier = [hour - timedelta(weeks=number) for number in range(1, SPIKE_WEEKS + 1)]
    usual = Hour.objects.filter(begins_at__in=earlier).aggregate(visits=Avg("visits"))["visits"]
    row = Hour.objects.filter(begins_at=hour).first()
    if row is None or usual is None or row.visits < max(LEAST_SPIKE, SPIKE_FACTOR * usual):
        return None
    context = {
        "hour": hour,
        "visits": row.visits,
        "usual": round(usual),
        "pages": rankings.tables(Period("today", today, today), limit=5)["articles"].rows,
        "address": _address({"period": "today"}),
    }
    subject = _("Many more visits than usual: %(visits)s in an hour") % {"visits": row.visits}
    return Report("spikes", f"{hour:%Y-%m-%d %H}", subject, "visitors/mail/spike", context)


def _recipients(kind: str):
    """Active staff who asked for it, may see the figures and have an address."""
    people = get_user_model().objects.filter(
        Q(**{f"visit_reports__{kind}": True}), is_active=True, is_staff=True
    )
    return (user for user in people.exclude(email="") if user.has_perm("visitors.view_day"))


def _send(report: Report, recipients: list) -> None:
    text = render_to_string(f"{report.template}.txt", report.context)
    html = render_to_string(f"{report.template}.html", report.context)
    for user in recipients:  # one by one: nobody sees who else gets it
        message = EmailMultiAlternatives(report.subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
        message.attach_alternative(html, "text/html")
        message.send()


def _address(query: dict[str, date | str]) -> str:
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{settings.SITE_URL}{reverse('admin:visitors_day_changelist')}?{parameters}"
