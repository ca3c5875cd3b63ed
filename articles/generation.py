"""Which generation of the news pages belong to: one number, read at most once a second by each process.

A thread with connections of its own reads it, so that no reader ever waits for a database that does not answer. It
decides as well whether pages may be read from the replica: while that knows of the same changes as the primary.
"""

import logging
import math
import os
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg2.extensions
from django.conf import settings
from django.db import connections

from newsportal import replica

logger = logging.getLogger(__name__)

READ_EVERY = 1  # seconds
LATE = 0.1  # seconds by which the thread may come late before readers wait for it
# Seconds that a reader waits for a reading, and the thread for its answer: within half a second the reader has the page
# from before.
PATIENCE = 0.4
TRY_EVERY = 0.5  # seconds between two tries while the database is away
SILENT_AFTER = 3  # seconds; a busy server answers before, a frozen one never
REPLICA_SILENT_AFTER = 1  # seconds; who waits for it is answered by the primary
# The next moment at which pages change by themselves: a story comes out, an embargo ends, a story expires. And how
# far this server has come in the write-ahead log.
QUESTION = """
SELECT
    (SELECT coalesce(bit_xor(mark), 0) FROM articles_pagechange),
    extract(epoch FROM least(
        (SELECT min(published_at) FROM articles_article
         WHERE status = 'published' AND published_at > to_timestamp(%(now)s)),
        (SELECT min(embargo_until) FROM articles_article
         WHERE embargo_until > to_timestamp(%(now)s) AND status = 'published'),
        (SELECT min(expires_at) FROM articles_article
         WHERE expires_at > to_timestamp(%(now)s) AND status = 'published')
    ))::float8,
    CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')
        ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') END::float8,
    pg_is_in_recovery()
"""


@dataclass(frozen=True, slots=True)
class Reading:
    number: int
    changes_at: float  # time.time() of the next scheduled change
    read_at: float  # time.monotonic()
    is_of_replica: bool = False  # pages may be read there: it has all changes of this number

    @property
    def holds(self) -> bool:
        return (
            time.monotonic() - self.read_at < READ_EVERY + LATE
            and time.time() < self.changes_at  # the moment has come: what comes after it is to be asked
        )

    @property
    def last_second(self) -> int:
        """Of time.time(), the last whole one that is over before this reading is."""
        over_at = time.time() + self.read_at + READ_EVERY - time.monotonic()
        return math.floor(min(over_at, self.changes_at)) - 1


@dataclass(frozen=True, slots=True)
class State:
    """What one server said."""

    number: int
    changes_at: float
    position: float
    is_replica: bool
    read_at: float

    @classmethod
    def of(cls, row, read_at: float) -> "State":
        number, changes_at, position, is_replica = row
        return cls(int(number), math.inf if changes_at is None else changes_at, position, is_replica, read_at)


class Source:
    """One server, asked by the thread on a connection of its own."""

    def __init__(self, alias: str, name: str, on_silence: Callable[[str], None]):
        self.alias, self.name, self._on_silence = alias, name, on_silence
        self.away_since: float | None = None  # time.monotonic(), while it cannot be asked
        self.is_silent = False  # it takes connections and says nothing: whoever asks it waits for ever
        self.answered = -math.inf  # time.monotonic() of the last question that was answered
        self._connection = None
        self._parameters = connections[alias].get_connection_params()

    def ask(self) -> State | None:
        """None while it cannot be asked, which the log tells once."""
        try:
            state = self._ask_twice()
        except (psycopg2.Error, TimeoutError) as error:
            self._note_absence(error)
            return None
        if self.away_since is not None:
            logger.info("%s answers again.", self.name)
        self.away_since, self.is_silent = None, False
        return state

    def _ask_twice(self) -> State:
        is_new = self._connection is None
        try:
            return self._ask()
        except psycopg2.Error:
            if is_new:
                raise
            return self._ask()  # a restart has cut the connection

    def _ask(self) -> State:
        # The time before the question: changes committed meanwhile belong to the next reading.
        read_at = time.monotonic()
        until = read_at + PATIENCE
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(**self._parameters, async_=True)
                wait(self._connection, until)
            with self._connection.cursor() as cursor:
                cursor.execute(QUESTION, {"now": time.time()})
                wait(self._connection, until)
                return State.of(cursor.fetchone(), read_at)
        except (psycopg2.Error, TimeoutError):
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            raise

    def _note_absence(self, error: Exception):
        now = time.monotonic()
        if self.away_since is None:
            self.away_since = now
            logger.warning("%s cannot be asked: %s", self.name, " ".join(str(error).split()) or "no answer")
        patience = SILENT_AFTER if self.alias == replica.PRIMARY else REPLICA_SILENT_AFTER
        self.is_silent = isinstance(error, TimeoutError) and now - self.away_since > patience
        if self.is_silent:
            self._on_silence(self.alias)


