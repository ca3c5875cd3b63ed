"""What the page of statistics shows, put together for its template."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.models import MissedSearch

from . import dashboard, rankings
from .counter import counter
from .dashboard import Figure, Point
from .models import Gap, Note
from .periods import COMPARISONS, NAMES, Period

LEFT = ("articles", "sections", "authors", "entries", "pages")
RIGHT = ("channel", "referrer", "device", "browser", "system")
MISSED = 20
BELOW = ("excluded", "bot", "not_found")


def pickers(params: Mapping[str, str], period: Period | None = None, comparison: str = "before") -> dict:
    """The choice of period and comparison; `params` brings back what was typed."""
    return {
        "period": period,
        "periods": NAMES,
        "comparison": comparison,
        "comparisons": COMPARISONS,
        "typed_from": params.get("from") or (period and period.start.isoformat()) or "",
        "typed_to": params.get("to") or (period and period.end.isoformat()) or "",
    }


def context(period: Period, comparison: str, params: Mapping[str, str]) -> dict:
    sums = dashboard.sums(period)
    pair = dashboard.comparable(period, comparison)
    compared = period.compared(comparison)
    points = dashboard.series(period)
    before = dashboard.series(compared) if compared else []
    tables = rankings.tables(period)
    notes, gaps = dashboard.notes(period), dashboard.gaps(period)
    return {
        **pickers(params, period, comparison),
        **live_context(),
        "compared": compared,
        "figures": figures(sums, pair),
        "sums": sums,
        "one_view_share": _per_cent(sums["one_view_visits"], sums["visits"]),
        "views_a_visit": round(sums["views"] / sums["visits"], 1) if sums["visits"] else None,
        "minutes_a_visit": round(sums["seconds"] / sums["visits"] / 60, 1) if sums["visits"] else None,
        "points": points,
        "chart": chart(period, points, before, notes, gaps),
        "left": [tables[name] for name in LEFT],
        "right": [tables[name] for name in RIGHT],
        "below": [tables[name] for name in BELOW],
        "missed_searches": MissedSearch.objects.all()[:MISSED],
        "notes": notes,
        "gaps": gaps,
        "is_today_in": period.end == timezone.localdate(),
    }


def live_context() -> dict:
    shown = counter().figures()
    live = dashboard.live()
    return {
        "live": live,
        "live_bars": bars(live.minutes),
        "online": shown.online if shown else None,
        "as_of": shown and datetime.fromtimestamp(shown.as_of / 1000, timezone.get_default_timezone()),
    }


def bars(minutes: list[int]) -> list[dict]:
    """Rectangles of a picture 60 high, one every 20; a minute without views keeps a line of 1."""
    largest = max(minutes) or 1
    heights = [max(1, round(60 * views / largest)) for views in minutes]
    return [
        {"views": views, "x": 20 * number + 2, "y": 60 - height, "height": height}
        for number, (views, height) in enumerate(zip(minutes, heights, strict=True))
    ]


def figures(sums: dict[str, int], pair: tuple[dict, dict] | None) -> list[Figure]:
    """Sums with their change; `pair` as from dashboard.comparable()."""
    now, before = pair or ({}, {})
    titles = {"visits": _("Visits"), "views": _("Views"), "visitors": _("Visitors (sum of days)")}
    return [
        Figure(name, title, sums[name], before.get(name), change_of=now.get(name))
        for name, title in titles.items()
    ]


def chart(
    period: Period, points: list[Point], before: list[Point], notes: list[Note], gaps: list[Gap]
) -> dict:
    """For static/js/admin/statistics.js: one list for each line, marks by their place on the axis."""
    names = {"visits": _("Visits"), "views": _("Views"), "visitors": _("Visitors")}
    places = {_day(point.begins): number for number, point in reversed(list(enumerate(points)))}
    outages = [(timezone.localdate(gap.began_at), gap.get_reason_display()) for gap in gaps]
    return {
        "labels": [_short(point, period) for point in points],
        "lines": {name: [getattr(point, name) for point in points] for name in names},
        "before": {name: [getattr(point, name) for point in before] for name in names},
        "notes": _placed([(note.day, note.text) for note in notes], places, period),
        "gaps": _placed(outages, places, period),
        "texts": {**names, "before": _("Compared")},
    }


def _placed(marks: list[tuple[date, str]], places: dict[date, int], period: Period) -> list[dict]:
    days = [(day.replace(day=1) if period.unit == "month" else day, text) for day, text in marks]
    return [{"at": places[day], "text": text} for day, text in days if day in places]


def _short(point: Point, period: Period) -> str:
    return point.label if period.unit != "day" else date_format(point.begins, "d/m")


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _per_cent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
