"""What was taken from readers, noted on disk, so that no copy from before shows it while the database is away.

The database makes kept pages old (generation.py). Should it go in the very second, or before a page was made anew,
the page from before would come back: so pages that are no longer whole are looked through for what this file names.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

ELEMENT = re.compile(rb"<(li|article|item|entry|url|figure)[\s>]")
LINK = re.compile(rb"<(a)\s")
WHOLE_STORY = b"<h1"


def mark_of_story(id: int) -> bytes:
    """Ends the address of a story, whatever its section and slug were at the time."""
    return b"-%d/" % id


def note(mark: bytes) -> None:
    """Holds for all processes at once, and needs no database."""
    _append(settings.TAKEN_DOWN, mark)


def note_by_hand(id: int) -> None:
    """By somebody on the server: the audit log is to tell of it once the database is there."""
    note(mark_of_story(id))
    _append(_unrecorded(), b"%d %d" % (id, time.time()))


@contextmanager
def unrecorded() -> Iterator[list[tuple[int, datetime]]]:
    """Stories taken down by hand, and when; they are forgotten when the block has come to its end, and not before."""
    try:
        file = os.open(_unrecorded(), os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield []
        return
    with open(file, "r+b") as lines:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield [(id, datetime.fromtimestamp(at, UTC)) for id, at in (map(int, line.split()) for line in lines)]
        lines.truncate(0)


def _unrecorded() -> Path:
    return settings.TAKEN_DOWN.with_name(f"{settings.TAKEN_DOWN.name}_by_hand")


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # No link: the folder is the site's, and root may be led by it to a file of its own.
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o640)
    try:
        if os.geteuid() == 0:  # at the command line; the site itself is to write on
            folder = path.parent.stat()
            os.fchown(file, folder.st_uid, folder.st_gid)
        fcntl.flock(file, fcntl.LOCK_EX)
        os.write(file, line + b"\n")
    finally:
        os.close(file)


def length() -> int:
    """Of what is noted: a page made from now on shows nothing of it."""
    try:
        return os.stat(settings.TAKEN_DOWN).st_size
    except FileNotFoundError:
        return 0


def since(length: int) -> set[bytes]:
    try:
        with settings.TAKEN_DOWN.open("rb") as file:
            file.seek(length)
            return set(file.read().splitlines())
    except FileNotFoundError:
        return set()


def without(page: bytes, marks: set[bytes]) -> bytes | None:
    """The page without the cards, rows and links that lead to what was taken down; None where it is the page itself."""
    for mark in marks:
        while (at := page.find(mark)) >= 0:
            place = _around(page, at, ELEMENT)
            if place is None or WHOLE_STORY in page[slice(*place)]:
                place = _around(page, at, LINK)
            if place is None:
                return None
            page = page[: place[0]] + page[place[1] :]
    return page


def _around(page: bytes, at: int, kinds: re.Pattern) -> tuple[int, int] | None:
    """Where the innermost element of these kinds around a place begins and ends."""
    closed: dict[bytes, int] = {}
    for opening in reversed(list(kinds.finditer(page, 0, at))):
        name = opening[1]
        closing = b"</%s>" % name
        inside = page.count(closing, opening.start(), at)
        if inside > closed.get(name, 0):
            closed[name] = closed.get(name, 0) + 1
            continue
        end = page.find(closing, at)
        return (opening.start(), end + len(closing)) if end >= 0 else None
    return None
