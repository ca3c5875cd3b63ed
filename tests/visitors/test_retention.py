"""Days are closed and what is past its time goes: sums stay, and nobody minds how often or from where."""

import subprocess
import sys
import uuid
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from visitors import retention
from visitors.models import Day, Hour, Label, LabelDay, LabelMonth, Source, Visitor

from .conftest import NOON
from .readers import PHONE, read, ship

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
OTHER = Label.OTHER


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def count_labels(day: date, kind: str, number: int, *, is_closed=False) -> None:
    """Labels 1 … number, each with as many visits, and two views a visit."""
    Day.objects.get_or_create(day=day, defaults={"is_closed": is_closed})
    texts = [f"{kind} {n}" for n in range(1, number + 1)]
    Label.objects.bulk_create(
        [Label(kind=kind, text=text, added_on=day) for text in texts], ignore_conflicts=True
    )
    ids = dict(Label.objects.filter(kind=kind).values_list("text", "id"))
    LabelDay.objects.bulk_create(
        LabelDay(day=day, label_id=ids[text], visits=n, views=2 * n) for n, text in enumerate(texts, 1)
    )


def sums(rows) -> tuple[int, int]:
    found = rows.aggregate(visits=Sum("visits"), views=Sum("views"))
    return found["visits"] or 0, found["views"] or 0


def texts(rows) -> set[str]:
    return set(rows.values_list("label__text", flat=True))


def everything() -> dict[str, list]:
    return {
        model.__name__: sorted(model.objects.values_list(), key=str)
        for model in (Day, Hour, Label, LabelDay, LabelMonth, Source, Visitor)
    }


def make_visitors(day: date, number: int) -> None:
    Visitor.objects.bulk_create(
        Visitor(
            day=day, key=key, first_seen=0, last_seen=0, visits=1, views=1, visit_views=1, window_began=0,
            window_views=1, is_moved=False,
        )
        for key in range(number)
    )  # fmt: skip


def make_a_long_history() -> None:
    for days in (0, 1, 2, 40, 130, 850):
        count_labels(days_ago(days), "browser", 210)
        count_labels(days_ago(days), "page", 210)
        make_visitors(days_ago(days), 20)
        moment = timezone.make_aware(timezone.datetime.combine(days_ago(days), timezone.datetime.min.time()))
        Hour.objects.create(begins_at=moment, views=1)
        Source.objects.create(id=uuid.uuid4(), last_sequence=1, shipped_at=moment)


def test_closing_again_changes_nothing():
    make_a_long_history()
    retention.close_days(TODAY)
    once = everything()

    retention.close_days(TODAY)

    assert everything() == once


def test_details_of_a_day_are_trimmed_to_the_largest_and_their_sums_stay():
    for kind in ("browser", "referrer", "not_found"):
        count_labels(days_ago(1), kind, 230)
    count_labels(days_ago(1), "page", 230)
    count_labels(TODAY, "browser", 230)
    before = sums(LabelDay.objects.filter(day=days_ago(1)))

    retention.close_days(TODAY)

    for kind in ("browser", "referrer", "not_found"):
        rows = LabelDay.objects.filter(day=days_ago(1), label__kind=kind)
        assert texts(rows) == {OTHER, *(f"{kind} {n}" for n in range(31, 231))}
        assert rows.get(label__text=OTHER).visits == sum(range(1, 31))
    assert LabelDay.objects.filter(day=days_ago(1), label__kind="page").count() == 230
    assert LabelDay.objects.filter(day=TODAY).count() == 230
    assert sums(LabelDay.objects.filter(day=days_ago(1))) == before
    assert list(Day.objects.filter(is_closed=True).values_list("day", flat=True)) == [days_ago(1)]


def test_a_day_of_many_labels_is_trimmed_though_statistics_call_it_empty():
    count_labels(days_ago(3), "referrer", 3_000)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM visitors_labelday; DELETE FROM visitors_label")
        cursor.execute("ANALYZE visitors_labelday, visitors_label")
    count_labels(days_ago(1), "referrer", 12_000)

    retention.close_days(TODAY)

    assert LabelDay.objects.filter(day=days_ago(1)).count() == retention.DETAILS_A_DAY + 1


def test_views_shipped_after_the_closing_are_trimmed_by_the_next_one(client, clock, monkeypatch):
    monkeypatch.setattr(retention, "DETAILS_A_DAY", 2)
    for number in range(9):
        read(client, address=f"203.0.113.{number}", agent=PHONE, referer=f"https://bao-{number}.vn/")
        if number == 4:
            ship()
            retention.close_days(NOON.date() + timedelta(days=1))
    ship()
    retention.close_days(NOON.date() + timedelta(days=1))

    rows = LabelDay.objects.filter(label__kind="referrer")
    assert (rows.count(), sums(rows)[0]) == (3, 9)


