"""Views that nginx answered from its cache, out of its log into the spool: each once, whatever is killed when.

nginx writes a line of JSON for each (deploy/nginx/kept-pages.conf) into the folder VISITS_LOG, which lies in memory.
A batch of them becomes a segment of the spool; then it is emptied out of the file, readers' addresses and all. Before
a segment is handed over, the file "state/position" says which bytes it is made of and which number it has. Whoever follows
after a kill makes the same segment again, and the ledger knows whether it has been stored.
"""

import ctypes
import json
import logging
import os
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from django.utils.encoding import repercent_broken_unicode

from articles.page_cache import Answer

from .counter import Counter
from .rules import facts_of_view
from .spool import close, try_lock

logger = logging.getLogger(__name__)

LOG = "views.log"
# The log's own folder may be root's: nginx opens the log as root, and whoever could put a link there would lead it.
STATE, POSITION, LOCK = "state", "position", "lock"
BEGINNING = b'{"at":'  # of a line; in a value its quotes would be escaped
AT_ONCE = 4 * 1024**2  # bytes of a file in one segment: some 8,000 views
PAUSE = 0.5  # seconds without a view
LONGEST_WAIT = 15  # seconds between tries while the disk takes nothing
LISTINGS = 10  # at the most, to find a file that is being renamed
RENAMED_FOR = 60  # seconds; by then nginx writes to the new file alone
KEEP_SIZE, PUNCH_HOLE = 1, 2  # of fallocate(2)


@dataclass
class LoggedRequest:
    """As much of one as the rules look at. Whoever has a session is not answered from a cache."""

    method: str
    path: str
    META: dict[str, str]
    COOKIES: dict[str, str] = field(default_factory=dict)


@dataclass
class Position:
    """Which bytes of which file, told by its inode, are the segment of that number; all before them is counted."""

    source: str
    sequence: int = 0
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return any(begin < end for begin, end in self.spans.values())

    @classmethod
    def read(cls, path: Path) -> "Position":
        try:
            told = json.loads(path.read_bytes())
            spans = {int(inode): (begin, end) for inode, (begin, end) in told["spans"].items()}
            return cls(told["source"], told["sequence"], spans)
        except FileNotFoundError:
            return cls(uuid.uuid4().hex)

    def write(self, path: Path) -> None:
        new = path.with_suffix(".new")
        new.write_text(json.dumps(vars(self)))
        new.rename(path)


