"""What stories are filed under: one section each, and any number of topics."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.fields import CharField, TextField
from articles.languages import in_page_language

from .folded import FoldedQuerySet, Slugged, validate_not_reserved


class SectionQuerySet(FoldedQuerySet):
    def as_menu(self) -> list["Section"]:
        """The sections of the first level, each with its `subsections`; one query."""
        sections = list(self)
        first_level = [section for section in sections if section.parent_id is None]
        for section in first_level:
            section.subsections = [child for child in sections if child.parent_id == section.pk]
            for child in section.subsections:
                child.parent, child.subsections = section, []
        return first_level


class Named(Slugged):
    """A row with a name and a description in both languages."""

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        return in_page_language(self, "name")

    @property
    def summary(self) -> str:
        return in_page_language(self, "description")


class Section(Named):
    name = CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(
        _("address"),
        max_length=120,
        unique=True,
        blank=True,
        validators=[validate_not_reserved],
        help_text=_("The section's part of the web address. Leave empty to have it made from the name."),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("parent section"),
        related_name="children",
        null=True,
        blank=True,
        limit_choices_to={"parent": None},
        help_text=_("Leave empty for a section of the main menu."),
    )
    description = TextField(_("description"), blank=True, help_text=_("One sentence, shown under the name."))
    name_en = CharField(
        _("name in English"),
        max_length=80,
        blank=True,
        help_text=_("For the English pages; without one they show the Vietnamese name."),
    )
    description_en = TextField(_("description in English"), blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0, db_index=True)

    objects = SectionQuerySet.as_manager()

    folded_from = ("name",)
    slug_from = "name"

    class Meta:
        verbose_name = pgettext_lazy("of news", "section")
        verbose_name_plural = pgettext_lazy("of news", "sections")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="section_is_not_its_own_parent",
                violation_error_message=_("A section cannot stand below itself."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:section", args=[self.slug])

    def clean(self):
        if self.parent is None:
            return
        if self.parent.parent_id:
            raise ValidationError({"parent": _("Sections have two levels at most.")})
        if self.pk and self.children.exists():
            raise ValidationError(
                {"parent": _("This section has sections of its own, so it stays on the first level.")}
            )


class Topic(Named):
    name = CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("address"), max_length=120, unique=True, blank=True)
    description = TextField(_("description"), blank=True)
    name_en = CharField(
        _("name in English"),
        max_length=80,
        blank=True,
        help_text=_("For the English pages; without one they show the Vietnamese name."),
    )
    description_en = TextField(_("description in English"), blank=True)

    folded_from = ("name",)
    slug_from = "name"

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        is_renamed = self.has_other_words()
        super().save(*args, **kwargs)
        if is_renamed:
            transaction.on_commit(self.articles.index_newest)

    def get_absolute_url(self):
        return reverse("articles:topic", args=[self.slug])
