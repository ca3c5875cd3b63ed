"""What was taken from readers, noted on disk, so that no copy from before shows it while the database is away.

The database makes kept pages old (generation.py). Should it go in the very second, or before a page was made anew,
the page from before would come back: so pages that are no longer whole are looked through for what this file names.
"""

import os
import re

from django.conf import settings

ELEMENT = re.compile(rb"<(li|article|item|entry|url|figure)[\s>]")
LINK = re.compile(rb"<(a)\s")
WHOLE_STORY = b"<h1"


def mark_of_story(id: int) -> bytes:
    """Ends the address of a story, whatever its section and slug were at the time."""
    return b"-%d/" % id


def note(mark: bytes) -> None:
    """Holds for all processes at once, and needs no database."""
    settings.TAKEN_DOWN.parent.mkdir(parents=True, exist_ok=True)
    # No link: the folder is the site's, and root may be led by it to a file of its own.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    file = os.open(settings.TAKEN_DOWN, flags, 0o640)
    try:
        if os.geteuid() == 0:  # at the command line; the site itself is to write on
            folder = settings.TAKEN_DOWN.parent.stat()
            os.fchown(file, folder.st_uid, folder.st_gid)
        os.write(file, mark + b"\n")
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