class Follower:
    def __init__(self, folder: Path, counter: Counter):
        self.folder, self.state, self._counter = folder, folder / STATE, counter
        self._lock: int | None = None
        self._open: dict[int, int] = {}  # descriptors by inode
        self._is_kept_from_emptying = False

    def take(self) -> bool:
        """Whether this process is now the one that follows; until its end."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(self.state / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
        if not try_lock(self._lock):
            close(self._lock)
            return False
        self._position = Position.read(self.state / POSITION)
        if not self._position.is_open:
            self._files()
            self._empty()
        return True

    def follow(self) -> None:
        pause = PAUSE
        while True:
            try:
                if self.step():
                    self._counter.start()
                else:
                    time.sleep(PAUSE)
                pause = PAUSE
            except OSError as error:
                logger.error("Views wait in %s: %s", self.folder, error)
                pause = min(2 * pause, LONGEST_WAIT)
                time.sleep(pause)

    def step(self) -> bool:
        """Hands over what nginx has written since; False if that is nothing."""
        position, files = self._position, self._files()
        if not position.is_open:
            if position.sequence >= 99_999_999:  # as many digits as its name has
                position.source, position.sequence = uuid.uuid4().hex, 0
            position.spans = {inode: self._unread(inode) for inode in self._open}
            self._remove_renamed(files)
            if not position.is_open:
                return False
            position.sequence += 1
            position.write(self.state / POSITION)
        self._hand_over()
        position.spans = {inode: (end, end) for inode, (_begin, end) in position.spans.items()}
        position.write(self.state / POSITION)
        self._empty()
        return True

    def _files(self) -> dict[int, Path]:
        """By inode: a log that was renamed is read to its end. Each is held open from when it was first seen.

        A folder that is listed while a file is renamed can show neither of its names, and the name that was listed
        may soon be another file's.
        """
        files = {}
        wanted = {inode for inode, (begin, end) in self._position.spans.items() if begin < end}
        for listing in range(LISTINGS):
            for entry in os.scandir(self.folder):
                if entry.name.startswith(LOG) and entry.is_file(follow_symlinks=False):
                    try:
                        descriptor = os.open(entry.path, os.O_RDWR)
                    except FileNotFoundError:
                        continue  # renamed since it was listed
                    inode = os.fstat(descriptor).st_ino
                    files[inode] = Path(entry.path)
                    if self._open.setdefault(inode, descriptor) != descriptor:
                        os.close(descriptor)
            if listing and wanted <= self._open.keys():
                break
        for inode in self._open.keys() - files.keys():
            if os.fstat(self._open[inode]).st_nlink == 0:
                os.close(self._open.pop(inode))
        return files

    def _unread(self, inode: int) -> tuple[int, int]:
        """Up to the end of the last whole line."""
        begin = self._position.spans.get(inode, (0, 0))[1]
        size = os.fstat(self._open[inode]).st_size
        if size < begin:  # somebody has cut it short
            begin = 0
        if size == begin:
            return begin, begin
        content = os.pread(self._open[inode], min(size - begin, AT_ONCE), begin)
        end = content.rfind(b"\n") + 1
        return begin, begin + (end or len(content) // AT_ONCE * AT_ONCE)

    def _hand_over(self) -> None:
        views, unreadable = [], 0
        for inode, (begin, end) in self._position.spans.items():
            if begin < end and inode in self._open:
                for line in os.pread(self._open[inode], end - begin, begin).splitlines():
                    try:
                        views.append(self._view(line))
                    except (ArithmeticError, AttributeError, KeyError, OSError, TypeError, ValueError):
                        unreadable += 1
        if unreadable:
            logger.warning("Lines of nginx's log that cannot be read: %s", unreadable)
        if not any(views):
            return
        spool = self._counter.spool.folder
        spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = spool / f"{self._position.source}.new"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(filter(None, views))
        new.rename(spool / f"{self._position.source}.{self._position.sequence:08d}.seg")

    def _view(self, line: bytes) -> bytes | None:
        """A line of the spool; None for what counts as nothing. Raises what broken lines happen to raise."""
        # A memory that ran full tears a line, and the next one follows at once.
        told = line[line.rindex(BEGINNING) :].decode("latin-1")  # as WSGI has headers
        meta = {name: value for name, value in json.loads(told).items() if value != ""}
        at = round(meta.pop("at") * 1000)
        path = repercent_broken_unicode(unquote_to_bytes(meta["path"].encode("latin-1"))).decode()
        answer = Answer(meta["status"], {"Content-Type": meta.get("type", "")}, None)
        facts = facts_of_view(LoggedRequest(meta["method"], path, meta), answer)
        return facts and self._counter.line(at, **facts)

    def _empty(self) -> None:
        for inode, (_begin, end) in self._position.spans.items():
            if end and inode in self._open:
                try:
                    empty(self._open[inode], end)
                except OSError as error:
                    if not self._is_kept_from_emptying:
                        logger.error("Addresses of readers stay in %s: %s", self.folder, error)
                    self._is_kept_from_emptying = True

    def _remove_renamed(self, files: dict[int, Path]) -> None:
        for inode, path in files.items():
            begin, end = self._position.spans[inode]
            told = os.fstat(self._open[inode])
            if path.name != LOG and begin == end and time.time() - told.st_mtime > RENAMED_FOR:
                with suppress(PermissionError):
                    path.unlink(missing_ok=True)  # nobody renames it a second time


def empty(descriptor: int, end: int) -> None:
    """Gives back what a file holds up to there. Its length stays, and so nginx, which is writing, knows nothing of it."""
    fallocate = ctypes.CDLL(None, use_errno=True).fallocate
    fallocate.argtypes = ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64
    if fallocate(descriptor, KEEP_SIZE | PUNCH_HOLE, 0, end):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
