"""The machine's end of the spool: finds what its processes have sealed, and keeps it within bounds.

What dead processes left is sealed for them; what is stored is removed. When the database is away for long, segments
are packed (.pack) and, if that is not enough, thinned.
"""

import gzip
import json
import logging
import os
import re
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .agents import identify
from .spool import DROPPED, HERE, View, close, try_lock

logger = logging.getLogger(__name__)

SEGMENT_NAME = re.compile(r"([0-9a-f]{32})\.([0-9]{8})\.(open|seg)")
LOCK_NAME = re.compile(r"([0-9a-f]{32})\.lock")
NEW_PACK = "pack.new"
NEW_NAME = re.compile(r"[0-9a-f]{32}\.new")  # of a lock or a gap
GAP_NAME = re.compile(r"([0-9a-f]{32})\.gap")
PACK_NAME = re.compile(r"([0-9]{20})\.([0-3])\.pack")
PACK_ABOVE = 32 * 1024**2  # bytes of segments
LIMIT = 256 * 1024**2  # bytes of segments and packs


@dataclass(frozen=True)
class Segment:
    """Sealed views of one source, in a file or out of a pack."""

    source: str
    sequence: int
    lines: list[bytes]


class Depot:
    """The machine's end of the spool, for the one process that holds ship.lock: finds, reads and removes segments."""

    def __init__(self, folder: Path, *, pack_above: int = PACK_ABOVE, limit: int = LIMIT):
        self.folder = Path(folder)
        self.pack_above = pack_above
        self.limit = limit
        self._held: int | None = None
        os.register_at_fork(after_in_child=self.release)

    def take(self, wait: float = 0) -> bool:
        """Whether this process is now the one that ships; `wait` is in seconds. Held until release()."""
        if self._held is None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Known before it is locked: a child that is forked in between must not keep it.
            self._held = os.open(self.folder / "ship.lock", os.O_WRONLY | os.O_CREAT, 0o600)
            deadline = time.monotonic() + wait
            while not (is_taken := try_lock(self._held)) and time.monotonic() < deadline:
                time.sleep(0.02)
            if not is_taken:
                self.release()
        return self._held is not None

    def release(self) -> None:
        """Also in a forked child, where it leaves the parent's lock alone."""
        descriptor, self._held = self._held, None
        close(descriptor)

    def adopt(self) -> None:
        """Seals what dead processes left open, and removes their locks once nothing of them is left."""
        names = self._names()
        if NEW_PACK in names:
            (self.folder / NEW_PACK).unlink(missing_ok=True)  # of a shipper that was killed
        alive = set()
        with_files = {match[1] for name in names if (match := SEGMENT_NAME.fullmatch(name))}
        for name in names:
            if match := LOCK_NAME.fullmatch(name):
                if self._is_alive(name):
                    alive.add(match[1])
                elif match[1] not in with_files:
                    (self.folder / name).unlink(missing_ok=True)
            elif NEW_NAME.fullmatch(name) and not self._is_young(name) and not self._is_alive(name):
                (self.folder / name).unlink(missing_ok=True)
        for name in names:
            match = SEGMENT_NAME.fullmatch(name)
            if match and match[3] == "open" and match[1] not in alive and not self._lives(match[1]):
                path = self.folder / name
                try:
                    path.unlink() if path.stat().st_size == 0 else path.rename(path.with_suffix(".seg"))
                except FileNotFoundError:
                    pass  # its process sealed it just before it ended

    def waiting(self) -> list[str]:
        """Names of packs and segments, in the order in which they are to be shipped."""
        # A folder that is listed while files come can show a newer one and miss an older one, which the ledger
        # would then take for stored. So it is listed twice: what came before a file of the first list is in the
        # second.
        newest = {}
        for name in sorted(self._names()):
            if match := _sealed(name):
                newest[match[1]] = match[2]
        names = sorted(self._names())
        packs = [name for name in names if PACK_NAME.fullmatch(name)]
        return packs + [
            name for name in names if (match := _sealed(name)) and match[2] <= newest.get(match[1], "")
        ]

    def read(self, name: str) -> Iterator[Segment]:
        """The segments of a file. A torn pack gives what can be read of it."""
        path = self.folder / name
        if match := SEGMENT_NAME.fullmatch(name):
            yield Segment(match[1], int(match[2]), path.read_bytes().splitlines())
        else:
            yield from _unpacked(path)

    def remove(self, names: list[str]) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def set_aside(self, name: str) -> None:
        """Out of the way of the others, but kept for whoever looks into it."""
        aside = self.folder / "aside"
        aside.mkdir(mode=0o700, exist_ok=True)
        (self.folder / name).rename(aside / name)

    def size(self) -> int:
        """Bytes that wait to be shipped."""
        return sum(self._size(name) for name in self.waiting())

    def pack(self) -> None:
        """For long outages: keeps what waits below `limit`, by packing and then by thinning the oldest."""
        waiting = self.waiting()
        segments = [name for name in waiting if name.endswith(".seg")]
        if sum(map(self._size, segments)) > self.pack_above:
            # After all others in their order, should the clock have been set back.
            began = max(
                [time.time_ns(), *(int(match[1]) + 1 for match in map(PACK_NAME.fullmatch, waiting) if match)]
            )
            self._write_pack(f"{began:020d}.0.pack", self._segments_of(segments))
            self.remove(segments)
        while self.size() > self.limit and (oldest := self._least_thinned()):
            self._thin(oldest)

    def note_gap(
        self, reason: str, *, views: int, at: float | None = None, until: float | None = None
    ) -> bool:
        """Keeps in a file, until the database takes it, that figures are not whole. Moments as time.time()."""
        new = self.folder / f"{uuid.uuid4().hex}.new"
        now = time.time()
        gap = {"at": at or now, "until": until or at or now, "reason": reason, "views": views}
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_text(json.dumps(gap))
            new.rename(new.with_suffix(".gap"))
        except OSError as error:
            new.unlink(missing_ok=True)
            logger.error("A gap in the visit figures cannot be noted: %s (%s)", gap, error)
            return False
        return True

    def gaps(self) -> dict[str, dict]:
        """The notes that wait, by the names of their files; a name makes storing one twice harmless."""
        gaps = {}
        for name in sorted(name for name in self._names() if GAP_NAME.fullmatch(name)):
            if gap := _gap_of((self.folder / name).read_bytes()):
                gaps[name] = gap
            else:
                logger.error("%s is no note of a gap and was set aside.", name)
                self.set_aside(name)
        return gaps

    def _names(self) -> list[str]:
        """Of files only: what else lies there is somebody else's."""
        try:
            with os.scandir(self.folder) as entries:
                return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        except FileNotFoundError:
            return []

    def _size(self, name: str) -> int:
        try:
            return (self.folder / name).stat().st_size
        except FileNotFoundError:
            return 0

    def _lives(self, source: str) -> bool:
        # Looked at again: the lock may have been made after the folder was listed.
        return self._is_alive(f"{source}.lock")

    def _is_alive(self, name: str) -> bool:
        try:
            descriptor = os.open(self.folder / name, os.O_WRONLY)
        except FileNotFoundError:
            return False
        try:
            return not try_lock(descriptor)
        finally:
            os.close(descriptor)

    def _is_young(self, name: str) -> bool:
        try:
            return time.time() - (self.folder / name).stat().st_mtime < 60
        except FileNotFoundError:
            return True

    def _segments_of(self, names: list[str]) -> Iterator[Segment]:
        for name in names:
            yield from self.read(name)

    def _write_pack(self, name: str, segments: Iterator[Segment]) -> None:
        """Whole or not at all. Segments stay apart, so that the ledger can tell stored ones from others."""
        new = self.folder / NEW_PACK
        try:
            with new.open("wb") as raw:
                with gzip.open(raw, "wb", compresslevel=6) as file:
                    for segment in segments:
                        file.write(f"#\t{segment.source}\t{segment.sequence}\n".encode())
                        file.writelines(line + b"\n" for line in segment.lines)
                raw.flush()
                os.fsync(raw.fileno())
            new.rename(self.folder / name)
        except OSError:
            new.unlink(missing_ok=True)  # the disk is full enough
            raise

    def _least_thinned(self) -> str | None:
        packs = [name for name in self.waiting() if PACK_NAME.fullmatch(name)]
        return min(packs, key=lambda name: (PACK_NAME.fullmatch(name)[2], name), default=None)

    def _thin(self, name: str) -> None:
        """Takes the next details out of a pack; the last step gives up the pack itself."""
        began, level = PACK_NAME.fullmatch(name).groups()
        level, at = int(level), int(began) / 1e9
        if level == len(THINNINGS):
            self.note_gap("dropped", views=sum(len(segment.lines) for segment in self.read(name)), at=at)
        else:
            self.note_gap("thinned", views=0, at=at)
            thin = THINNINGS[level]
            thinned = (
                replace(segment, lines=[_thinned(line, thin) for line in segment.lines])
                for segment in self.read(name)
            )
            self._write_pack(f"{began}.{level + 1}.pack", thinned)
        self.remove([name])


