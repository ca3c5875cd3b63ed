"""Word files as stories: read(file) tells headline, lead, text, photos and byline. Knows no models, saves nothing.

The file comes from anywhere, so it passes three gates: archive.py looks at the zip before anything is unpacked,
child.py reads it in a process of its own with little memory and time, and body.clean() has the last word.
"""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lxml import html as lxml_html

from . import archive
from .archive import DocxError, too_large

__all__ = ["DocxError", "ImportedDocument", "ImportedPhoto", "Signature", "read", "too_large", "with_photos"]

logger = logging.getLogger(__name__)

WALL_SECONDS = 25  # the child's own limit, of CPU time, is lower
ROOT = Path(__file__).parent.parent.parent
# Ten editors at once must not take ten times the memory of one reader.
one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class ImportedPhoto:
    """A picture of the document; in the body it is `img[data-photo]` with its place in `photos`, from 1."""

    name: str
    content: bytes
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Signature:
    name: str
    role: str  # a value of Byline.Role
    unit: str = ""


@dataclass(frozen=True)
class ImportedDocument:
    headline: str
    kicker: str
    lead: str
    body: str
    photos: tuple[ImportedPhoto, ...]
    byline: tuple[Signature, ...]
    warnings: tuple[str, ...]  # what was guessed or left out, in sentences for people


def read(file) -> ImportedDocument:
    """Raises DocxError with a sentence for people."""
    with archive.opened(file) as parts:
        found = _read_in_child(archive.without_pictures(parts))
        contents = {photo["part"]: parts.read(photo["part"]) for photo in found["photos"]}
        photos = tuple(
            ImportedPhoto(
                name=photo["part"].rpartition("/")[2],
                content=contents[photo["part"]],
                caption=photo["caption"],
                credit=photo["credit"],
            )
            for photo in found["photos"]
        )
    return ImportedDocument(
        headline=found["headline"],
        kicker=found["kicker"],
        lead=found["lead"],
        body=found["body"],
        photos=photos,
        byline=tuple(Signature(**signature) for signature in found["byline"]),
        warnings=tuple(_sentence(code, value) for code, value in found["notes"]),
    )


def with_photos(body: str, stored: Mapping[int, tuple[int, str]]) -> str:
    """The body with ids and addresses in the place of numbers; a photo that was not stored leaves its caption."""
    root = lxml_html.fragment_fromstring(body, create_parent="div")
    for img in list(root.iter("img")):
        figure, number = img.getparent(), int(img.get("data-photo"))
        if number in stored:
            id, address = stored[number]
            img.set("data-photo", str(id))
            img.set("src", address)
            continue
        caption = figure.find("figcaption")
        if caption is None:
            figure.drop_tree()
        else:
            img.drop_tree()
            caption.tag = "p"
            figure.drop_tag()
    return "".join(lxml_html.tostring(child, encoding="unicode") for child in root)


def _read_in_child(document: bytes) -> dict:
    # The reader gets neither the secrets of this process's environment nor its open files.
    try:
        with one_at_a_time:
            child = subprocess.run(
                [sys.executable, "-m", "articles.docx.child"],
                input=document,
                capture_output=True,
                cwd=ROOT,
                env={"PYTHONIOENCODING": "utf-8"},
                timeout=WALL_SECONDS,
            )
    except subprocess.TimeoutExpired as error:
        raise DocxError(_too_much()) from error
    except OSError as error:  # no memory or no process left
        logger.exception("The reader of Word files did not start")
        raise DocxError(
            _("The server is too busy to read the document. Try again in a few minutes.")
        ) from error
    if child.returncode:  # killed by one of its limits
        raise DocxError(_too_much())
    found = json.loads(child.stdout)
    match found.get("error"):
        case None:
            return found
        case "memory":
            raise DocxError(_too_much())
        case "long":
            raise DocxError(_("The document is too long for one story. Split it into several files."))
        case "empty":
            raise DocxError(_("The document holds neither text nor photos."))
        case _:
            logger.info("The reader of Word files stumbled: %s", found.get("reason"))
            raise DocxError(archive.damaged())


def _too_much() -> str:
    return _(
        "Reading the document takes too long. Copy its text into a new Word document, save that and try again."
    )


def _sentence(code: str, value) -> str:
    match code:
        case "headline_from_nothing":
            return _("No headline was found: type one.")
        case "headline_guessed":
            return _("The first line was taken for the headline: check it.")
        case "lead_guessed":
            return _("The first paragraph was taken for the lead: check it.")
        case "lead_missing":
            return _("No lead was found.")
        case "byline_missing":
            return _("No author was found at the end of the text.")
        case "byline_guessed":
            return _("The last line was taken for the author: check it.")
        case "phone_dropped":
            return _("A telephone number beside the author was left out.")
        case "letterhead":
            return _("The letterhead was left out.")
        case "captions_guessed":
            return ngettext(
                "%(count)s caption was guessed from a short line below its photo: check it.",
                "%(count)s captions were guessed from short lines below their photos: check them.",
                value,
            ) % {"count": value}
        case "captions_shared":
            return ngettext(
                "%(count)s caption stands below several photos: it is under the last of them.",
                "%(count)s captions stand below several photos: each is under the last of them.",
                value,
            ) % {"count": value}
        case "captions_missing":
            return ngettext("%(count)s photo has no caption.", "%(count)s photos have no caption.", value) % {
                "count": value
            }
        case "pictures_dropped":
            return ngettext(
                "%(count)s drawing (WMF, EMF or the like) cannot be shown on a website and was left out. Save it as PNG and add it with the button Photos.",
                "%(count)s drawings (WMF, EMF or the like) cannot be shown on a website and were left out. Save them as PNG and add them with the button Photos.",
                value,
            ) % {"count": value}
        case "pictures_linked":
            return ngettext(
                "%(count)s picture is not in the file but only linked to, and was left out.",
                "%(count)s pictures are not in the file but only linked to, and were left out.",
                value,
            ) % {"count": value}
        case "charts_dropped":
            return ngettext(
                "%(count)s chart or diagram was left out. Save it as a picture and add it with the button Photos.",
                "%(count)s charts or diagrams were left out. Save them as pictures and add them with the button Photos.",
                value,
            ) % {"count": value}
        case "equations_dropped":
            return ngettext(
                "%(count)s equation was left out.", "%(count)s equations were left out.", value
            ) % {"count": value}
        case "comments_dropped":
            return _("Comments in the margin were left out.")
        case "changes_accepted":
            return _("Tracked changes were taken as accepted.")
        case "old_font":
            return _(
                "Part of the text is written in the old font %(font)s and may be unreadable: convert it to Unicode first."
            ) % {"font": value}
    raise ValueError(f"No sentence for {code}.")
