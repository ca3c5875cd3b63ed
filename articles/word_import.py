"""A Word file becomes a draft: its story, photos and byline in one transaction. Reading the file is docx's work."""

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import docx, versions, workflow
from .fold import nfc
from .models import Article, ArticleVersion, Author, Byline, Photo, Section
from .models.photos import delete_files

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Draft:
    """The new story, what was found in the file, and what to look at."""

    article: Article
    found: str
    warnings: list[str]


def import_file(upload, *, section: Section, user) -> Draft:
    """Raises docx.DocxError; then neither rows nor files of photos are left."""
    try:
        document = docx.read(upload)
    except docx.DocxError as error:
        logger.info("Import of %r refused: %s", upload.name, error)
        raise
    with _no_files_left_behind() as photos, transaction.atomic():
        draft = _make_draft(document, PurePath(upload.name or "").stem, section, user, photos)
    logger.info("Imported %r as story %s with %s photos", upload.name, draft.article.pk, len(document.photos))
    return draft


def _make_draft(
    document: docx.ImportedDocument, name: str, section: Section, user, photos: dict[int, Photo]
) -> Draft:
    warnings = list(document.warnings)
    _store_photos(document, name, user, photos, warnings)
    article = Article.objects.create(
        section=section,
        headline=document.headline or nfc(name)[:300] or _("Story from Word"),
        kicker=document.kicker,
        lead=document.lead,
        body=docx.with_photos(
            document.body, {number: (photo.pk, photo.file.url) for number, photo in photos.items()}
        ),
        created_by=user,
    )
    signed = _sign(article, document.byline, user, warnings)
    versions.record(article, ArticleVersion.Kind.IMPORTED, user)
    workflow.note(article, "import", user, after=article.status)
    return Draft(article, _found(document, photos, signed), warnings)


def _store_photos(document, name: str, user, photos: dict[int, Photo], warnings: list[str]) -> None:
    """Into `photos` by their places in the document; a picture that cannot be used is told and left out."""
    uploads = [
        (
            ContentFile(photo.content, name=f"{name[:150]}-{number}{PurePath(photo.name).suffix}"),
            {"caption": photo.caption, "credit": photo.credit},
        )
        for number, photo in enumerate(document.photos, 1)
    ]
    for number, stored in enumerate(Photo.objects.store_each(uploads, user=user), 1):
        if isinstance(stored, Photo):
            photos[number] = stored
        else:
            warnings.append(
                _("Photo %(number)s was left out: %(reason)s") % {"number": number, "reason": stored}
            )


def _sign(article: Article, byline, user, warnings: list[str]) -> list[Byline]:
    """Who signs; a new author is made only by who may make one."""
    signed = []
    for order, signature in enumerate(byline, 1):
        author = _author(signature, user)
        if author is None or not user.has_perm("articles.add_byline"):
            warnings.append(
                _("There is no author “%(name)s” yet: choose one under Bylines.") % {"name": signature.name}
            )
            continue
        row, _is_new = Byline.objects.get_or_create(
            article=article, author=author, role=signature.role, defaults={"order": order}
        )
        signed.append(row)
    return signed


def _author(signature: docx.Signature, user) -> Author | None:
    namesakes = Author.objects.filter(pen_name__iexact=nfc(signature.name)).order_by("id")
    if signature.unit:
        namesakes = namesakes.filter(unit__iexact=nfc(signature.unit)) or namesakes
    if author := namesakes.first():
        return author
    if not user.has_perm("articles.add_author"):
        return None
    name = signature.name.title() if signature.name.isupper() and " " in signature.name else signature.name
    return Author.objects.get_or_create(pen_name=nfc(name), unit=nfc(signature.unit))[0]


def _found(document: docx.ImportedDocument, photos: dict[int, Photo], signed: list[Byline]) -> str:
    """ "Headline, lead, 11 photos with 11 captions. Author: …", for the person who looks through the draft."""
    parts = [
        label
        for label, value in (
            (_("kicker"), document.kicker),
            (_("headline"), document.headline),
            (_("lead of the story"), document.lead),
        )
        if value
    ]
    if photos:
        captions = sum(1 for number in photos if document.photos[number - 1].caption)
        parts.append(
            ngettext(
                "%(count)s photo (with caption: %(captions)s)",
                "%(count)s photos (with caption: %(captions)s)",
                len(photos),
            )
            % {"count": len(photos), "captions": captions}
        )
    parts += [str(byline) for byline in signed]
    return ", ".join(parts)


@contextmanager
def _no_files_left_behind():
    """The rows of a failed import are rolled back; the files of photos that nobody had stored before go, too."""
    photos: dict[int, Photo] = {}
    try:
        yield photos
    except BaseException:
        for photo in photos.values():
            if photo.is_new:
                delete_files(photo.digest, photo.files.names, photo.original.name)
        raise