class Generation:
    def __init__(self, on_silence: Callable[[str], None]):
        self._on_silence = on_silence
        self._forget()

    def _forget(self):
        """A forked child has none of its parent's threads, and its connections are the parent's."""
        self.last: Reading | None = None
        self.away_since: float | None = None  # time.monotonic(), while no server can be asked
        self._primary: Source | None = None
        self._replica: Source | None = None
        self._goal: tuple[float, float] | None = (
            None  # where the primary was, and when, until the replica is there
        )
        self._passed_over = ""  # why the replica is
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._is_wanted = threading.Event()
        self._is_urgent = threading.Event()
        self._news = threading.Condition()

    def current(self) -> Reading | None:
        """The generation that pages rendered from now on belong to; None while the database cannot be asked."""
        reading = self.last
        if reading is not None and reading.holds:
            if not self._is_wanted.is_set():
                self._is_wanted.set()
            return reading
        connection = connections[replica.PRIMARY]
        if connection.in_atomic_block:  # whose changes nobody else sees yet
            with connection.cursor() as cursor:
                cursor.execute(QUESTION, {"now": time.time()})
                state = State.of(cursor.fetchone(), time.monotonic())
                return Reading(state.number, state.changes_at, state.read_at)
        self.watch()
        if self.away_since is not None:
            return None
        with self._news:
            self._news.wait_for(lambda: self.last is not reading or self.away_since is not None, PATIENCE)
        return self.last if self.away_since is None and self.last is not reading else None

    def is_confirmed(self, reading: Reading) -> bool:
        """Whether its server answers at this moment: a reading may be a second old, and the server frozen since."""
        now = time.monotonic()
        if reading.read_at >= now or connections[replica.PRIMARY].in_atomic_block:
            return True
        self._is_urgent.set()
        self.watch()
        source = self._source(replica.REPLICA if reading.is_of_replica else replica.PRIMARY)
        with self._news:
            self._news.wait_for(lambda: source.answered >= now or source.away_since is not None, PATIENCE)
        return source.answered >= now

    def is_silent(self, alias: str) -> bool:
        source = self._source(alias)
        return source is not None and source.is_silent

    def _source(self, alias: str) -> Source | None:
        return self._primary if alias == replica.PRIMARY else self._replica

    def watch(self):
        """Has the next reading made when it is due."""
        if connections[replica.PRIMARY].in_atomic_block:  # of a test, which would see nothing of it
            return
        if not self._is_wanted.is_set():
            self._is_wanted.set()
        if self._thread is None:
            self._start()

    def pass_over_replica(self):
        """It has just failed a reader: until the next reading pages come from the primary."""
        with self._news:
            if self.last is not None:
                self.last = Reading(self.last.number, self.last.changes_at, self.last.read_at)

    def _start(self):
        with self._starting:
            if self._thread is None:
                os.register_at_fork(after_in_child=self._forget)
                self._primary = Source(replica.PRIMARY, "The database", self._on_silence)
                if replica.is_set_up():
                    self._replica = Source(replica.REPLICA, "The replica", self._on_silence)
                self._thread = threading.Thread(target=self._run, name="pages", daemon=True)
                self._thread.start()

    def _run(self):
        while True:
            # Readers who wait for a server that has frozen ask for no reading, but the next one may free them.
            if self._primary.away_since is None and (
                self._replica is None or self._replica.away_since is None
            ):
                self._is_wanted.wait()
            self._is_wanted.clear()
            self._is_urgent.clear()
            began = time.monotonic()
            self._note(self._read())
            self._is_urgent.wait(self._pause(began))

    def _pause(self, began: float) -> float:
        if self._primary.away_since is not None:  # its silence has taken a while already
            return max(began + TRY_EVERY - time.monotonic(), 0.01)
        # At each turn of a second, the only moments at which nginx can drop what it keeps (Reading.last_second).
        now = time.time()
        return max(min(READ_EVERY - now % READ_EVERY, self.last.changes_at - now), 0.01)

    def _read(self) -> Reading | None:
        """The primary is asked first, so that the replica has had the time of a question to come as far."""
        primary = self._ask(self._primary)
        copy = self._replica and self._ask(self._replica)
        reason = self._reason_against(primary, copy) if self._replica else ""
        if reason and not self._passed_over:
            logger.warning("Pages are read from the primary: %s.", reason)
        elif self._passed_over and not reason:
            logger.info("Pages are read from the replica again.")
        self._passed_over = reason
        if primary is None:
            # The replica alone goes on with what it has.
            return None if copy is None else Reading(copy.number, copy.changes_at, copy.read_at, True)
        # The same number, the same changes: whatever is rendered from the replica later has them, too. Just after a
        # change it may lack the last one: until the next reading the primary is read, and nothing is said of it.
        is_of_replica = copy is not None and not reason and copy.number == primary.number
        return Reading(primary.number, primary.changes_at, primary.read_at, is_of_replica)

    def _ask(self, source: Source) -> State | None:
        state = source.ask()
        if state is not None:
            with self._news:
                source.answered = state.read_at
                self._news.notify_all()
        return state

    def _reason_against(self, primary: State | None, copy: State | None) -> str:
        """Why the replica is passed over for longer than a moment, in words for the log."""
        if copy is None:
            return "the replica cannot be asked"
        if not copy.is_replica:
            return "what DATABASE_REPLICA_URL names is no replica"
        if primary is None:
            return ""
        if self._goal is None or copy.position >= self._goal[0]:
            self._goal = primary.position, primary.read_at
        lag = primary.read_at - self._goal[1]
        return f"the replica is {lag:.0f} s behind" if lag > settings.REPLICA_LAG_SECONDS else ""

    def _note(self, reading: Reading | None):
        with self._news:
            if reading is not None:
                self.last, self.away_since = reading, None
            else:
                self.away_since = self._primary.away_since
            self._news.notify_all()


def wait(connection, until: float):
    """For an answer on psycopg2's asynchronous connection; TimeoutError at `until` of time.monotonic()."""
    poll = select.poll()
    poll.register(connection.fileno(), 0)
    while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
        poll.modify(
            connection.fileno(), select.POLLIN if state == psycopg2.extensions.POLL_READ else select.POLLOUT
        )
        if not poll.poll(max(until - time.monotonic(), 0) * 1000):
            raise TimeoutError