@pytest.mark.parametrize(
    ("kind", "kept_days", "most", "labels"),
    [("page", 100, 1000, 1010), ("browser", 761, 200, 200), ("not_found", 761, 200, 200)],
)
def test_old_days_become_months_of_the_largest_labels_and_their_sums_stay(kind, kept_days, most, labels):
    month = days_ago(kept_days + 40).replace(day=1)
    count_labels(month, kind, labels, is_closed=True)
    count_labels(month + timedelta(days=20), kind, labels - 5, is_closed=True)
    LabelDay.objects.create(
        day=month, label=Label.objects.create(kind=kind, text=OTHER, added_on=month), visits=3, views=4
    )
    count_labels(days_ago(kept_days - 1), kind, 3, is_closed=True)
    before = sums(LabelDay.objects.filter(day__lt=days_ago(kept_days)))

    for _ in range(2):
        retention.close_days(TODAY)

    rows = LabelMonth.objects.filter(month=month, label__kind=kind)
    assert sums(rows) == before
    assert rows.exclude(label__text=OTHER).count() == min(most, labels)
    assert f"{kind} {labels - 7}" in texts(rows)
    assert not LabelDay.objects.filter(day__lt=days_ago(kept_days).replace(day=1)).exists()
    assert LabelDay.objects.filter(day=days_ago(kept_days - 1)).count() == 3


def test_visitors_go_after_two_days_and_hours_after_four_hundred():
    make_a_long_history()
    hour = Hour.objects.earliest("begins_at")
    for days in (400, 401):
        Hour.objects.create(begins_at=hour.begins_at + timedelta(days=850 - days), views=1)

    retention.close_days(TODAY)

    assert set(Visitor.objects.values_list("day", flat=True)) == {TODAY, days_ago(1)}
    ages = sorted((TODAY - timezone.localtime(row.begins_at).date()).days for row in Hour.objects.all())
    assert ages == [0, 1, 2, 40, 130, 400]
    assert Day.objects.count() == 6


def test_rows_go_in_small_batches(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 7)
    make_visitors(days_ago(3), 50)

    with CaptureQueriesContext(connection) as queries:
        retention.close_days(TODAY)

    assert not Visitor.objects.exists()
    assert sum("DELETE FROM visitors_visitor" in query["sql"] for query in queries) == 8


def test_labels_that_count_nothing_any_more_go():
    Label.objects.create(kind="page", text="article:1", added_on=days_ago(3))
    Label.objects.create(kind="page", text="article:2", added_on=TODAY)
    Label.objects.create(kind="page", text=OTHER, added_on=days_ago(3))
    count_labels(days_ago(1), "browser", 1)

    retention.close_days(TODAY)

    assert set(Label.objects.values_list("text", flat=True)) == {"article:2", OTHER, "browser 1"}


def test_two_machines_that_close_at_once_do_it_once(database, tmp_path):
    today = timezone.localdate()
    for days in (1, 2, 130, 131, 850):
        values = {"day": today - timedelta(days)}
        database.ask(
            "INSERT INTO visitors_day (day, views, visits, visitors, one_view_visits, seconds, suspects, bots,"
            " peak_online, is_closed) VALUES (%(day)s, 0, 0, 0, 0, 0, 0, 0, 0, false)",
            values,
        )
        for kind in ("page", "browser"):
            database.ask(
                "WITH new AS (INSERT INTO visitors_label (kind, text, added_on)"
                " SELECT %(kind)s, %(day)s || ' ' || n, %(day)s FROM generate_series(1, 1200) n RETURNING id)"
                " INSERT INTO visitors_labelday (day, label_id, views, visits)"
                " SELECT %(day)s, id, 2, 1 FROM new",
                {"kind": kind, **values},
            )
    environment = database.environment(tmp_path / "visits", DATA_DIR=tmp_path)

    commands = [
        subprocess.Popen(
            [sys.executable, "manage.py", "close_visit_days"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for command in commands:
        _, complaint = command.communicate(timeout=60)
        assert command.returncode == 0, complaint.decode()

    first = (today - timedelta(100)).replace(day=1)
    pages = "JOIN visitors_label l ON l.id = label_id WHERE kind = 'page'"
    ((in_days, older),) = database.ask(
        "SELECT sum(visits) FILTER (WHERE day >= %s), count(*) FILTER (WHERE day < %s)"
        f" FROM visitors_labelday d {pages}",
        [first, first],
    )
    ((in_months,),) = database.ask(
        f"SELECT sum(visits) FROM visitors_labelmonth {pages} AND month < %s", [first]
    )
    assert (in_days, older, in_months) == (2 * 1200, 0, 3 * 1200)
