"""What the shipper asks of the database: whole columns at a time, one statement a table, rows in order."""

import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max

from .depot import Segment
from .figures import Figures
from .keys import DAY, LocalDays
from .models import Label, LabelMonth
from .spool import View
from .tally import MINUTE, DayFigures, Rules, Stay, Tally, keys_of

STORING = 0x76697374  # the advisory lock of everybody who changes the figures
# Seconds after which a machine that lost its power or network within a transaction frees the others. Far more than
# the folding of a batch takes.
LONGEST_SILENCE = 60
NEW_LABELS = 2000  # a day and kind; what comes after them counts as Label.OTHER, so that nobody can mint rows
LIVE_MINUTES = 60
STAY_COLUMNS = (
    "day", "key", "first_seen", "last_seen", "visits", "views", "visit_views", "window_began", "window_views",
    "is_moved",
)  # fmt: skip


@cache
def local_days(zone: str) -> LocalDays:
    return LocalDays(zone)


@contextmanager
def transaction_alone() -> Iterator[CursorWrapper]:
    """A transaction beside which no other one changes the figures. Never waits long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '3s';"
            " SET LOCAL idle_in_transaction_session_timeout = %s",
            [LONGEST_SILENCE * 1000],
        )
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STORING])
        yield cursor


def read_figures(cursor: CursorWrapper) -> Figures:
    """The public figures as they stand in the database now."""
    now = time.time_ns() // 1_000_000
    today = local_days(settings.TIME_ZONE).of(now)
    metric = "views" if settings.VISITS_PUBLIC_FIGURE == "views" else "visits"
    cursor.execute(
        f"""
        SELECT
            coalesce((SELECT {metric} FROM visitors_total), 0),
            (SELECT count(*) FROM visitors_visitor
             WHERE day BETWEEN %(yesterday)s AND %(today)s AND last_seen > %(since)s
                AND NOT is_moved AND window_views <= %(suspect)s),
            coalesce((SELECT {metric} FROM visitors_day WHERE day = %(today)s), 0)
        """,  # noqa: S608 - one of two words
        {
            "today": today,
            "yesterday": today - DAY,
            "since": now - settings.VISITS_ONLINE_MINUTES * MINUTE,
            "suspect": settings.VISITS_SUSPECT_VIEWS,
        },
    )
    total, online, of_today = cursor.fetchone()
    return Figures(total=total, online=online, today=of_today, day=today, as_of=now)


@cache
def machine() -> str:
    """A name for people; two machines of one name do no harm."""
    return socket.gethostname()[:64]


def now(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
    return cursor.fetchone()[0]


def take_into_ledger(cursor: CursorWrapper, segments: list[Segment]) -> list[Segment]:
    """The segments that are not stored yet; from now on they are."""
    last = dict.fromkeys({segment.source for segment in segments}, 0)
    cursor.execute("SELECT id, last_sequence FROM visitors_source WHERE id = ANY(%s::uuid[])", [list(last)])
    last |= {source.hex: sequence for source, sequence in cursor.fetchall()}
    fresh = []
    for segment in segments:
        if segment.sequence > last[segment.source]:
            fresh.append(segment)
            last[segment.source] = segment.sequence
    cursor.execute(
        """
        INSERT INTO visitors_source (id, machine, last_sequence, shipped_at)
        SELECT id, %s, sequence, now() FROM unnest(%s::uuid[], %s::bigint[]) AS new (id, sequence)
        ON CONFLICT (id) DO UPDATE SET last_sequence = excluded.last_sequence, shipped_at = excluded.shipped_at
        """,
        [machine(), list(last), list(last.values())],
    )
    return fresh


def known_stays(cursor: CursorWrapper, views: list[View]) -> dict[tuple[date, int], Stay]:
    keys = keys_of(views, local_days(settings.TIME_ZONE))
    if not keys:
        return {}
    cursor.execute(
        f"""
        SELECT {", ".join(STAY_COLUMNS)} FROM visitors_visitor
        JOIN unnest(%s::date[], %s::bigint[]) AS wanted (day, key) USING (day, key)
        """,  # noqa: S608 - columns of ours
        [[day for day, key in keys], [key for day, key in keys]],
    )
    return {(day, key): Stay(*stay) for day, key, *stay in cursor.fetchall()}


def rules() -> Rules:
    return Rules(
        idle=settings.VISITS_IDLE_MINUTES * MINUTE,
        suspect_views=settings.VISITS_SUSPECT_VIEWS,
    )


def store_tally(cursor: CursorWrapper, tally: Tally) -> None:
    """Rows go in sorted, by whole columns: one statement a table, however many rows."""
    _store_stays(cursor, tally)
    add(cursor, "visitors_hour", ["begins_at"], [
        (datetime.fromtimestamp(hour / 1000, UTC), sums.views, sums.visits, sums.visitors)
        for hour, sums in tally.hours.items() if sums.views
    ], ["views", "visits", "visitors"], ["timestamptz"])  # fmt: skip
    _store_days(cursor, tally)
    ids = label_ids(cursor, {(kind, text): None for _day, kind, text in tally.labels})
    sums: dict[tuple[date, int], list[int]] = {}
    for (day, kind, text), (views, visits) in tally.labels.items():
        counts = sums.setdefault((day, ids[kind, text]), [0, 0])
        counts[0] += views
        counts[1] += visits
    rows = [(*key, *counts) for key, counts in sums.items()]
    add(cursor, "visitors_labelday", ["day", "label_id"], rows, ["views", "visits"], ["date", "bigint"])
    _add_late_labels(cursor, rows)
    _store_minutes(cursor, tally, ids)
    cursor.execute(
        """
        INSERT INTO visitors_total AS total (id, visits, views) VALUES (1, %s, %s)
        ON CONFLICT (id) DO UPDATE SET
            visits = total.visits + excluded.visits, views = total.views + excluded.views
        """,
        [tally.visits, tally.views],
    )


def add(
    cursor: CursorWrapper, table: str, keys: list[str], rows: list[tuple], counts: list[str], types: list[str]
) -> None:
    """Adds the counts to the rows with these keys, which are made where there are none."""
    if not rows:
        return
    columns = [*keys, *counts]
    arrays = ", ".join(f"%s::{kind}[]" for kind in [*types, *["bigint"] * len(counts)])
    sums = ", ".join(f"{name} = old.{name} + excluded.{name}" for name in counts)
    cursor.execute(
        f"""
        INSERT INTO {table} AS old ({", ".join(columns)}) SELECT * FROM unnest({arrays})
        ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {sums}
        """,  # noqa: S608 - names of ours
        [list(column) for column in zip(*sorted(rows), strict=True)],
    )


def _store_stays(cursor: CursorWrapper, tally: Tally) -> None:
    if not tally.stays:
        return
    columns = [name for name in STAY_COLUMNS if name not in ("day", "key")]
    rows = sorted((*key, *(getattr(stay, name) for name in columns)) for key, stay in tally.stays.items())
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    types = ["date", *["bigint"] * 8, "boolean"]
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    cursor.execute(
        f"""
        INSERT INTO visitors_visitor ({", ".join(STAY_COLUMNS)}) SELECT * FROM unnest({arrays})
        ON CONFLICT (day, key) DO UPDATE SET {changes}
        """,  # noqa: S608 - names of ours
        [list(column) for column in zip(*rows, strict=True)],
    )


def _store_days(cursor: CursorWrapper, tally: Tally) -> None:
    # Visits of one view can become fewer, which an INSERT would refuse: first the row, then the sums. A day that
    # has been closed has new labels now, and is closed again the next night.
    names = [field.name for field in fields(DayFigures)]
    rows = sorted((day, *(getattr(figures, name) for name in names)) for day, figures in tally.days.items())
    if not rows:
        return
    cursor.execute(
        f"""
        INSERT INTO visitors_day (day, {", ".join(names)}, peak_online, is_closed)
        SELECT day, {", ".join("0" for name in names)}, 0, false FROM unnest(%s::date[]) AS day
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - names of ours
        [[row[0] for row in rows]],
    )
    cursor.execute(
        f"""
        UPDATE visitors_day AS old SET
            {", ".join(f"{name} = old.{name} + new.{name}" for name in names)}, is_closed = false
        FROM unnest(%s::date[], {", ".join("%s::bigint[]" for name in names)}) AS new (day, {", ".join(names)})
        WHERE old.day = new.day
        """,  # noqa: S608 - names of ours
        [list(column) for column in zip(*rows, strict=True)],
    )


