"""The newsroom's photos, each stored once by its content."""

import logging
from functools import lru_cache, partial
from pathlib import PurePath

from django.apps import apps
from django.conf import settings
from django.core.files.storage import storages
from django.core.validators import MaxValueValidator
from django.db import connection, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import body, images, takedown
from articles.fields import CharField, TextField

from .folded import Folded, FoldedQuerySet

logger = logging.getLogger(__name__)


def originals():
    return storages["originals"]


class PhotoQuerySet(FoldedQuerySet):
    def present(self):
        """Photos whose files are there; those taken out on request are not."""
        return self.filter(removed_at=None)

    def unused(self):
        """Photos that no story shows, in its body or as its lead photo."""
        return self.exclude(articles__isnull=False)

    def outdated(self):
        """Photos that lack some of the files which photos have today."""
        return self.present().filter(recipe__lt=images.RECIPE)

    def store(self, upload, *, user=None, **words):
        """The photo with this content: the one stored before, or a new row with its files.

        Raises images.ImageError with a sentence for people when the upload is no usable picture.
        """
        [stored] = self.store_each([(upload, words)], user=user)
        if isinstance(stored, images.ImageError):
            raise stored
        return stored

    def store_each(self, uploads, *, user=None):
        """For each (upload, words) in turn the stored photo or the reason why it was refused."""
        digests = [images.digest(upload) for upload, _words in uploads]
        known = set(self.filter(digest__in=digests).values_list("digest", flat=True))
        unknown = {digest: upload for digest, (upload, _words) in zip(digests, uploads, strict=True)}
        made = dict.fromkeys(known)
        making = images.make_each([(unknown[digest], digest) for digest in unknown if digest not in known])
        for digest, (upload, words) in zip(digests, uploads, strict=True):
            if digest not in made:
                made[digest] = next(making)
            try:
                if isinstance(made[digest], images.ImageError):
                    raise made[digest]
                yield self._add(digest, made[digest], upload, user, words)
                made[digest] = None  # its files are large, and a copy needs them no more
            except images.ImageError as error:
                yield error

    def _add(self, digest, made, upload, user, words):
        with transaction.atomic():
            images_lock(digest)
            if photo := self.filter(digest=digest).first():  # perhaps since a moment ago
                photo.check_not_removed()
                photo.fill_in(**words)
                return photo
            photo = self.model(
                original_name=PurePath(upload.name or "").name[:200], uploaded_by=user, **words
            )
            photo.take(made or images.make(upload, digest), digest, upload)
            photo.save(force_insert=True)
        photo.is_new = True
        return photo

    def delete_abandoned(self) -> int:
        """Deletes files of photos that a killed process has left behind; returns how many."""
        count = 0
        for folder in images.folders():
            photos = self.filter(file__startswith=f"{folder}/")
            kept = {name for photo in photos for name in photo.files.names}
            for name in images.abandoned(folder, kept):
                images.delete([name])
                count += 1
        return count


