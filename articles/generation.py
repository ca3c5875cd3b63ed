"""Which generation of the news pages belong to: one number, read at most once a second by each process.

A thread with a connection of its own reads it, so that no reader ever waits for a database that does not answer.
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
from django.db import connections, router

from .models import PageChange

logger = logging.getLogger(__name__)

READ_EVERY = 1  # seconds
LATE = 0.1  # seconds by which the thread may come late before readers wait for it
PATIENCE = 0.5  # seconds that a reader waits for a reading, and the thread for its answer
TRY_EVERY = 0.5  # seconds between two tries while the database is away
SILENT_AFTER = 3  # seconds; a busy server answers before, a frozen one never
# The next moment at which pages change by themselves: a story comes out, an embargo ends, a story expires.
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
    ))::float8
"""


@dataclass(frozen=True, slots=True)
class Reading:
    number: int
    changes_at: float  # time.time() of the next scheduled change
    read_at: float  # time.monotonic()

    @property
    def holds(self) -> bool:
        return (
            time.monotonic() - self.read_at < READ_EVERY + LATE
            and time.time() < self.changes_at  # the moment has come: what comes after it is to be asked
        )


class Generation:
    def __init__(self, on_silence: Callable[[], None]):
        self._on_silence = on_silence
        self._forget()

    def _forget(self):
        """A forked child has none of its parent's threads, and its connection is the parent's."""
        self.last: Reading | None = None
        self.away_since: float | None = None  # time.monotonic(), while the database cannot be asked
        self.is_silent = False  # it takes connections and says nothing: whoever asks it waits for ever
        self._connection = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._is_wanted = threading.Event()
        self._news = threading.Condition()

    def current(self) -> Reading | None:
        """The generation that pages rendered from now on belong to; None while the database cannot be asked."""
        reading = self.last
        if reading is not None and reading.holds:
            if not self._is_wanted.is_set():
                self._is_wanted.set()
            return reading
        connection = self._django_connection()
        if connection.in_atomic_block:  # whose changes nobody else sees yet
            with connection.cursor() as cursor:
                cursor.execute(QUESTION, {"now": time.time()})
                return self._reading(cursor.fetchone(), time.monotonic())
        self.watch()
        if self.away_since is not None:
            return None
        with self._news:
            self._news.wait_for(lambda: self.last is not reading or self.away_since is not None, PATIENCE)
        return self.last if self.away_since is None and self.last is not reading else None

    def watch(self):
        """Has the next reading made when it is due."""
        if self._django_connection().in_atomic_block:  # of a test, which would see nothing of it
            return
        if not self._is_wanted.is_set():
            self._is_wanted.set()
        if self._thread is None:
            self._start()

    @staticmethod
    def _django_connection():
        # Where pages are read from: a replica that lags behind must not lend its old rows a new number.
        return connections[router.db_for_read(PageChange)]

    @staticmethod
    def _reading(row, read_at: float) -> Reading:
        number, changes_at = row
        return Reading(int(number), math.inf if changes_at is None else changes_at, read_at)

    def _start(self):
        with self._starting:
            if self._thread is None:
                os.register_at_fork(after_in_child=self._forget)
                self._parameters = self._django_connection().get_connection_params()
                self._thread = threading.Thread(target=self._run, name="pages", daemon=True)
                self._thread.start()

    def _run(self):
        while True:
            if self.away_since is None:
                self._is_wanted.wait()
            self._is_wanted.clear()
            began = time.monotonic()
            try:
                reading = self._ask()
            except (psycopg2.Error, TimeoutError) as error:
                self._note_absence(error)
            else:
                self._note(reading)
            time.sleep(self._pause(began))

    def _pause(self, began: float) -> float:
        if self.away_since is not None:
            return TRY_EVERY
        until = min(began + READ_EVERY - time.monotonic(), self.last.changes_at - time.time())
        return max(until, 0.01)

    def _ask(self) -> Reading:
        is_new = self._connection is None
        try:
            return self._ask_once()
        except psycopg2.Error:
            if is_new:
                raise
            return self._ask_once()  # a restart has cut the connection

    def _ask_once(self) -> Reading:
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
                return self._reading(cursor.fetchone(), read_at)
        except (psycopg2.Error, TimeoutError):
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            raise

    def _note(self, reading: Reading):
        if self.away_since is not None:
            logger.info("The database answers again.")
        with self._news:
            self.last = reading
            self.away_since, self.is_silent = None, False
            self._news.notify_all()

    def _note_absence(self, error: Exception):
        now = time.monotonic()
        is_silent = isinstance(error, TimeoutError)
        with self._news:
            if self.away_since is None:
                self.away_since = now
                logger.warning(
                    "The database cannot be asked: %s", " ".join(str(error).split()) or "no answer"
                )
            self.is_silent = is_silent and now - self.away_since > SILENT_AFTER
            self._news.notify_all()
        if self.is_silent:
            self._on_silence()


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