def label_ids(cursor: CursorWrapper, labels: dict[tuple[str, str], None]) -> dict[tuple[str, str], int]:
    """The id of each (kind, text); those beyond the day's NEW_LABELS of their kind share that of OTHER."""
    short = {label: (label[0], label[1][:250]) for label in labels}
    found = _find_labels(cursor, set(short.values()))
    if missing := sorted(set(short.values()) - found.keys()):
        today = local_days(settings.TIME_ZONE).of(time.time_ns() // 1_000_000)
        cursor.execute(
            "SELECT kind, count(*) FROM visitors_label WHERE added_on = %s AND text <> %s GROUP BY kind",
            [today, Label.OTHER],
        )
        room = Counter({kind: NEW_LABELS - count for kind, count in cursor.fetchall()})
        new = {(kind, Label.OTHER) for kind, text in missing}
        for kind, text in missing:
            if room.setdefault(kind, NEW_LABELS) > 0:
                new.add((kind, text))
                room[kind] -= 1
        kinds, texts = zip(*sorted(new), strict=True)
        cursor.execute(
            "INSERT INTO visitors_label (kind, text, added_on)"
            " SELECT kind, text, %s FROM unnest(%s::varchar[], %s::varchar[]) AS new (kind, text)"
            " ON CONFLICT DO NOTHING",
            [today, list(kinds), list(texts)],
        )
        found |= _find_labels(cursor, new)
    return {label: found.get(cut) or found[cut[0], Label.OTHER] for label, cut in short.items()}


def _find_labels(cursor: CursorWrapper, labels: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    if not labels:
        return {}
    kinds, texts = zip(*labels, strict=True)
    cursor.execute(
        "SELECT kind, text, id FROM visitors_label"
        " JOIN unnest(%s::varchar[], %s::varchar[]) AS wanted (kind, text) USING (kind, text)",
        [list(kinds), list(texts)],
    )
    return {(kind, text): id for kind, text, id in cursor.fetchall()}


def last_month_summed_up() -> date | None:
    """The newest month of LabelMonth, by its first day. Every month before it is there too."""
    return LabelMonth.objects.aggregate(last=Max("month"))["last"]


def _add_late_labels(cursor: CursorWrapper, rows: list[tuple]) -> None:
    """Views of days whose month has been summed up already."""
    last = last_month_summed_up()
    sums: dict[tuple[date, int], list[int]] = {}
    for day, label, views, visits in rows:
        if last is not None and day.replace(day=1) <= last:
            counts = sums.setdefault((day.replace(day=1), label), [0, 0])
            counts[0] += views
            counts[1] += visits
    late = [(*key, *counts) for key, counts in sums.items()]
    add(cursor, "visitors_labelmonth", ["month", "label_id"], late, ["views", "visits"], ["date", "bigint"])


def _store_minutes(cursor: CursorWrapper, tally: Tally, ids: dict[tuple[str, str], int]) -> None:
    oldest = time.time_ns() // 1_000_000 - LIVE_MINUTES * MINUTE
    sums: Counter[tuple[int, int]] = Counter()
    for (minute, page), views in tally.minutes.items():
        if minute >= oldest:
            sums[minute, ids[Label.Kind.PAGE, page]] += views
    rows = [(*key, views) for key, views in sums.items()]
    add(cursor, "visitors_minutepage", ["minute", "label_id"], rows, ["views"], ["bigint", "bigint"])
    cursor.execute("DELETE FROM visitors_minutepage WHERE minute < %s", [oldest])


def store_peak(cursor: CursorWrapper, figures: Figures) -> None:
    cursor.execute(
        "UPDATE visitors_day SET peak_online = %s WHERE day = %s AND peak_online < %s",
        [figures.online, figures.day, figures.online],
    )


def store_gaps(cursor: CursorWrapper, gaps: dict[str, dict]) -> None:
    """Takes what spool.Depot.gaps() gives; a gap that is there already stays as it is."""
    for name, gap in gaps.items():
        store_gap(cursor, uuid.UUID(name.removesuffix(".gap")), gap)


def store_gap(cursor: CursorWrapper, id: uuid.UUID, gap: dict) -> None:
    cursor.execute(
        "INSERT INTO visitors_gap (id, machine, began_at, ended_at, reason, views)"
        " VALUES (%s, %s, to_timestamp(%s), to_timestamp(%s), %s, %s) ON CONFLICT DO NOTHING",
        [id, machine(), gap["at"], gap["until"], gap["reason"], gap["views"]],
    )
