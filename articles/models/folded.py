"""Rows that are found whatever the marks and capitals, and rows with an address of their own."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.fields import TextField
from articles.fold import fold, slugify

# First parts of addresses that are not sections.
RESERVED_SLUGS = {
    "admin",
    "chu-de",
    "giao-dien",
    "media",
    "static",
    "tac-gia",
    "thong-ke",
    "tim-kiem",
    "trang",
}


def validate_not_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address belongs to the website itself; choose another one."))


class FoldedQuerySet(models.QuerySet):
    def matching(self, text: str):
        """Rows in which every word of `text` occurs, whatever the marks and capitals."""
        queryset = self
        for word in fold(text).split():
            queryset = queryset.filter(folded__contains=word)
        return queryset


class Folded(models.Model):
    """Keeps the folded words of `folded_from`, for lists and choosers in the admin."""

    folded = TextField(editable=False, default="")

    objects = FoldedQuerySet.as_manager()

    folded_from: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        self.folded = fold(" ".join(str(getattr(self, name)) for name in self.folded_from))
        if update_fields is not None:
            update_fields = {*update_fields, "folded"}
        super().save(*args, update_fields=update_fields, **kwargs)


class Slugged(Folded):
    """A row with an address of its own, made from `slug_from` when none was given."""

    slug_from = ""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def _free_slug(self) -> str:
        wanted = slugify(getattr(self, self.slug_from)) or self._meta.model_name
        taken = set(
            type(self)
            .objects.filter(slug__startswith=wanted)
            .exclude(pk=self.pk)
            .values_list("slug", flat=True)
        )
        taken |= RESERVED_SLUGS
        return next(slug for slug in _numbered(wanted) if slug not in taken)


def _numbered(slug: str):
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1
