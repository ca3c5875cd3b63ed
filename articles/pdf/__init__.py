"""A story as a PDF, laid out once and kept by all that it shows (decision 27)."""

import fcntl
import hashlib
import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from articles.links import whole_address

from . import blocks

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
WALL_SECONDS = 60
KEPT = 500  # files; some 200 kB each
# One is laid out at a time on the machine. Of this process's threads at most this many wait for it, so that
# somebody who asks for all stories at once does not keep others from reading.
WAITING = 2
END = b"%%EOF"
_places = threading.BoundedSemaphore(WAITING)


class NotReady(Exception):
    """Others are waiting already, or the layout failed: the reader may come back."""


def story_of(article, identity) -> dict:
    """All that the file shows, as plain values; needs for_page()."""
    found = blocks.of(article.body_html, settings.MEDIA_URL)
    for photo in blocks.photos(found):
        if not default_storage.exists(photo["file"].lstrip("/")):
            photo["file"] = None
    moment = localtime(article.published_at)
    date = (
        f"{date_format(moment)} {date_format(moment, 'TIME_FORMAT')}"
        if article.show_time
        else date_format(moment)
    )
    updated = localtime(article.updated_at) if article.updated_at else None
    authors = article.belongings.bylines
    return {
        "language": article.language,
        "portal": identity.name,
        "agency": identity.agency,
        "parent": identity.parent_agency,
        "accent": identity.theme_colour,
        "address": whole_address(article.get_absolute_url()),
        "moment": localtime(article.changed_at).isoformat(timespec="seconds"),
        "date": date,
        "dates": f"{date} · {_('Updated')} {date_format(updated, 'SHORT_DATE_FORMAT')}" if updated else date,
        "kicker": article.kicker,
        "headline": article.headline,
        "dateline": article.dateline,
        "lead": article.lead,
        "authors": [byline.author.pen_name for byline in authors],
        "signatures": [_signature(byline) for byline in authors],
        "source": f"{_('Source:')} {article.source_name or article.source_url}"
        if article.source_name or article.source_url
        else "",
        "corrections": [
            {"date": date_format(localtime(row["made_at"]), "SHORT_DATE_FORMAT"), "text": row["text"]}
            for row in article.shown_corrections
        ],
        "correction_word": _("Correction"),
        "page_word": _("Page"),
        "blocks": found,
    }


def _signature(byline) -> dict:
    role = "" if byline.role == byline.Role.NAME_ONLY else f"{byline.get_role_display()}: "
    return {"name": f"{role}{byline.author.pen_name}", "unit": byline.author.unit}


def key_of(story: dict) -> str:
    """Changes with anything that the file shows, and with the layout itself."""
    digest = hashlib.sha256((HERE / "story.typ").read_bytes())
    digest.update(json.dumps(story, sort_keys=True).encode())
    return digest.hexdigest()[:40]


def file_of(story: dict, key: str) -> BinaryIO:
    """The kept file, made now if it is not there; on a full disk it is made and not kept."""
    path = settings.PDF_ROOT / f"{key}.pdf"
    if _touch(path):
        return path.open("rb")
    with _turn():
        if not _touch(path):
            pdf = _lay_out(story)
            try:
                _write(path, pdf)
            except OSError as error:
                logger.warning("The PDF of %s is not kept: %s", story["address"], error)
                return io.BytesIO(pdf)
            _drop_oldest()
    return path.open("rb")


def _touch(path: Path) -> bool:
    """Whether it is there, and not cut off by a crash or a full disk; the least asked for go first."""
    try:
        os.utime(path)
        with path.open("rb") as file:
            file.seek(-min(len(END) + 2, path.stat().st_size), os.SEEK_END)
            return END in file.read()
    except FileNotFoundError:
        return False


@contextmanager
def _turn():
    if not _places.acquire(blocking=False):
        raise NotReady
    try:
        settings.PDF_ROOT.mkdir(parents=True, exist_ok=True)
        with (settings.PDF_ROOT / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released with the file
            yield
    finally:
        _places.release()


@contextmanager
def _photos_at_hand(story: dict) -> Iterator[str]:
    """A folder with the photos of the story: the site's own, or one of copies where they are kept elsewhere."""
    if not settings.S3_BUCKET:
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        yield str(settings.MEDIA_ROOT)
        return
    with TemporaryDirectory() as folder:
        for photo in blocks.photos(story["blocks"]):
            if photo["file"]:
                name = photo["file"].lstrip("/")
                copy = Path(folder, name)
                copy.parent.mkdir(parents=True, exist_ok=True)
                with default_storage.open(name) as file:
                    copy.write_bytes(file.read())
        yield folder


def _lay_out(story: dict) -> bytes:
    with _photos_at_hand(story) as folder:
        return _run(story, folder)


def _run(story: dict, photos: str) -> bytes:
    asked = {"photos": photos, "story": story}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "articles.pdf.child"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            cwd=settings.BASE_DIR,
            env={"PYTHONIOENCODING": "utf-8"},
            timeout=WALL_SECONDS,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        logger.error("No PDF of %s: %s", story["address"], error)
        raise NotReady from error
    if child.returncode or not child.stdout:
        logger.error("No PDF of %s: %s", story["address"], child.stderr[-1000:].decode(errors="replace"))
        raise NotReady
    return child.stdout


def _write(path: Path, pdf: bytes) -> None:
    part = path.with_suffix(".part")
    try:
        part.write_bytes(pdf)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _drop_oldest() -> None:
    files = sorted(settings.PDF_ROOT.glob("*.pdf"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[KEPT:]:
        file.unlink(missing_ok=True)