def images_lock(digest: str) -> None:
    """Until the end of the transaction only one writes or deletes the files of this content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])


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
    # By which images.RECIPE its files were made: of older photos some are missing until make_renditions has run.
    recipe = models.PositiveSmallIntegerField(_("recipe of its files"), default=1, editable=False)
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

    def delete(self, *args, **kwargs):
        """Takes the files along."""
        self._delete_files_on_commit()
        return super().delete(*args, **kwargs)

    @property
    def files(self) -> images.Files:
        return images.Files(self.file.name, self.width, self.height, self.focal_x, self.focal_y)

    @property
    def picture(self) -> body.Picture:
        """What a page needs to show the photo; asks neither the database nor the disk."""
        return whole_picture(self.files, self.fallback_name)

    @property
    def fallback_name(self) -> str:
        """The file of the whole photo that every program can show."""
        return self.file.name if self._lacks_files else self.files.fallback.name

    @property
    def wide_picture(self) -> body.Picture:
        """The part around the focal point in 16:9, for cards."""
        return self._crop((16, 9))

    @property
    def square_picture(self) -> body.Picture:
        return self._crop((1, 1))

    @property
    def shared_picture(self) -> body.Picture:
        """For those who share the story."""
        if self.recipe < images.SHARED_SINCE:
            return self.wide_picture
        return shared_picture(self.files)

    @property
    def thumbnail_url(self) -> str:
        return self.picture.renditions[0][0] if self.file else ""

    @property
    def _lacks_files(self) -> bool:
        return self.recipe < images.CROPS_SINCE

    def _crop(self, ratio) -> body.Picture:
        if self._lacks_files:
            return self.picture
        return crop_picture(self.files, ratio)

    def check_not_removed(self) -> None:
        if self.removed_at:
            raise images.ImageError(
                gettext("This photo was taken out on request on %(date)s and is not stored again.")
                % {"date": date_format(timezone.localtime(self.removed_at), "SHORT_DATE_FORMAT")}
            )

    def take(self, made: images.Made, digest: str, upload) -> None:
        """Writes the files and notes them; the caller saves."""
        images.write(made, upload)
        self.digest, self.recipe = digest, images.RECIPE
        self.file, self.original = made.files.name, made.original
        self.width, self.height = made.files.width, made.files.height

    def replace(self, upload) -> None:
        """Another file in the place of this one: every use and all words stay, every address is new.

        Raises images.ImageError with a sentence for people.
        """
        digest = images.digest(upload)
        self._check_replacement(digest)
        made = images.make(upload, digest)
        with transaction.atomic():
            images_lock(digest)
            self._check_replacement(digest)
            self._refresh_held()
            self.check_not_removed()
            self._delete_files_on_commit()
            self.take(made, digest, upload)
            self.original_name = PurePath(upload.name or "").name[:200]
            self.focal_x = self.focal_y = 50  # of another picture
            self.save()
            self.articles.all().render_anew()

    def _check_replacement(self, digest: str) -> None:
        other = Photo.objects.filter(digest=digest).first()
        if other is None:
            return
        if other == self:
            raise images.ImageError(gettext("This is the same file as before."))
        other.check_not_removed()
        raise images.ImageError(
            gettext("This file is in the library already, as “%(name)s”.") % {"name": other}
        )

    def take_down(self, user, reason: str) -> None:
        """Removal on request: the files, the words and every use go; the row stays and refuses the same file."""
        with transaction.atomic():
            self._refresh_held()
            if self.removed_at:
                return
            self._delete_files_on_commit()
            mark = PurePath(self.file.name).stem.encode()  # is in every address of its files
            transaction.on_commit(partial(takedown.note, mark), robust=True)
            self.removed_at, self.removed_by, self.removal_reason = timezone.now(), user, reason
            self.file = self.original = self.caption = self.credit = self.alt = self.original_name = ""
            self.save()
            stories = list(self.articles.values_list("pk", flat=True))
            self.articles.all().render_anew()
            self.articles.clear()
            self._leave_versions()
        logger.info("Photo %s was taken out by %s (%s); it was in stories %s", self.pk, user, reason, stories)

    def _leave_versions(self) -> None:
        """Out of the texts of older versions and of what people are typing, too: the caption names the person."""
        mark = f'data-photo="{self.pk}"'
        for version in apps.get_model("articles.ArticleVersion").objects.filter(
            content__body__icontains=mark
        ):
            version.content["body"] = body.with_photos(version.content["body"], {}, {self.pk})
            version.save(update_fields=["content"])
        for draft in apps.get_model("articles.WorkingDraft").objects.filter(fields__contains=[["body"]]):
            typed = [
                [
                    name,
                    body.with_photos(body.clean(value), {}, {self.pk})
                    if name == "body" and mark in value
                    else value,
                ]
                for name, value in draft.fields
            ]
            if typed != draft.fields:
                draft.fields = typed
                draft.save(update_fields=["fields"])

    def set_focal_point(self, x: int, y: int) -> None:
        """What the crops are to show, in percent from the left and from the top."""
        with transaction.atomic():
            self._refresh_held()
            before = self.files.names
            self.focal_x, self.focal_y = min(max(0, x), 100), min(max(0, y), 100)
            images.draw_missing(self.files)
            self.recipe = images.RECIPE
            self.save(update_fields=["focal_x", "focal_y", "recipe"])
            transaction.on_commit(partial(images.delete, before - self.files.names))

    def make_renditions(self) -> None:
        """Makes what a photo of an earlier version lacks, and lets its stories show it."""
        with transaction.atomic():
            self._refresh_held()
            if self.removed_at:
                return
            images.draw_missing(self.files)
            self.recipe = images.RECIPE
            self.save(update_fields=["recipe"])
            self.articles.all().render_anew()

    def _refresh_held(self) -> None:
        """The row as it is now; nobody else changes it or its stories before the end of the transaction.

        Stories first, as in a save of one of them, so that the two never wait for each other.
        """
        list(self.articles.select_for_update().order_by("pk").values_list("pk"))
        self.refresh_from_db(from_queryset=Photo.objects.select_for_update())

    def _delete_files_on_commit(self) -> None:
        if self.file:
            transaction.on_commit(partial(delete_files, self.digest, self.files.names, self.original.name))

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


def delete_files(digest: str, names: set[str], original: str) -> None:
    """Deletes what belonged to a photo, unless the same file has been stored anew meanwhile."""
    with transaction.atomic():
        images_lock(digest)
        if not Photo.objects.filter(digest=digest, removed_at=None).exists():
            images.delete(names, original)


# Lists and pages show the same photos again and again, and all about them follows from a few facts.


@lru_cache(2048)
def whole_picture(files: images.Files, fallback: str) -> body.Picture:
    return picture_of(files, files.whole, fallback, files.width, files.height)


@lru_cache(2048)
def crop_picture(files: images.Files, ratio: tuple[int, int]) -> body.Picture:
    fallback = files.crop_fallback(ratio)
    return picture_of(files, files.crops(ratio), fallback.name, fallback.width, fallback.height)


@lru_cache(2048)
def shared_picture(files: images.Files) -> body.Picture:
    return picture_of(files, [], files.shared.name, files.shared.width, files.shared.height)


def picture_of(files: images.Files, renditions, fallback: str, width: int, height: int) -> body.Picture:
    url = Photo.file.field.storage.url
    return body.Picture(
        url=url(fallback),
        large_url=url(files.name),
        width=width,
        height=height,
        renditions=tuple((url(each.name), each.width) for each in renditions),
    )
