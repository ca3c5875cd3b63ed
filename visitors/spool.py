"""A process's end of the spool: its views, line by line in a file of its own. Knows files, not the database.

A file is written as SOURCE.SEQUENCE.open and sealed as .seg; from there on it is depot.py's. A source is one process;
it lives as long as it holds the lock on SOURCE.lock, which the kernel drops with it.
"""

import fcntl
import logging
import os
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

VERSION = "1"
END = "."  # closes a line; one without it was torn by a full disk
CONTROL = dict.fromkeys([*range(32), 127], " ")

LONGEST_PATH, LONGEST_HOST, LONGEST_AGENT = 200, 100, 300  # characters
SEAL_AFTER = 5  # seconds; an older file is sealed by the next view, should the shipping thread be stuck
QUEUE = 20_000  # lines kept in memory while the disk takes none
HERE = "."  # as a referrer
DROPPED = "-"  # as a user agent: was there and has been thinned out


@dataclass(frozen=True, slots=True)
class View:
    """One line of the spool: a page that was answered."""

    at: int  # milliseconds since 1970
    key: int | None = None  # who, on this day only; None for somebody who asked not to be followed
    previous_key: int | None = None  # the same reader's key of the day before, just after midnight
    path: str = ""
    referrer: str = ""  # a host; "" for none, HERE for this site itself
    agent: str = ""
    reason: str = ""  # why it does not count, such as "staff"

    def to_line(self) -> bytes:
        key = "" if self.key is None else self.key
        previous = "" if self.previous_key is None else self.previous_key
        path, referrer = _plain(self.path, LONGEST_PATH), _plain(self.referrer, LONGEST_HOST)
        agent = _plain(self.agent, LONGEST_AGENT)
        line = f"{VERSION}\t{self.at}\t{key}\t{previous}\t{path}\t{referrer}\t{agent}\t{self.reason}\t{END}\n"
        return line.encode(errors="replace")

    @classmethod
    def from_line(cls, line: bytes) -> "View | None":
        """None for what is no whole line of this version."""
        parts = line.decode(errors="replace").replace("\0", "").rstrip("\n").split("\t")
        if len(parts) != 9 or parts[0] != VERSION or parts[8] != END:
            return None
        try:
            at, key, previous = (int(part) if part else None for part in parts[1:4])
        except ValueError:
            return None
        if (
            at is None
            or not 0 <= at < 2**48
            or not all(-(2**63) <= (n or 0) < 2**63 for n in (key, previous))
        ):
            return None
        return cls(at, key, previous, *parts[4:8])


def _plain(text: str, limit: int) -> str:
    text = text[:limit]
    return text if text.isprintable() else text.translate(CONTROL)


class Spool:
    """This process's end of the spool. Nothing happens on disk before the first view."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._forget()
        os.register_at_fork(after_in_child=self._forget_parent)

    def _forget(self):
        self._lock = threading.Lock()
        self._lock_file: int | None = None
        self._file: int | None = None
        self._opened_at = 0.0
        self._sequence = 0
        self._queue: deque[bytes] = deque()
        self._lost = 0
        self.source = uuid.uuid4().hex
        self.failing_since: float | None = None  # time.time() since which the disk takes nothing

    def _forget_parent(self):
        """A forked child is a source of its own: the parent's files, and its lock's life, stay the parent's."""
        inherited = self._lock_file, self._file
        self._forget()
        for descriptor in inherited:
            close(descriptor)

    def record(self, line: bytes) -> None:
        """Appends one line. Never raises: what the disk refuses waits in memory, and the oldest gives way."""
        with self._lock:
            if self._queue:
                self._enqueue(line)
                return
            try:
                if self._file is not None and time.monotonic() - self._opened_at > SEAL_AFTER:
                    self._seal()
                self._write(line)
            except OSError as error:
                self._fail(error)
                self._enqueue(line)

    def seal(self) -> None:
        """Hands what was written over to the shipper, and tries the disk again for what waits in memory."""
        with self._lock:
            self._try_to_seal()

    def lost(self) -> int:
        """How many views this process had to drop and nobody has noted yet."""
        return self._lost

    def forget_lost(self, count: int) -> None:
        with self._lock:
            self._lost -= count

    def end(self) -> None:
        """Seals and gives the lock back. The next view would begin a new source."""
        with self._lock:
            self._try_to_seal()
            if self._file is None and self._lock_file is not None:
                (self.folder / f"{self.source}.lock").unlink(missing_ok=True)
                self._forget_source()

    def _forget_source(self) -> None:
        descriptors = self._lock_file, self._file
        self._lock_file = self._file = None
        self.source = uuid.uuid4().hex
        self._sequence = 0
        for descriptor in descriptors:
            close(descriptor)

    def _try_to_seal(self) -> None:
        try:
            while self._queue:
                self._write(self._queue[0])
                self._queue.popleft()
            self._seal()
            self.failing_since = None
        except OSError as error:
            self._fail(error)

    def _write(self, line: bytes) -> None:
        if self._file is None:
            self._open()
        written = os.write(self._file, line)
        if written != len(line):  # the disk ran full within the line
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(f"Only {written} of {len(line)} bytes could be written.")

    def _open(self) -> None:
        if self._lock_file is None:
            self._begin_source()
        self._sequence += 1
        path = self.folder / f"{self.source}.{self._sequence:08d}.open"
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        self._opened_at = time.monotonic()

    def _begin_source(self) -> None:
        # Locked before it has its name: whoever finds a lock file free knows that its process is dead.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self.folder / f"{self.source}.new"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(self.folder / f"{self.source}.lock")
        except OSError:
            os.close(descriptor)
            raise
        self._lock_file = descriptor

    def _seal(self) -> None:
        if self._file is None:
            return
        path = self.folder / f"{self.source}.{self._sequence:08d}.open"
        is_empty = os.fstat(self._file).st_size == 0
        # Renamed before it is closed: where that fails this stays the file to write to, so that none with a
        # higher number can be stored before it.
        path.unlink() if is_empty else path.rename(path.with_suffix(".seg"))
        # Forgotten before it is closed: another thread may fork in between.
        descriptor, self._file = self._file, None
        os.close(descriptor)

    def _enqueue(self, line: bytes) -> None:
        if len(self._queue) >= QUEUE:
            self._queue.popleft()
            self._lost += 1
        self._queue.append(line)

    def _fail(self, error: OSError) -> None:
        if self.failing_since is None:
            self.failing_since = time.time()
            logger.error("Views cannot be written to %s: %s", self.folder, error)
        if isinstance(error, FileNotFoundError):  # somebody has emptied the folder: on with a new source
            self._forget_source()


def close(descriptor: int | None) -> None:
    """Of what may have been closed already, by a thread of the process that forked this one."""
    if descriptor is not None:
        try:
            os.close(descriptor)
        except OSError:
            pass


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
