"""The .docx as a zip: refused here is what is no Word document or would grow too large. Unpacks nothing to the disk."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _

MEMBERS = 500
UNPACKED_BYTES = 60 * 1024 * 1024
XML_BYTES = 3 * 1024 * 1024  # of one part; a story's document.xml has 50 to 500 kB
RATIO = 200  # unpacked to packed; XML of people stays below 50

CONTENT_TYPES = "[Content_Types].xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word 97 to 2003, and any encrypted file of Office
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ODT = b"application/vnd.oasis.opendocument"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")


class DocxError(Exception):
    """The file cannot be imported; the text is a sentence for people."""


def damaged() -> str:
    return _("The file is damaged or incomplete. Open it in Word, save it again and send it once more.")


def too_large() -> str:
    limit = settings.DOCX_MAX_BYTES // 1024**2
    return _("The file is over the limit of %(limit)s MB.") % {"limit": limit}


@contextmanager
def opened(file) -> Iterator[zipfile.ZipFile]:
    """The checked zip. Sizes are those that it declares: the zipfile module reads no byte more."""
    if file.size == 0:
        raise DocxError(_("The file is empty."))
    if file.size > settings.DOCX_MAX_BYTES:
        raise DocxError(too_large())
    file.seek(0)
    _check_magic(file)
    try:
        with zipfile.ZipFile(file) as parts:
            _check_sizes(parts)
            _check_parts(parts)
            yield parts
    # A broken zip raises whatever it stumbles over; an encrypted member RuntimeError.
    except (
        zipfile.BadZipFile,
        EOFError,
        KeyError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise DocxError(damaged()) from error


def without_pictures(parts: zipfile.ZipFile) -> bytes:
    """A small copy for the reader: the XML, and in the place of each usable picture its name."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as small:
        for info in parts.infolist():
            content = _start(parts, info)
            if _is_picture(content):
                small.writestr(info.filename, info.filename)
            elif _is_xml(content) and not info.filename.lower().endswith(".svg"):
                small.writestr(info.filename, parts.read(info))
            elif "/media/" in info.filename:
                small.writestr(info.filename, "")
    return copy.getvalue()


def _check_magic(file) -> None:
    start = file.read(8)
    file.seek(0)
    if start == OLE:
        if any(ENCRYPTED in chunk for chunk in _overlapping_chunks(file)):
            raise DocxError(_("The file is protected by a password. Save it without one and send it again."))
        raise DocxError(
            _("This is a file of an old Word (.doc). Open it in Word, save it as .docx and send that.")
        )
    if not start.startswith(b"PK"):
        raise DocxError(_no_word())


def _overlapping_chunks(file) -> Iterator[bytes]:
    tail = b""
    for chunk in iter(lambda: file.read(1024**2), b""):
        yield tail + chunk
        tail = chunk[-len(ENCRYPTED) :]


def _check_sizes(parts: zipfile.ZipFile) -> None:
    infos = parts.infolist()
    unpacked, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if len(infos) > MEMBERS or unpacked > UNPACKED_BYTES or unpacked > RATIO * max(packed, 1):
        raise DocxError(
            _(
                "The document is too large when unpacked. Make its pictures smaller or split it into several files."
            )
        )


def _check_parts(parts: zipfile.ZipFile) -> None:
    if not _is_word(parts):
        raise DocxError(_of_another_program(parts) or _no_word())
    for info in parts.infolist():
        if not _is_xml(_start(parts, info)) or info.filename.lower().endswith(".svg"):
            continue
        if info.file_size > XML_BYTES:
            raise DocxError(_("The document is too long for one story. Split it into several files."))
        # No program for texts writes one, and it is the way in for entities. UTF-16 has zeros between its letters.
        if b"<!DOCTYPE" in parts.read(info).replace(b"\0", b""):
            raise DocxError(_("The document holds parts that Word does not write; it is refused for safety."))


def _is_word(parts: zipfile.ZipFile) -> bool:
    """By the list of contents, which names the kind of its main part; macros are left lying."""
    if CONTENT_TYPES not in parts.namelist() or parts.getinfo(CONTENT_TYPES).file_size > XML_BYTES:
        return False
    return (
        re.search(
            rb"(wordprocessingml\.(document|template)|ms-word\.\w+\.macroEnabled\w*)\.main\+xml",
            parts.read(CONTENT_TYPES),
        )
        is not None
    )


def _of_another_program(parts: zipfile.ZipFile) -> str | None:
    """What to do with a text of LibreOffice or a file of Office that is no text."""
    names = parts.namelist()
    if "mimetype" in names and _start(parts, parts.getinfo("mimetype")).startswith(ODT):
        return _(
            "This is a file of LibreOffice (.odt). Open it there or in Word, save it as .docx and send that."
        )
    if any(name.startswith(("xl/", "ppt/")) for name in names):
        return _("This is a file of Excel or PowerPoint, not of Word.")
    return None


def _start(parts: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with parts.open(info) as part:
        return part.read(64)


def _is_xml(start: bytes) -> bool:
    return start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n").startswith(b"<")


def _is_picture(start: bytes) -> bool:
    return start.startswith(PICTURES) or (start.startswith(b"RIFF") and start[8:12] == b"WEBP")


def _no_word() -> str:
    return _("This is no Word document (.docx), though its name may say so.")