def _without_details(view: View) -> View:
    is_program = view.agent != DROPPED and bool(identify(view.agent).program)
    referrer = HERE if view.referrer == HERE else ""
    return replace(view, agent=DROPPED, referrer=referrer, reason="bot" if is_program else view.reason)


def _without_page(view: View) -> View:
    return replace(view, path="")


def _without_reader(view: View) -> View:
    """Nobody can say any more whether it begins a visit, so it does not."""
    return replace(view, key=None, previous_key=None, referrer=HERE)


# What packs lose at LIMIT, step by step. Never the view itself.
THINNINGS = (_without_details, _without_page, _without_reader)


def _thinned(line: bytes, thin: Callable[[View], View]) -> bytes:
    view = View.from_line(line)
    return line if view is None else thin(view).to_line().rstrip(b"\n")


def _unpacked(path: Path) -> Iterator[Segment]:
    segment = None
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                parts = line.decode(errors="replace").split()
                if line.startswith(b"#\t") and len(parts) == 3 and parts[2].isdigit():
                    if segment:
                        yield segment
                    segment = Segment(parts[1], int(parts[2]), [])
                elif segment:
                    segment.lines.append(line.rstrip(b"\n"))
    except (OSError, EOFError, zlib.error) as error:
        logger.error("The pack %s is damaged: %s", path, error)
    if segment:
        yield segment


def _sealed(name: str) -> re.Match | None:
    return SEGMENT_NAME.fullmatch(name) if name.endswith(".seg") else None


def _gap_of(content: bytes) -> dict | None:
    """None for what the database would not take."""
    try:
        gap = json.loads(content)
        at, until, reason, views = float(gap["at"]), float(gap["until"]), gap["reason"], int(gap["views"])
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return None
    is_right = 0 <= at < 2**33 and 0 <= until < 2**33 and 0 <= views < 2**31
    if not is_right or not isinstance(reason, str) or not re.fullmatch(r"[a-z]{1,8}", reason):
        return None
    return {"at": at, "until": until, "reason": reason, "views": views}
