"""Brings the spool's views into the database, and the public figures out of it.

One process of each machine ships at a time, one machine at a time stores. What was stored is told by the ledger
(models.Source), so views are stored once whatever is killed, cut or restarted in between.
"""

import logging
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import DataError, Error, IntegrityError, connection
from django.db.backends.utils import CursorWrapper

from . import storing
from .depot import Depot, Segment
from .figures import Board, Figures
from .keys import DAY, Salts
from .spool import View
from .tally import fold

logger = logging.getLogger(__name__)

FILES_AT_ONCE = 400
VIEWS_AT_ONCE = 20_000
REFRESH_EVERY = 5  # seconds, for a site that nobody reads just now: "online" falls all the same
AWAY_AFTER = 60  # seconds of failing before it is noted as a gap
FAILURES = 3  # of storing one file, before it is set aside
OLDEST, NEWEST = 40 * 24 * 3_600_000, 10 * 60_000  # milliseconds; a moment outside is a clock gone wrong


class Shipper:
    """The machine's shipping, while this process holds the depot."""

    def __init__(self, folder: Path):
        self.depot = Depot(folder)
        self.salts = Salts(folder)
        self.board = Board(folder)
        self._failures: Counter[str] = Counter()
        self._one_by_one = 0  # files that are stored singly, to find the one that cannot be
        self._salts_shared_for: date | None = None
        self._refreshed_at = 0.0
        self._away_since: float | None = None

    def ship(self, deadline: float | None = None) -> int:
        """Stores all that waits, up to `deadline` (time.monotonic()); how many views. Raises django.db.Error."""
        stored = 0
        try:
            self.share_salts()
            self.depot.adopt()
            while names := self._next_files():
                stored += self._ship_files(names)
                self._refreshed_at = time.monotonic()
                if deadline is not None and time.monotonic() > deadline:
                    break
            if time.monotonic() - self._refreshed_at > REFRESH_EVERY:
                self.refresh()
            self._note_return()
        except Error:
            connection.close()
            self._away_since = self._away_since or time.time()
            self.depot.pack()
            raise
        return stored

    def refresh(self) -> None:
        """Brings the public figures up to date and stores the gaps that wait."""
        with storing.transaction_alone() as cursor:
            gaps = self.depot.gaps()
            storing.store_gaps(cursor, gaps)
            figures = storing.read_figures(cursor)
        self._after_commit(figures, gaps)

    def share_salts(self) -> None:
        """All machines take the salts that were in the database first; today's and tomorrow's are made."""
        today = storing.local_days(settings.TIME_ZONE).of(time.time_ns() // 1_000_000)
        if self._salts_shared_for == today:
            return
        mine = {day: self.salts.of(day) for day in (today, today + DAY)}
        with storing.transaction_alone() as cursor:
            cursor.execute(
                "INSERT INTO visitors_salt (day, value) SELECT * FROM unnest(%s::date[], %s::bytea[])"
                " ON CONFLICT DO NOTHING",
                [list(mine), list(mine.values())],
            )
            cursor.execute("DELETE FROM visitors_salt WHERE day < %s", [today - DAY])
            cursor.execute("SELECT day, value FROM visitors_salt")
            shared = {day: bytes(value) for day, value in cursor.fetchall()}
        self.salts.keep(shared, shared=True)
        self._salts_shared_for = today

    def _next_files(self) -> list[str]:
        names = self.depot.waiting()
        if names and (names[0].endswith(".pack") or self._one_by_one):
            return names[:1]
        return names[:FILES_AT_ONCE]

    def _ship_files(self, names: list[str]) -> int:
        try:
            segments = (segment for name in names for segment in self.depot.read(name))
            stored = sum(self._store(batch) for batch in _batches(segments))
        except Exception as error:
            if _blames_no_file(error):
                raise
            logger.exception(
                "Views cannot be stored: %s", names[0] if len(names) == 1 else f"{len(names)} files"
            )
            self._find_culprit(names)
            return 0
        self.depot.remove(names)
        self._one_by_one = max(0, self._one_by_one - len(names))
        return stored

    def _find_culprit(self, names: list[str]) -> None:
        if len(names) > 1:
            self._one_by_one = len(names)
            return
        self._failures[names[0]] += 1
        if self._failures[names[0]] >= FAILURES:
            self._set_aside(names[0])

    def _set_aside(self, name: str) -> None:
        """All of the file's segments that can be stored are stored first: a pack has many."""
        refused = 0
        for segment in self.depot.read(name):
            try:
                self._store([segment])
            except Exception as error:
                if _blames_no_file(error):
                    raise
                refused += len(segment.lines)
        self.depot.set_aside(name)
        self.depot.note_gap("aside", views=refused)
        logger.error("%s was set aside: %s views are not stored.", name, refused)

    def _store(self, segments: list[Segment]) -> int:
        with storing.transaction_alone() as cursor:
            fresh = storing.take_into_ledger(cursor, segments)
            views = [view for segment in fresh for line in segment.lines if (view := View.from_line(line))]
            views = _with_plausible_moments(cursor, views)
            tally = fold(
                views,
                storing.known_stays(cursor, views),
                storing.local_days(settings.TIME_ZONE),
                storing.rules(),
            )
            storing.store_tally(cursor, tally)
            gaps = self.depot.gaps()
            storing.store_gaps(cursor, gaps)
            figures = storing.read_figures(cursor)
            storing.store_peak(cursor, figures)
        self._after_commit(figures, gaps)
        return len(views)

    def _after_commit(self, figures: Figures, gaps: dict[str, dict]) -> None:
        self.depot.remove(list(gaps))
        self._refreshed_at = time.monotonic()
        try:
            self.board.write(figures)
        except OSError as error:
            logger.error("The public figures cannot be written: %s", error)

    def _note_return(self) -> None:
        since, self._away_since = self._away_since, None
        if since is not None and time.time() - since > AWAY_AFTER:
            self.depot.note_gap("away", views=0, at=since, until=time.time())


def _batches(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    """Groups of up to VIEWS_AT_ONCE views, so that a long backlog is many short transactions."""
    batch, views = [], 0
    for segment in segments:
        if batch and views + len(segment.lines) > VIEWS_AT_ONCE:
            yield batch
            batch, views = [], 0
        batch.append(segment)
        views += len(segment.lines)
    if batch:
        yield batch


def _with_plausible_moments(cursor: CursorWrapper, views: list[View]) -> list[View]:
    """The database's clock is the judge; what cannot be is counted as now."""
    now = storing.now(cursor)
    right = [view for view in views if now - OLDEST <= view.at <= now + NEWEST]
    wrong = [view for view in views if not now - OLDEST <= view.at <= now + NEWEST]
    if wrong:
        storing.store_gap(
            cursor,
            uuid.uuid4(),
            {"at": now / 1000, "until": now / 1000, "reason": "clock", "views": len(wrong)},
        )
    return right + [replace(view, at=now, previous_key=None) for view in wrong]


def _blames_no_file(error: Exception) -> bool:
    """The database is away, may only be read, is being migrated …, or somebody empties the folder."""
    if isinstance(error, Error):
        return not isinstance(error, DataError | IntegrityError)
    return isinstance(error, FileNotFoundError)
