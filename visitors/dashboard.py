"""Figures of a period for people: sums and how they changed, series for the chart, the last minutes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Max, Min, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format

from articles.models import Article

from .models import Day, Gap, Hour, MinutePage, Note
from .periods import DAY, Period
from .rankings import ROWS, Row, names

LIVE = 30  # minutes
MINUTE = 60_000  # milliseconds
SUMMED = ("visits", "views", "visitors", "one_view_visits", "seconds", "suspects", "bots")


@dataclass(frozen=True)
class Point:
    """One bar of the chart and one line of its table."""

    label: str
    begins: date | datetime
    visits: int = 0
    views: int = 0
    visitors: int = 0


@dataclass(frozen=True)
class Figure:
    """A sum, and how it changed. What is compared may be less than the sum: a day that goes on is left out."""

    name: str
    title: str
    value: int
    before: int | None = None
    change_of: int | None = None

    @property
    def change(self) -> int | None:
        """In per cent; None where there is nothing to compare with."""
        if not self.before or self.change_of is None:
            return None
        return round(100 * (self.change_of - self.before) / self.before)

    @property
    def change_in_words(self) -> str:
        return "" if self.change is None else f"{self.change:+}%".replace("-", "−")


def first_day() -> date:
    """The first day with figures; today on a new site."""
    return Day.objects.aggregate(first=Min("day"))["first"] or timezone.localdate()


def sums(period: Period) -> dict[str, int]:
    found = Day.objects.filter(day__range=(period.start, period.end)).aggregate(
        **{name: Sum(name) for name in SUMMED}, peak_online=Max("peak_online")
    )
    return {name: value or 0 for name, value in found.items()}


def comparable(period: Period, comparison: str) -> tuple[dict[str, int], dict[str, int]] | None:
    """What a change is worked out from: both periods without what has not happened yet.

    A period that holds today is compared up to yesterday; today itself by its full hours.
    """
    today = timezone.localdate()
    compared = period.compared(comparison)
    if compared is None:
        return None
    if period.start == today:
        now = timezone.localtime()
        return _hours(today, now.hour), _hours(compared.start, now.hour)
    if period.end == today:
        length = (today - DAY - period.start).days
        earlier = Period("custom", compared.start, min(compared.end, compared.start + length * DAY))
        return sums(Period("custom", period.start, today - DAY)), sums(earlier)
    return sums(period), sums(compared)


def _hours(day: date, count: int) -> dict[str, int]:
    """The sums of a day's first hours."""
    midnight = _midnight(day)
    found = Hour.objects.filter(
        begins_at__gte=midnight, begins_at__lt=midnight + timedelta(hours=count)
    ).aggregate(visits=Sum("visits"), views=Sum("views"))
    return {name: value or 0 for name, value in found.items()}


def series(period: Period) -> list[Point]:
    """One point for each hour, day or month of the period, also for those without a view."""
    if period.unit == "hour":
        points = _by_hour(period)
        if any(point.views for point in points) or not sums(period)["views"]:
            return points
    if period.unit == "month":
        return _by_month(period)
    return _by_day(period)


def _by_hour(period: Period) -> list[Point]:
    begin, end = _midnight(period.start), _midnight(period.end + DAY)
    rows = {row.begins_at: row for row in Hour.objects.filter(begins_at__gte=begin, begins_at__lt=end)}
    points = []
    hour = begin
    while hour < end:
        row = rows.get(hour) or Hour(begins_at=hour)
        local = timezone.localtime(hour)
        label = date_format(local, "H:i") if period.days == 1 else date_format(local, "H:i d/m")
        points.append(Point(label, local, row.visits, row.views, row.visitors))
        hour += timedelta(hours=1)
    return points


def _by_day(period: Period) -> list[Point]:
    rows = Day.objects.in_bulk([period.start + n * DAY for n in range(period.days)])
    points = []
    for number in range(period.days):
        day = period.start + number * DAY
        row = rows.get(day) or Day(day=day)
        points.append(Point(date_format(day, "d/m/Y"), day, row.visits, row.views, row.visitors))
    return points


def _by_month(period: Period) -> list[Point]:
    found = (
        Day.objects.filter(day__range=(period.start, period.end))
        .annotate(month=TruncMonth("day"))
        .values("month")
        .annotate(**{name: Sum(name) for name in ("visits", "views", "visitors")})
    )
    rows = {row.pop("month"): row for row in found.order_by()}
    points, month = [], period.start.replace(day=1)
    while month <= period.end:
        points.append(Point(date_format(month, "m/Y"), month, **rows.get(month, {})))
        month = (month + 31 * DAY).replace(day=1)
    return points


@dataclass(frozen=True)
class Live:
    """The last LIVE minutes: views of each, the oldest first, and the pages that are read most."""

    minutes: list[int]
    pages: list[Row]

    @property
    def views(self) -> int:
        return sum(self.minutes)


def live() -> Live:
    now = int(timezone.now().timestamp() * 1000)
    begin = now - now % MINUTE - (LIVE - 1) * MINUTE
    minutes, views = [0] * LIVE, defaultdict(int)
    rows = MinutePage.objects.filter(minute__gte=begin).values_list("minute", "label__text", "views")
    for minute, label, count in rows:
        minutes[min((minute - begin) // MINUTE, LIVE - 1)] += count
        views[label] += count
    largest = sorted(views, key=views.get, reverse=True)[:ROWS]
    ids = [int(label[8:]) for label in largest if label.startswith("article:")]
    articles = {f"article:{row.pk}": row for row in Article.objects.for_card().filter(pk__in=ids)}
    found = names(largest)
    pages = []
    for label in largest:
        article = articles.get(label)
        text, url = (article.headline, article.get_absolute_url()) if article else found[label]
        pages.append(Row(text, url, 0, views[label], round(100 * views[label] / views[largest[0]])))
    return Live(minutes, pages)


def notes(period: Period) -> list[Note]:
    return list(Note.objects.filter(day__range=(period.start, period.end)).order_by("day", "id"))


def gaps(period: Period) -> list[Gap]:
    return list(
        Gap.objects.filter(began_at__lt=_midnight(period.end + DAY), ended_at__gte=_midnight(period.start))
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
