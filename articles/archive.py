"""All stories by year, month and day; nothing here counts more than the stories of one month."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.db.models import Count, F
from django.db.models.functions import ExtractDay
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from newsportal import replica

from .listing import page_of_stories
from .models import Article
from .page_cache import kept

EARLIEST = 1900  # before it a year is a slip of the keyboard, and no address takes it
# From each month the index on the time of publication leads straight to the one before it: two steps a month,
# however many stories there are.
MONTHS = """
WITH RECURSIVE public AS NOT MATERIALIZED ({public}), month (first) AS (
    SELECT date_trunc('month', max(published_at) AT TIME ZONE %(zone)s) FROM public
    UNION ALL
    SELECT (
        SELECT date_trunc('month', max(published_at) AT TIME ZONE %(zone)s) FROM public
        WHERE published_at < month.first AT TIME ZONE %(zone)s
    )
    FROM month WHERE month.first IS NOT NULL
)
SELECT first::date FROM month WHERE first IS NOT NULL
"""

WEEKDAYS_NARROW = [
    pgettext_lazy("weekday, two letters", "Mo"), pgettext_lazy("weekday, two letters", "Tu"), pgettext_lazy("weekday, two letters", "We"), pgettext_lazy("weekday, two letters", "Th"),
    pgettext_lazy("weekday, two letters", "Fr"), pgettext_lazy("weekday, two letters", "Sa"), pgettext_lazy("weekday, two letters", "Su"),
]  # fmt: skip


@dataclass(frozen=True)
class Period:
    """From its first day to the day before `next`."""

    first: date
    next: date
    title: str
    address: str
    short: str = ""

    @property
    def stories(self):
        zone = timezone.get_default_timezone()
        first, next = (datetime.combine(day, time(), zone) for day in (self.first, self.next))
        return Article.objects.in_language().filter(published_at__gte=first, published_at__lt=next)


def year_of(day: date) -> Period:
    first = day.replace(month=1, day=1)
    address = reverse("articles:archive_year", args=[f"{first:%Y}"])
    return Period(first, date(first.year + 1, 1, 1), _("Year %(year)s") % {"year": first.year}, address)


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    next = (first + timedelta(days=31)).replace(day=1)
    address = reverse("articles:archive_month", args=[f"{first:%Y}", f"{first:%m}"])
    formats = "YEAR_MONTH_FORMAT", pgettext("date format of a month without its year", "F")
    title, short = (_("Month %(month)s") % {"month": date_format(first, format)} for format in formats)
    return Period(first, next, title, address, short)


def day_of(day: date) -> Period:
    address = reverse("articles:archive_day", args=[f"{day:%Y}", f"{day:%m}", f"{day:%d}"])
    title = _("Day %(day)s") % {"day": date_format(day, "SHORT_DATE_FORMAT")}
    return Period(day, day + timedelta(days=1), title, address)


def months() -> list[date]:
    """The first days of the months in which stories came out that are public today, the newest first."""
    public, values = (
        Article.objects.in_language()
        .published()
        .order_by()
        .values_list("published_at")
        .query.get_compiler(replica.connection().alias)
        .as_sql()
    )
    named = {f"value{number}": value for number, value in enumerate(values)}
    public %= tuple(f"%({name})s" for name in named)
    with replica.connection().cursor() as cursor:
        cursor.execute(MONTHS.format(public=public), named | {"zone": timezone.get_default_timezone_name()})
        return [first for (first,) in cursor if first.year >= EARLIEST]


@kept
def index(request):
    context = {"period": None, "years": by_year(months()), "trail": []}
    return render(request, "articles/archive.html", context)


@kept(in_pages=True)
def year(request, year):
    return show(request, year_of, date(int(year), 1, 1))


@kept(in_pages=True)
def month(request, year, month):
    return show(request, month_of, date(int(year), int(month), 1))


@kept(in_pages=True)
def day(request, year, month, day):
    try:
        wanted = date(int(year), int(month), int(day))
    except ValueError as error:  # such as the 31st of February
        raise Http404 from error
    return show(request, day_of, wanted)


def show(request, kind, day: date):
    """A period; between the first story and today one without stories says so, any other is not found."""
    period, filled = kind(day), months()
    if not filled or period.next <= filled[-1] or period.first > timezone.localdate():
        raise Http404
    page = page_of_stories(request, period.stories)
    years = by_year(filled)
    context = {"period": period, "page": page, "years": years, "year": year_of(day), "month": None}
    context["trail"] = trail = [(_("Archive"), reverse("articles:archive"))]
    if kind is not year_of:
        month = month_of(day)
        trail.append((context["year"].title, context["year"].address))
        context |= {"month": month, "weeks": weeks_of(month, day if kind is day_of else None)}
        context["is_of_day"] = kind is day_of
        context["weekdays"] = list(zip(WEEKDAYS_NARROW, WEEKDAYS.values(), strict=True))
        context["earlier"] = next((month_of(first) for first in filled if first < month.first), None)
        context["later"] = next((month_of(first) for first in reversed(filled) if first > month.first), None)
    if kind is day_of:
        trail.append((month.title, month.address))
    return render(request, "articles/archive.html", context)


def by_year(months: list[date]) -> list[tuple[Period, list[Period]]]:
    groups = groupby(months, key=lambda first: first.year)
    return [
        (year_of(date(year, 1, 1)), [month_of(first) for first in reversed(list(firsts))])
        for year, firsts in groups
    ]


def weeks_of(month: Period, shown: date | None) -> list[list[dict | None]]:
    """The days of its calendar in rows from Monday on, each with the number of its stories."""
    counts = dict(
        month.stories.published()
        .order_by()
        .values_list(ExtractDay(F("published_at")))
        .annotate(count=Count("pk"))
    )
    first, today = month.first, timezone.localdate()

    def cell(number: int) -> dict | None:
        if not number:
            return None
        day = first.replace(day=number)
        return {
            "number": number,
            "count": counts.get(number, 0),
            "day": day_of(day),
            "is_today": day == today,
            "is_shown": day == shown,
        }

    return [
        [cell(number) for number in week] for week in Calendar().monthdayscalendar(first.year, first.month)
    ]
