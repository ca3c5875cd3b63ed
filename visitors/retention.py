"""Closes days and removes what is past its time: in small batches, from any machine, as often as anybody likes."""

from datetime import date, datetime, time, timedelta

from django.db.models import Min
from django.utils import timezone

from . import storing
from .models import Day, Label, LabelDay

BATCH = 5_000  # rows a transaction
VISITOR_DAYS = 2
HOUR_DAYS = 400
SOURCE_DAYS = 100
PAGE_DAYS = 100
DETAIL_DAYS = 761  # 25 months
DETAILS_A_DAY = 200  # labels of a kind
PAGES_A_MONTH, DETAILS_A_MONTH = 1_000, 200
MONTH_IS_IN_AFTER = 3  # days, for views that are shipped late
# Statistics may still call a table empty that a busy day has filled, and joins then compare each row with each.
EACH_ROW_ONCE = "SET LOCAL enable_nestloop = off"
CLOSES_AT = 1  # o'clock, when the last views of the day before are in


def close_days(today: date) -> dict[str, int]:
    """Trims the days before today, sums up months and removes what is past its time; tells rows by table."""
    return {
        "labels of days trimmed": sum(map(_trim_day, _open_days(today))),
        "months summed up": sum(map(_sum_up_month, _months_to_sum_up(today))),
        "visitors removed": _prune(
            "visitors_visitor", "day < %s", [today - timedelta(days=VISITOR_DAYS - 1)]
        ),
        "hours removed": _prune(
            "visitors_hour", "begins_at < %s", [_midnight(today - timedelta(days=HOUR_DAYS))]
        ),
        "sources removed": _prune(
            "visitors_source", "shipped_at < %s", [_midnight(today - timedelta(days=SOURCE_DAYS))]
        ),
        "pages of days removed": _prune_labels(today - timedelta(days=PAGE_DAYS), is_page=True),
        "details of days removed": _prune_labels(today - timedelta(days=DETAIL_DAYS), is_page=False),
        "labels removed": _prune(
            "visitors_label",
            "added_on < %s AND text <> %s"
            " AND NOT EXISTS (SELECT FROM visitors_labelday WHERE label_id = visitors_label.id)"
            " AND NOT EXISTS (SELECT FROM visitors_labelmonth WHERE label_id = visitors_label.id)"
            " AND NOT EXISTS (SELECT FROM visitors_minutepage WHERE label_id = visitors_label.id)",
            [today - timedelta(days=1), Label.OTHER],
        ),
    }


def _prune(table: str, condition: str, values: list) -> int:
    removed = 0
    while True:
        with storing.transaction_alone() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - words of ours
                f"SELECT ctid FROM {table} WHERE {condition} LIMIT {BATCH}))",
                values,
            )
            removed += cursor.rowcount
            if cursor.rowcount < BATCH:
                return removed


def _open_days(today: date) -> list[date]:
    return list(
        Day.objects.filter(is_closed=False, day__lt=today).order_by("day").values_list("day", flat=True)
    )


def _trim_day(day: date) -> int:
    """Keeps the largest labels of each kind but pages; the rest is summed up as Label.OTHER."""
    with storing.transaction_alone() as cursor:
        cursor.execute(EACH_ROW_ONCE)
        cursor.execute(
            """
            WITH ranked AS (
                SELECT label_id, kind, row_number() OVER (
                    PARTITION BY kind ORDER BY visits DESC, views DESC, label_id
                ) AS place
                FROM visitors_labelday JOIN visitors_label ON visitors_label.id = label_id
                WHERE day = %(day)s AND kind <> 'page' AND text <> %(other)s
            ), gone AS (
                DELETE FROM visitors_labelday AS old USING ranked
                WHERE old.day = %(day)s AND old.label_id = ranked.label_id AND place > %(most)s
                RETURNING kind, views, visits
            )
            SELECT kind, sum(views), sum(visits), count(*) FROM gone GROUP BY kind
            """,
            {"day": day, "other": Label.OTHER, "most": DETAILS_A_DAY},
        )
        rest = cursor.fetchall()
        ids = storing.label_ids(cursor, {(kind, Label.OTHER): None for kind, *_sums in rest})
        rows = [(day, ids[kind, Label.OTHER], views, visits) for kind, views, visits, _count in rest]
        storing.add(
            cursor, "visitors_labelday", ["day", "label_id"], rows, ["views", "visits"], ["date", "bigint"]
        )
        cursor.execute("UPDATE visitors_day SET is_closed = true WHERE day = %s", [day])
        return sum(count for *_sums, count in rest)


def _months_to_sum_up(today: date) -> list[date]:
    """Months that are over and not in LabelMonth yet, the oldest first."""
    first = LabelDay.objects.aggregate(first=Min("day"))["first"]
    if first is None:
        return []
    last = storing.last_month_summed_up()
    month = first.replace(day=1) if last is None else _following(last)
    months = []
    while _following(month) + timedelta(days=MONTH_IS_IN_AFTER) <= today:
        months.append(month)
        month = _following(month)
    return months


def _sum_up_month(month: date) -> int:
    """Writes the month's largest labels of each kind, and the rest as Label.OTHER."""
    with storing.transaction_alone() as cursor:
        if (storing.last_month_summed_up() or date.min) >= month:
            return 0  # another machine was here
        cursor.execute(EACH_ROW_ONCE + "; SET LOCAL statement_timeout = '30s'")
        cursor.execute(
            """
            WITH sums AS (
                SELECT label_id, kind, text, sum(views) AS views, sum(visits) AS visits
                FROM visitors_labelday JOIN visitors_label ON visitors_label.id = label_id
                WHERE day >= %(month)s AND day < %(following)s GROUP BY label_id, kind, text
            ), ranked AS (
                SELECT *, text = %(other)s OR row_number() OVER (
                    PARTITION BY kind, text = %(other)s ORDER BY visits DESC, views DESC, label_id
                ) > CASE kind WHEN 'page' THEN %(pages)s ELSE %(details)s END AS is_rest
                FROM sums
            ), kept AS (
                INSERT INTO visitors_labelmonth (month, label_id, views, visits)
                SELECT %(month)s, label_id, views, visits FROM ranked WHERE NOT is_rest
            )
            SELECT kind, sum(views), sum(visits) FROM ranked WHERE is_rest GROUP BY kind
            """,
            {
                "month": month, "following": _following(month), "other": Label.OTHER,
                "pages": PAGES_A_MONTH, "details": DETAILS_A_MONTH,
            },
        )  # fmt: skip
        rest = cursor.fetchall()
        ids = storing.label_ids(cursor, {(kind, Label.OTHER): None for kind, *_sums in rest})
        rows = [(month, ids[kind, Label.OTHER], *sums) for kind, *sums in rest]
        storing.add(
            cursor, "visitors_labelmonth", ["month", "label_id"], rows, ["views", "visits"], ["date", "bigint"]
        )  # fmt: skip
    return 1


def _prune_labels(before: date, *, is_page: bool) -> int:
    """Days of whole months that LabelMonth has."""
    last = storing.last_month_summed_up()
    if last is None:
        return 0
    return _prune(
        "visitors_labelday",
        "day < %s AND label_id IN (SELECT id FROM visitors_label WHERE (kind = 'page') = %s)",
        [min(before.replace(day=1), _following(last)), is_page],
    )


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
