"""Rows that are found whatever the marks and capitals, and rows with an address of their own."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.fields import TextField
from articles.fold import fold, slugify
from articles.search import LONGEST_QUERY, MOST_WORDS, WORD

# First parts of addresses that are not sections.
RESERVED_SLUGS = {
    "admin",
    "api",
    "atom",
    "chu-de",
    "dinh-chinh",
    "en",
    "giao-dien",
    "healthz",
    "kenh-rss",
    "luu-tru",
    "kha-nang-tiep-can",
    "media",
    "metrics",
    "readyz",
    "rss",
    "so-do-trang",
    "static",
    "tac-gia",
    "thong-ke",
    "tim-kiem",
    "trang",
    "xem-truoc",
}

# The ends of a word for PostgreSQL; its own \m and \M take the underscores of file names for letters.
BEFORE, BEHIND = "(?<![[:alnum:]])", "(?![[:alnum:]])"


def validate_not_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address belongs to the website itself; choose another one."))


class FoldedQuerySet(models.QuerySet):
    def matching(self, text: str, *, is_typing=False):
        """Rows in which every word of `text` occurs as a whole one, whatever the marks and capitals.

        Vietnamese words are short: as a mere part, "an" occurs in every second story. While somebody
        is typing, the last word may be the beginning of one. Of a long text the first words count, as for readers:
        each is looked for in every row.
        """
        words = WORD.findall(fold(text[:LONGEST_QUERY]))[:MOST_WORDS]
        if text.strip() and not words:
            return self.none()
        queryset = self
        for number, word in enumerate(words, 1):
            is_begun = is_typing and number == len(words)
            queryset = queryset.filter(folded__regex=BEFORE + word + ("" if is_begun else BEHIND))
        return queryset


class Folded(models.Model):
    """Keeps the folded words of `folded_from`, for lists and choosers in the admin."""

    folded = TextField(editable=False, default="")

    objects = FoldedQuerySet.as_manager()

    folded_from: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        self.folded = self.fold_words()
        if update_fields is not None:
            update_fields = {*update_fields, "folded"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def has_other_words(self) -> bool:
        """Whether the stored row goes by other words than this one."""
        words = {name: getattr(self, name) for name in self.folded_from}
        return type(self)._base_manager.filter(pk=self.pk).exclude(**words).exists()

    def fold_words(self) -> str:
        return fold(" ".join(str(getattr(self, name)) for name in self.folded_from))


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
