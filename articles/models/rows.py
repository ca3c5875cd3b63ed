"""What belongs to a story row by row: who signs it, and what it links to."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField, URLField

from .authors import Author
from .sections import Topic


class DatedQuerySet(models.QuerySet):
    """Of rows with the time of their story."""

    def seen(self, name: str) -> Exists:
        """Whether readers see a story of the outer row, to which `name` leads: along the index, the newest first."""
        public = (
            self.model.article.field.related_model.objects.in_language()
            .published()
            .filter(pk=OuterRef("article"))
        )
        return Exists(self.filter(Exists(public), **{name: OuterRef("pk")}).order_by("-published_at"))


class Byline(models.Model):
    class Role(models.TextChoices):
        NAME_ONLY = "name_only", _("Name only")
        TEXT = "text", _("Text")
        PHOTO = "photo", _("Photo")
        TEXT_AND_PHOTO = "text_and_photo", _("Text and photo")
        ACCORDING_TO = "according_to", _("According to")
        COMPILED = "compiled", _("Compiled by")
        TRANSLATED = "translated", _("Translated by")

    article = models.ForeignKey(
        "articles.Article", models.CASCADE, verbose_name=_("story"), related_name="bylines"
    )
    author = models.ForeignKey(Author, models.PROTECT, verbose_name=_("author"), related_name="bylines")
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.NAME_ONLY)
    order = models.PositiveSmallIntegerField(_("order"), default=0, db_index=True)
    # The story's, kept by triggers: what an author's page is sorted by.
    published_at = models.DateTimeField(null=True, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("byline")
        verbose_name_plural = _("bylines")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "author", "role"],
                name="byline_once",
                violation_error_message=_("This author already signs this story in this role."),
            )
        ]
        indexes = [
            models.Index("author", F("published_at").desc(), F("article").desc(), name="byline_newest"),
        ]

    def __str__(self):
        if self.role == self.Role.NAME_ONLY:
            return self.author.pen_name
        return gettext("%(role)s: %(name)s") % {"role": self.get_role_display(), "name": self.author.pen_name}


class Filing(models.Model):
    """A row of Article.topics with the time of its story, kept by triggers: what a topic's page is sorted by."""

    article = models.ForeignKey("articles.Article", models.DO_NOTHING, related_name="+")
    topic = models.ForeignKey(Topic, models.DO_NOTHING, related_name="+")
    published_at = models.DateTimeField(null=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        managed = False  # Django's own table of a ManyToManyField; migration 0022 adds the column
        db_table = "articles_article_topics"

    def __str__(self):
        return f"{self.topic}: {self.article}"


@dataclass
class Beside:
    """Who signs a story and its topics, with which it is found too."""

    names: list[str] = field(default_factory=list)
    authors: list[int] = field(default_factory=list)


def names_beside(ids) -> dict[int, Beside]:
    """Two queries."""
    names = {id: Beside() for id in ids}
    bylines = Byline.objects.filter(article__in=names).order_by("order", "id")
    topics = Topic.objects.filter(articles__in=names).order_by("pk")
    for id, author, name, unit in bylines.values_list(
        "article", "author", "author__pen_name", "author__unit"
    ):
        names[id].names += [name, unit]
        names[id].authors.append(author)
    for id, name in topics.values_list("articles", "name"):
        names[id].names.append(name)
    return names


class RelatedLinkQuerySet(models.QuerySet):
    def shown(self, now: datetime):
        """Links that readers can follow: outside ones and those to public stories."""
        public = self.model.target.field.related_model.objects.published(now)
        return self.filter(Q(target=None) | Q(target__in=public))


class RelatedLink(models.Model):
    article = models.ForeignKey(
        "articles.Article", models.CASCADE, verbose_name=_("story"), related_name="related_links"
    )
    target = models.ForeignKey(
        "articles.Article",
        models.CASCADE,
        verbose_name=_("story of this site"),
        related_name="+",
        null=True,
        blank=True,
    )
    url = URLField(_("or an outside address"), blank=True)
    title = CharField(_("title"), max_length=300, blank=True, help_text=_("Needed for an outside address."))
    order = models.PositiveSmallIntegerField(_("order"), default=0, db_index=True)

    objects = RelatedLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("related news")
        verbose_name_plural = _("related news")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target__isnull=False, url="") | (Q(target=None) & ~Q(url="") & ~Q(title="")),
                name="related_link_has_one_target",
                violation_error_message=_(
                    "Choose a story, or give an outside address with its title: one of the two."
                ),
            ),
            models.UniqueConstraint(
                fields=["article", "target"],
                name="related_target_once",
                violation_error_message=_("This story is already among the related news."),
            ),
            models.UniqueConstraint(
                fields=["article", "url"],
                condition=~Q(url=""),
                name="related_url_once",
                violation_error_message=_("This address is already among the related news."),
            ),
            models.CheckConstraint(
                condition=Q(target=None) | ~Q(target=F("article")),
                name="related_is_another_story",
                violation_error_message=_("A story is not related to itself."),
            ),
        ]

    def __str__(self):
        return self.title or (self.target.headline if self.target else self.url)

    def get_absolute_url(self):
        return self.target.get_absolute_url() if self.target else self.url
