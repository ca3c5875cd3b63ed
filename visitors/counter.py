"""This process's counter: writes its views to the spool, reads the public figures, and ships when it is its turn.

Nothing is opened or started before the first view, so that management commands, and a web server that loads the
site before it forks, count nothing and hold nothing.
"""

import atexit
import logging
import os
import shutil
import threading
import time
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from visitors.addresses import AddressWatch

from . import retention
from .figures import Figures
from .keys import BOTH_KEYS, DAY, key
from .shipper import Shipper
from .spool import Spool, View
from .storing import local_days

logger = logging.getLogger(__name__)

LONGEST_WAIT = 15  # seconds between tries while the database is away
LONGEST_END = 3  # seconds that a process may take to ship its last views
LEAST_FREE = 50 * 1024**2  # bytes of the disk, below which somebody is warned


def counter() -> "Counter":
    """The one of this process."""
    return _counter_at(settings.VISITS_SPOOL)


@lru_cache(maxsize=4)  # more than one only in tests, whose folders change
def _counter_at(folder: Path) -> "Counter":
    return Counter(folder)


class Counter:
    def __init__(self, folder: Path):
        self.spool = Spool(folder)
        self.shipper = Shipper(folder)
        self._days = local_days(settings.TIME_ZONE)
        self._closed_on: date | None = None
        self._watch = AddressWatch()
        self._hidden = Path(folder, "one-address")  # is there while the watch is not content
        self._forget_parent()
        os.register_at_fork(after_in_child=self._forget_parent)

    def _forget_parent(self):
        """A forked child has none of its parent's threads."""
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._ending = threading.Event()

    def record(
        self, *, path: str, referrer: str, agent: str, reason: str = "", address: str | None = None
    ) -> None:
        """Writes one view down, now. Without an address it belongs to nobody."""
        at = time.time_ns() // 1_000_000
        self.spool.record(self.line(at, path, referrer, agent, reason, address))
        self.start()

    def line(
        self, at: int, path: str, referrer: str, agent: str, reason: str = "", address: str | None = None
    ) -> bytes:
        """A view as the spool has it: instead of the address the key of its day."""
        who = previous = None
        if address is not None:
            day, began = self._days.start_of(at)
            salts = self.shipper.salts
            who = key(salts.of(day), address, agent)
            if at - began < BOTH_KEYS and (salt := salts.known(day - DAY)):
                previous = key(salt, address, agent)
        if address is not None:
            self._watch.note(address)
        return View(at, who, previous, path, referrer, agent, reason).to_line()

    def start(self) -> None:
        """Seals and ships from now on, unless only `manage.py ship_visits` is to."""
        if self._thread is None and settings.VISITS_SHIP_EVERY:
            self._start()

    def figures(self) -> Figures | None:
        return self.shipper.board.read()

    def troubles(self) -> list[str]:
        """What the administrators of this machine should look into: "disk", "backlog", "one-address"."""
        depot, found = self.shipper.depot, []
        if self.spool.failing_since is not None or free_bytes(depot.folder) < LEAST_FREE:
            found.append("disk")
        in_log = bytes_of_log(settings.VISITS_LOG) if settings.VISITS_LOG else 0
        if depot.size() + in_log > depot.pack_above // 4:
            found.append("backlog")
        if self._hidden.exists():
            found.append("one-address")
        return found

    def ship(self, wait: float = 5) -> int | None:
        """Stores all that waits on this machine now; None where another process is at it and stays at it."""
        self.spool.seal()
        if not self.shipper.depot.take(wait):
            return None
        try:
            return self.shipper.ship()
        finally:
            self.shipper.depot.release()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="visits", daemon=True)
                thread.start()
                self._thread = thread
                atexit.register(self._end)

    def _run(self) -> None:
        pause, next_try = settings.VISITS_SHIP_EVERY, 0.0
        while not self._ending.wait(settings.VISITS_SHIP_EVERY):
            try:
                self._tidy()
                if time.monotonic() >= next_try and self.shipper.depot.take():
                    self.shipper.ship()
                    self._close_days()
                    pause = settings.VISITS_SHIP_EVERY
            except Exception as error:
                # Whatever it is: views go on being written, and another process may have more luck.
                self._give_way(error)
                pause = min(2 * pause, LONGEST_WAIT)
                next_try = time.monotonic() + pause
        self._finish()

    def _close_days(self) -> None:
        """Once a night, and after a start."""
        now = timezone.localtime()
        if now.hour >= retention.CLOSES_AT and self._closed_on != now.date():
            if any((done := retention.close_days(now.date())).values()):
                logger.info("Days before %s are closed: %s", now.date(), done)
            self._closed_on = now.date()

    def _tidy(self) -> None:
        self.spool.seal()
        self.shipper.salts.refresh()
        if (lost := self.spool.lost()) and self.shipper.depot.note_gap("disk", views=lost):
            self.spool.forget_lost(lost)
        if self._watch.is_hidden is not None:
            self._hidden.touch() if self._watch.is_hidden else self._hidden.unlink(missing_ok=True)
            self._watch.is_hidden = None

    def _give_way(self, error: Exception) -> None:
        if isinstance(error, Error | OSError):
            logger.warning("Views wait in %s: %s", self.spool.folder, " ".join(str(error).split()))
        else:
            logger.exception("Views wait in %s.", self.spool.folder)
        connection.close()
        self.shipper.depot.release()

    def _finish(self) -> None:
        deadline = time.monotonic() + LONGEST_END - 0.5
        try:
            self._tidy()
            self.spool.end()
            if self.shipper.depot.take(wait=deadline - time.monotonic()):
                self.shipper.ship(deadline)
        except Exception as error:
            self._give_way(error)
        connection.close()
        self.shipper.depot.release()

    def _end(self) -> None:
        thread = self._thread
        if thread is not None:
            self._ending.set()
            thread.join(LONGEST_END)


def bytes_of_log(folder: Path) -> int:
    """Of nginx's log, that wait to be counted; what was emptied takes none."""
    return sum(path.stat().st_blocks * 512 for path in folder.glob("views.log*"))


def free_bytes(folder: Path) -> int:
    """Of the disk that holds the folder, or will hold it."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
