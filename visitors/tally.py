"""From views to figures: which view begins a visit, what is suspect, what each day, hour and page gets. Pure.

Views of one reader's day are held against what is known of that reader's day so far, a Stay.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from .agents import Agent, identify
from .keys import LocalDays
from .pages import page_label
from .referrers import classify
from .spool import DROPPED, HERE, View

HOUR = 3_600_000  # milliseconds
MINUTE = 60_000
SUSPECT_WINDOW = 5 * MINUTE
DAY = timedelta(days=1)


@dataclass(slots=True)
class Stay:
    """One reader's day. Moments are milliseconds since 1970."""

    first_seen: int
    last_seen: int
    visits: int = 0
    views: int = 0
    visit_views: int = 0  # of the visit that goes on
    window_began: int = 0  # of the five minutes in which views are counted for suspicion
    window_views: int = 1
    is_moved: bool = False  # seen again after midnight under the next day's key

    def takes_for_suspect(self, at: int, limit: int) -> bool:
        """More than `limit` views in five minutes: no person's pace. Holds until five minutes without a view."""
        since = self.last_seen if self.window_views > limit else self.window_began
        if at - since >= SUSPECT_WINDOW:
            self.window_began, self.window_views = at, 0
        self.window_views += 1
        return self.window_views > limit


@dataclass(slots=True)
class DayFigures:
    views: int = 0
    visits: int = 0
    visitors: int = 0
    one_view_visits: int = 0
    seconds: int = 0
    suspects: int = 0
    bots: int = 0


@dataclass(slots=True)
class HourFigures:
    views: int = 0
    visits: int = 0
    visitors: int = 0


@dataclass
class Rules:
    """Settings that decide what is a visit."""

    idle: int  # milliseconds
    suspect_views: int


@dataclass
class Tally:
    """What a batch of views adds."""

    stays: dict[tuple[date, int], Stay]
    days: dict[date, DayFigures] = field(default_factory=lambda: defaultdict(DayFigures))
    hours: dict[int, HourFigures] = field(default_factory=lambda: defaultdict(HourFigures))
    # (day, kind, text) -> [views, visits]
    labels: dict[tuple[date, str, str], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0])
    )
    minutes: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    views: int = 0
    visits: int = 0

    def label(self, day: date, kind: str, text: str, *, views: int = 0, visits: int = 0) -> None:
        counts = self.labels[day, kind, text]
        counts[0] += views
        counts[1] += visits


def keys_of(views: Iterable[View], days: LocalDays) -> set[tuple[date, int]]:
    """Whose days must be known before fold()."""
    keys = set()
    for view in views:
        if view.key is not None and not view.reason:
            day = days.of(view.at)
            keys.add((day, view.key))
            if view.previous_key is not None:
                keys.add((day - DAY, view.previous_key))
    return keys


def fold(
    views: Iterable[View],
    known: dict[tuple[date, int], Stay],
    days: LocalDays,
    rules: Rules,
    label_of: Callable[[str], str] = page_label,
) -> Tally:
    """Counts the views in the order of their moments. `known` is changed and becomes the tally's stays."""
    tally = Tally(stays=known)
    for view in sorted(views, key=lambda view: view.at):
        _count(view, tally, days.of(view.at), rules, label_of)
    return tally


def _count(view: View, tally: Tally, day: date, rules: Rules, label_of: Callable[[str], str]) -> None:
    agent = Agent() if view.agent == DROPPED else identify(view.agent)
    figures = tally.days[day]
    reason = "bot" if agent.program else view.reason
    hour = tally.hours[view.at - view.at % HOUR]
    if reason:
        begins = None
    elif view.key is None:
        begins = view.referrer != HERE
        figures.one_view_visits += begins
    else:
        begins = _visit(view, tally, day, hour, rules)
        reason = "suspect" if begins is None else ""
    if reason:
        _leave_out(view, tally, day, reason, agent)
        return
    for sums in (figures, hour, tally):
        sums.views += 1
        sums.visits += begins
    _label(view, tally, day, agent, label_of(view.path), visits=int(begins))


def _visit(view: View, tally: Tally, day: date, hour: HourFigures, rules: Rules) -> bool | None:
    """Whether the view begins a visit; None where it is suspect."""
    at, figures = view.at, tally.days[day]
    if view.previous_key is not None:
        # Yesterday's views of this reader may be shipped later, by another process: their row is made now.
        absent = Stay(first_seen=at, last_seen=at, window_began=at, window_views=0)
        tally.stays.setdefault((day - DAY, view.previous_key), absent).is_moved = True
    stay = tally.stays.get((day, view.key))
    if stay is None:
        stay = tally.stays[day, view.key] = Stay(first_seen=at, last_seen=at, window_began=at)
    elif stay.takes_for_suspect(at, rules.suspect_views):
        stay.last_seen = max(stay.last_seen, at)
        return None
    is_new = stay.views == 0
    if is_new:
        stay.first_seen = stay.last_seen = at
    hour.visitors += is_new or at - at % HOUR > stay.last_seen or at - at % HOUR + HOUR <= stay.first_seen
    figures.visitors += is_new
    # Shipped late, from another machine: a visit of its own, before the one that goes on.
    is_earlier = stay.first_seen - at > rules.idle
    begins = is_new or is_earlier or at - stay.last_seen > rules.idle
    if begins:
        figures.one_view_visits += 1
        stay.visits += 1
        stay.visit_views = stay.visit_views if is_earlier else 1
    else:
        figures.one_view_visits -= stay.visit_views == 1
        figures.seconds += max(0, round((at - stay.last_seen) / 1000))
        stay.visit_views += 1
    stay.views += 1
    stay.first_seen, stay.last_seen = min(stay.first_seen, at), max(stay.last_seen, at)
    return begins


def _leave_out(view: View, tally: Tally, day: date, reason: str, agent: Agent) -> None:
    figures = tally.days[day]
    tally.label(day, "excluded", reason, views=1)
    if reason == "bot":
        figures.bots += 1
        tally.label(day, "bot", agent.program or "?", views=1)
    elif reason == "suspect":
        figures.suspects += 1
    elif reason == "not-found":
        tally.label(day, "not_found", view.path, views=1)


def _label(view: View, tally: Tally, day: date, agent: Agent, page: str, *, visits: int) -> None:
    tally.label(day, "page", page, views=1, visits=visits)
    tally.minutes[view.at - view.at % MINUTE, page] += 1
    if view.agent != DROPPED:
        for kind in ("device", "browser", "system"):
            tally.label(day, kind, getattr(agent, kind) or "?", views=1, visits=visits)
        if visits:
            referrer = classify(view.referrer)
            tally.label(day, "channel", referrer.channel, visits=1)
            if referrer.name:
                tally.label(day, "referrer", referrer.name, visits=1)
