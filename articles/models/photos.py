"""The newsroom's photos, each stored once by its content."""

from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import storages
from django.core.validators import MaxValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import body, images
from articles.fields import CharField, TextField

from .folded import Folded, FoldedQuerySet


def originals():
    return storages["originals"]


class PhotoQuerySet(FoldedQuerySet):
    def present(self):
        """Photos whose files are there; those taken out on request are not."""
        return self.filter(removed_at=None)

    def unused(self):
        """Photos that no story shows, in its body or as its lead photo."""
        return self.exclude(articles__isnull=False)

    def store(self, upload, *, user=None, **words):
        """The photo with this content: the one stored before, or a new row with its files.

        Raises images.ImageError with a sentence for people when the upload is no usable picture.
        """
        digest = images.digest(upload)
        if photo := self.filter(digest=digest).first():
            photo.fill_in(**words)
            return photo
        picture = images.prepare(upload)
        photo = self.model(
            digest=digest,
            file=images.store(picture, digest),
            width=picture.width,
            height=picture.height,
            original_name=PurePath(upload.name or "").name[:200],
            uploaded_by=user,
            **words,
        )
        try:
            with transaction.atomic():
                photo.save(force_insert=True)
        except IntegrityError:  # somebody else stored the same file meanwhile
            return self.get(digest=digest)
        photo.is_new = True
        return photo


class Photo(Folded):
    file = models.ImageField(_("file"), upload_to="photos/", max_length=200)
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    original_name = CharField(_("file name"), max_length=200, blank=True, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    caption = TextField(_("caption"), blank=True, help_text=_("A full sentence for all readers."))
    credit = CharField(_("credit"), max_length=120, blank=True, help_text=_("Who took the photo."))
    alt = TextField(
        _("alternative text"),
        blank=True,
        help_text=_("What is to be seen, for readers who cannot see the photo."),
    )
    is_decorative = models.BooleanField(
        _("decorative"), default=False, help_text=_("Tells nothing of its own; screen readers pass it over.")
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("uploaded by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now, editable=False)
    # The file as it was sent, with its metadata: kept for making renditions anew, never served to readers.
    original = models.FileField(_("original"), storage=originals, max_length=200, blank=True, editable=False)
    focal_x = models.PositiveSmallIntegerField(
        _("focal point from the left"), default=50, validators=[MaxValueValidator(100)]
    )  # percent
    focal_y = models.PositiveSmallIntegerField(
        _("focal point from the top"), default=50, validators=[MaxValueValidator(100)]
    )  # percent
    # Taken out on request: the row stays, so that the same file is not stored again by mistake; no file is left.
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True, editable=False)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("removed by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    removal_reason = TextField(_("reason of the removal"), blank=True, editable=False)

    is_new = False  # whether this very object came of an upload that nobody had stored before

    objects = PhotoQuerySet.as_manager()

    folded_from = ("caption", "credit", "alt", "original_name")

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_decorative=False) | Q(alt=""),
                name="photo_decorative_has_no_alt",
                violation_error_message=_(
                    "A decorative photo has no alternative text: clear one of the two."
                ),
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(file="", original="") & ~Q(removal_reason=""),
                name="photo_removed_has_no_file",
                violation_error_message=_("A removed photo has a reason and no files."),
            ),
        ]

    def __str__(self):
        return self.caption or self.original_name or gettext("Photo %(id)s") % {"id": self.pk}

    @property
    def picture(self) -> body.Picture:
        """What a page needs to show the photo; asks neither the database nor the disk."""
        return body.Picture(
            url=self.file.url,
            width=self.width,
            height=self.height,
            renditions=tuple(
                (self._rendition_url(width), width) for width in images.rendition_widths(self.width)
            ),
        )

    def fill_in(self, **words):
        """Takes words for what has none yet; what somebody wrote before stays."""
        missing = [name for name, value in words.items() if value and not getattr(self, name)]
        for name in missing:
            setattr(self, name, words[name])
        if missing:
            self.save(update_fields=missing)

    @property
    def figure_html(self) -> str:
        """The photo as it is put into a body, with its own caption and credit to begin with.

        Without a text of its own it has no alternative one: the caption stands beside it and would be read twice.
        """
        credit = gettext("Photo: %(name)s") % {"name": self.credit} if self.credit else ""
        parts = [self.caption, format_html("<em>{}</em>", credit) if credit else ""]
        words = format_html_join(" ", "{}", ([part] for part in parts if part))
        return format_html(
            '<figure class="image"><img src="{}" alt="{}" data-photo="{}"><figcaption>{}</figcaption></figure>',
            self.file.url, self.alt, self.pk, words,
        )  # fmt: skip

    def as_choice(self) -> dict:
        """What the chooser in the admin needs to know."""
        return {
            "id": self.pk,
            "thumbnail": self.thumbnail_url,
            "name": str(self),
            "caption": self.caption,
            "credit": self.credit,
            "alt": self.alt,
            "isNew": self.is_new,
            "wordsUrl": reverse("admin:articles_photo_words", args=[self.pk]),
            "html": self.figure_html,
        }

    @property
    def thumbnail_url(self) -> str:
        widths = images.rendition_widths(self.width)
        return self._rendition_url(widths[0]) if widths else self.file.url

    def _rendition_url(self, width: int) -> str:
        return self.file.storage.url(images.rendition_name(self.file.name, width))
