"""Which days a choice means, and what they are compared with."""

from datetime import date

import pytest

from visitors.periods import Period, PeriodError, choose

TODAY = date(2026, 11, 24)
FIRST = date(2024, 3, 1)


@pytest.mark.parametrize(
    ("name", "start", "end", "unit"),
    [
        ("today", "2026-11-24", "2026-11-24", "hour"),
        ("yesterday", "2026-11-23", "2026-11-23", "hour"),
        ("7-days", "2026-11-17", "2026-11-23", "day"),
        ("30-days", "2026-10-25", "2026-11-23", "day"),
        ("this-month", "2026-11-01", "2026-11-24", "day"),
        ("last-month", "2026-10-01", "2026-10-31", "day"),
        ("this-year", "2026-01-01", "2026-11-24", "month"),
        ("all", "2024-03-01", "2026-11-24", "month"),
    ],
)
def test_named_period(name, start, end, unit):
    period, comparison = choose({"period": name}, today=TODAY, first=FIRST)

    assert (f"{period.start}", f"{period.end}", period.unit) == (start, end, unit)
    assert comparison == "before"


@pytest.mark.parametrize(
    ("name", "comparison", "start", "end"),
    [
        ("today", "before", "2026-11-23", "2026-11-23"),
        ("7-days", "before", "2026-11-10", "2026-11-16"),
        ("this-month", "before", "2026-10-01", "2026-10-24"),
        ("last-month", "before", "2026-09-01", "2026-09-30"),
        ("this-year", "before", "2025-01-01", "2025-11-24"),
        ("30-days", "year", "2025-10-25", "2025-11-23"),
    ],
)
def test_compared_period(name, comparison, start, end):
    period, comparison = choose({"period": name, "compare": comparison}, today=TODAY, first=FIRST)

    compared = period.compared(comparison)

    assert (f"{compared.start}", f"{compared.end}") == (start, end)


def test_nothing_is_compared_with_all_or_on_demand():
    assert Period("all", FIRST, TODAY).compared("before") is None
    assert Period("custom", FIRST, TODAY).compared("none") is None


def test_leap_day_and_short_months_are_compared():
    assert Period("custom", date(2028, 2, 29), date(2028, 2, 29)).compared("year").start == date(2027, 2, 28)
    period = Period("this-month", date(2026, 3, 1), date(2026, 3, 31))
    assert period.compared("before") == Period("custom", date(2026, 2, 1), date(2026, 2, 28))


def test_period_may_reach_into_the_future_but_ends_today():
    period, _comparison = choose({"from": "2026-11-20", "to": "2027-01-01"}, today=TODAY, first=FIRST)

    assert period.end == TODAY


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"period": "weekly"}, "hãy chọn trong danh sách"),
        ({"from": "2026-11-20"}, "đủ ngày đầu và ngày cuối"),
        ({"from": "20/11/2026", "to": "2026-13-45"}, "đủ ngày đầu và ngày cuối"),
        ({"from": "2026-11-20", "to": "2026-11-01"}, "hãy đổi lại hai ngày"),
        ({"from": "2027-01-01", "to": "2027-02-01"}, "ở tương lai"),
        ({"from": "2001-01-01", "to": "2026-01-01"}, "20 năm"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "trước năm 2000"),
    ],
    ids=lambda case: "&".join(case) if isinstance(case, dict) else "",
)
def test_senseless_period_is_refused_in_a_sentence(params, sentence):
    with pytest.raises(PeriodError, match=sentence):
        choose(params, today=TODAY, first=FIRST)
