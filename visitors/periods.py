"""Periods of time as those who review figures choose them, and what they are compared with. Pure but for the words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DAY = timedelta(days=1)
LONGEST_BY_HOUR, LONGEST_BY_DAY = 2, 93  # days
EARLIEST = date(2000, 1, 1)  # before that no portal counted, and dates to compare with run out
LONGEST = 20 * 366  # days; more than any portal has, and still one quick query

NAMES = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "7-days": gettext_lazy("7 days"),
    "30-days": gettext_lazy("30 days"),
    "this-month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "this-year": gettext_lazy("This year"),
    "all": gettext_lazy("From the start"),
}
COMPARISONS = {
    "before": gettext_lazy("the period before"),
    "year": gettext_lazy("the same days last year"),
    "none": gettext_lazy("nothing"),
}


class PeriodError(Exception):
    """Why no figures can be shown for what was asked; a sentence for people."""


@dataclass(frozen=True)
class Period:
    """From the first day to the last one, both included. `name` is a key of NAMES, or "custom"."""

    name: str
    start: date
    end: date

    def __str__(self):
        if self.start == self.end:
            return date_format(self.start, "d/m/Y")
        return f"{date_format(self.start, 'd/m/Y')} – {date_format(self.end, 'd/m/Y')}"

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def unit(self) -> str:
        """How finely a chart shows it: "hour", "day" or "month"."""
        if self.days <= LONGEST_BY_HOUR:
            return "hour"
        return "day" if self.days <= LONGEST_BY_DAY else "month"

    def compared(self, comparison: str) -> "Period | None":
        """The period that a comparison holds this one against. None for none, and for all there is."""
        if comparison == "none" or self.name == "all":
            return None
        if comparison == "year":
            return Period("custom", _years_before(self.start, 1), _years_before(self.end, 1))
        if self.name in ("this-month", "last-month"):
            # Month against month, as people count: the 1st to the 20th, and the whole of a whole month.
            before = (self.start - DAY).replace(day=1)
            last = self.start - DAY
            end = (
                last
                if self.name == "last-month"
                else min(before.replace(day=1) + (self.end - self.start), last)
            )
            return Period("custom", before, end)
        if self.name == "this-year":
            return Period("custom", _years_before(self.start, 1), _years_before(self.end, 1))
        return Period("custom", self.start - self.days * DAY, self.start - DAY)


def choose(params: Mapping[str, str], *, today: date, first: date) -> tuple[Period, str]:
    """The period and the comparison that a query string asks for; `first` is the first day with figures.

    Raises PeriodError for a period that makes no sense.
    """
    comparison = params.get("compare", "before")
    if comparison not in COMPARISONS:
        comparison = "before"
    if params.get("from") or params.get("to"):
        return _custom(params, today), comparison
    name = params.get("period", "30-days")
    month = today.replace(day=1)
    periods = {
        "today": (today, today),
        "yesterday": (today - DAY, today - DAY),
        "7-days": (today - 7 * DAY, today - DAY),
        "30-days": (today - 30 * DAY, today - DAY),
        "this-month": (month, today),
        "last-month": ((month - DAY).replace(day=1), month - DAY),
        "this-year": (today.replace(month=1, day=1), today),
        "all": (min(first, today), today),
    }
    if name not in periods:
        raise PeriodError(_("This period is not known; choose one of the list."))
    return Period(name, *periods[name]), comparison


def _custom(params: Mapping[str, str], today: date) -> Period:
    start, end = _date(params.get("from", "")), _date(params.get("to", ""))
    if start is None or end is None:
        raise PeriodError(_("Give both days of the period, for example 01/10/2026 and 31/10/2026."))
    if start < EARLIEST:
        raise PeriodError(_("The period begins before the year 2000; choose a later day."))
    if start > end:
        raise PeriodError(_("The first day comes after the last one; change the two."))
    if start > today:
        raise PeriodError(_("The period lies in the future; there are no figures yet."))
    period = Period("custom", start, min(end, today))
    if period.days > LONGEST:
        raise PeriodError(_("The period is longer than 20 years; choose a shorter one."))
    return period


def _date(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
