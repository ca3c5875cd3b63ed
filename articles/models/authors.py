"""Who signs stories."""

from django.apps import apps
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField

from .folded import Slugged


class Author(Slugged):
    """Who signs stories. Needs no account: many write from a unit or have left."""

    pen_name = CharField(_("pen name"), max_length=80)
    unit = CharField(_("unit"), max_length=120, blank=True, help_text=_("For example: Community Office"))
    slug = models.SlugField(_("address"), max_length=120, unique=True, blank=True)

    folded_from = ("pen_name", "unit")
    slug_from = "pen_name"

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["pen_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["pen_name", "unit"],
                name="author_once_per_unit",
                violation_error_message=_("There is already an author of this name in this unit."),
            )
        ]

    def __str__(self):
        return f"{self.pen_name} ({self.unit})" if self.unit else self.pen_name

    def save(self, *args, **kwargs):
        is_renamed = self.has_other_words()
        super().save(*args, **kwargs)
        if is_renamed:
            stories = apps.get_model("articles.Article").objects.filter(pk__in=self.bylines.values("article"))
            transaction.on_commit(stories.index_newest)

    def get_absolute_url(self):
        return reverse("articles:author", args=[self.slug])
