"""Made-up figures of two years for the demo: plausible weeks, nights, holidays and busy days, always the same."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from math import exp

from django.utils import timezone

from articles.models import Article, Section

from . import retention
from .keys import DAY
from .models import Day, Hour, Label, LabelDay, Note, Total

DAYS = 730
VISITS = 900  # of an ordinary weekday, at the end of the two years
HOURS = [3, 2, 1, 1, 1, 3, 8, 16, 22, 24, 22, 20, 18, 15, 17, 19, 18, 17, 16, 19, 23, 22, 14, 7]
WEEK = [1.0, 1.05, 1.08, 1.04, 1.0, 0.72, 0.66]  # from Monday
FADES_IN = 4  # days after which a story has a third of its readers left
SHARES = {
    "channel": {"search": 34, "social": 31, "direct": 24, "website": 7, "assistant": 3, "inside": 1},
    "referrer": {
        "Google": 28, "Facebook": 20, "Zalo": 10, "Cốc Cốc": 5, "congan.huonggiang.gov.vn": 3, "ChatGPT": 2,
        "huonggiang.gov.vn": 3, "Bing": 1, "YouTube": 1, "Gemini": 1, "baohuonggiang.vn": 2,
    },
    "device": {"phone": 68, "computer": 27, "tablet": 4, "television": 1},
    "browser": {"Chrome": 46, "Safari": 16, "Cốc Cốc": 11, "Zalo": 9, "Facebook": 8, "Edge": 5, "Samsung Internet": 4, "Firefox": 1},
    "system": {"Android": 47, "iOS": 22, "Windows": 26, "macOS": 3, "Linux": 2},
}  # fmt: skip
PROGRAMS = {"Googlebot": 40, "bingbot": 18, "coccocbot": 12, "GPTBot": 9, "facebookexternalhit": 8, "AhrefsBot": 7, "Bytespider": 6}  # fmt: skip
REASONS = {"prefetch": 9, "staff": 6, "suspect": 4, "not-document": 1}
NOT_FOUND = {"/wp-login.php": 5, "/rss.xml": 3, "/tin-tuc/tin-cu-123.html": 2, "/uploads/thong-bao.pdf": 2}
BUSY = {-41: (2.6, "Cảnh báo lũ trên sông Hương Giang"), -188: (1.9, "Ngày hội Đại đoàn kết toàn dân")}


def load() -> None:
    """Fills the figures of a portal that has none yet."""
    dice = random.Random(1945)  # noqa: S311 - nothing secret
    today = timezone.localdate()
    stories = [
        (row.pk, timezone.localdate(row.published_at)) for row in Article.objects.published().order_by("pk")
    ]
    attraction = {pk: dice.lognormvariate(0, 0.8) for pk, _published in stories}
    sections = list(Section.objects.order_by("pk").values_list("slug", flat=True))
    labels = _Labels(today - DAYS * DAY)
    days, hours = [], []
    for number in range(-DAYS, 0):
        day = today + number * DAY
        figures = _day(day, number, dice)
        days.append(figures)
        if number > -retention.HOUR_DAYS:
            hours += _hours(figures, dice)
        pages = {
            f"article:{pk}": attraction[pk] * _freshness(day, published)
            for pk, published in stories
            if published <= day
        }
        pages |= {"home": 0.5 * sum(pages.values()) + 0.1, "search": 0.1}
        pages |= {f"section:{slug}": 0.12 for slug in sections}
        labels.count(day, "page", pages, figures.views, figures.visits)
        for kind, shares in SHARES.items():
            views = 0 if kind in ("channel", "referrer") else figures.views
            labels.count(
                day,
                kind,
                {text: share * dice.uniform(0.8, 1.2) for text, share in shares.items()},
                views,
                figures.visits,
            )
        labels.count(day, "bot", PROGRAMS, figures.bots, 0)
        labels.count(day, "excluded", {**REASONS, "bot": 60}, figures.bots * 4 // 3, 0)
        labels.count(day, "not_found", NOT_FOUND, dice.randint(5, 40), 0)
    Day.objects.bulk_create(days)
    Hour.objects.bulk_create(hours)
    labels.save()
    for number, (_factor, text) in BUSY.items():
        Note.objects.create(day=today + number * DAY, text=text)
    Total.add(visits=sum(day.visits for day in days), views=sum(day.views for day in days))
    retention.close_days(today)


def _day(day: date, number: int, dice: random.Random) -> Day:
    growth = exp(0.9 * number / DAYS)
    holiday = 0.55 if (day.month, day.day) in {(1, 1), (4, 30), (5, 1), (9, 2)} else 1
    busy = max(
        (factor * exp(-(number - at) / 2) for at, (factor, _text) in BUSY.items() if 0 <= number - at < 6),
        default=0,
    )
    visits = round(VISITS * growth * WEEK[day.weekday()] * holiday * (1 + busy) * dice.gauss(1, 0.07))
    views = round(visits * dice.uniform(1.9, 2.3))
    return Day(
        day=day,
        visits=visits,
        views=views,
        visitors=round(visits * dice.uniform(0.8, 0.86)),
        one_view_visits=round(visits * dice.uniform(0.52, 0.6)),
        seconds=round(visits * dice.uniform(85, 120)),
        suspects=dice.randint(0, 60),
        bots=round(visits * dice.uniform(0.5, 0.9)),
        peak_online=max(3, round(visits / dice.uniform(28, 36))),
    )


def _hours(day: Day, dice: random.Random) -> list[Hour]:
    midnight = timezone.make_aware(datetime.combine(day.day, time.min)).astimezone(UTC)
    shares = [share * dice.uniform(0.85, 1.15) for share in HOURS]
    columns = [_split(total, shares) for total in (day.views, day.visits, day.visitors)]
    return [
        Hour(
            begins_at=midnight + timedelta(hours=hour),
            views=views,
            visits=visits,
            visitors=max(visitors, min(visits, 1)),
        )
        for hour, (views, visits, visitors) in enumerate(zip(*columns, strict=True))
    ]


def _freshness(day: date, published: date) -> float:
    age = (day - published).days
    return exp(-age / FADES_IN) + 0.012


def _split(total: int, shares: list[float]) -> list[int]:
    """Whole numbers in these proportions that add up to the total."""
    whole, parts, given = sum(shares) or 1, [], 0
    passed = 0.0
    for share in shares:
        passed += share
        part = round(total * passed / whole) - given
        parts.append(part)
        given += part
    return parts


class _Labels:
    """Collects the figures of labels, to write them all at once."""

    def __init__(self, added_on: date):
        self.added_on = added_on
        self.sums: dict[tuple[str, str], dict[date, tuple[int, int]]] = defaultdict(dict)

    def count(self, day: date, kind: str, shares: dict[str, float], views: int, visits: int) -> None:
        of_views, of_visits = (_split(total, list(shares.values())) for total in (views, visits))
        for text, *counts in zip(shares, of_views, of_visits, strict=True):
            if any(counts):
                self.sums[kind, text][day] = tuple(counts)

    def save(self) -> None:
        labels = Label.objects.bulk_create(
            Label(kind=kind, text=text, added_on=self.added_on) for kind, text in self.sums
        )
        rows = [
            LabelDay(day=day, label=label, views=views, visits=visits)
            for label in labels
            for day, (views, visits) in self.sums[label.kind, label.text].items()
        ]
        LabelDay.objects.bulk_create(rows, batch_size=5000)
