"""What a story's page shows with the story: asked for in the story's own query as JSON, and made into rows again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import router
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import JSONObject

from .attachments import Attachment
from .authors import Author
from .rows import Byline, RelatedLink
from .sections import Section, Topic

if TYPE_CHECKING:
    from .articles import Article

HEADLINE = ("id", "slug", "language", "headline", "published_at", "section_id")


def belongings(now: datetime) -> JSONObject:
    """Of each story of a query; stories that belong to it are those that readers see at that time."""
    public = apps.get_model("articles.Article").objects.published(now)
    of_story = {"article": OuterRef("pk")}
    signed = Byline.objects.filter(**of_story)
    beside = public.filter(section=OuterRef("section"), language=OuterRef("language"))
    linked = RelatedLink.objects.filter(article=OuterRef(OuterRef("pk")), target=OuterRef("pk"))
    beside = beside.exclude(Exists(linked))
    # The index leads to each of the two.
    moment, here = OuterRef("published_at"), {"published_at": OuterRef("published_at")}
    older = beside.filter(published_at__lte=moment).exclude(pk__gte=OuterRef("pk"), **here)
    newer = beside.filter(published_at__gte=moment).exclude(pk__lte=OuterRef("pk"), **here)
    return JSONObject(
        topics=rows(Topic.objects.filter(articles=OuterRef("pk")), "id", "name", "name_en", "slug"),
        bylines=rows(
            signed, "role", author=JSONObject(id="author_id", pen_name="author__pen_name", unit="author__unit", slug="author__slug")
        ),
        attachments=rows(Attachment.objects.filter(**of_story), "file", "title", "size"),
        links=rows(RelatedLink.objects.filter(**of_story).shown(now), "url", "title", target=headline("target__")),
        translation=headlines(
            public.filter(Q(pk=OuterRef("translation_of")) | Q(translation_of=OuterRef("pk"))).order_by("pk")[:1]
        ),
        similar=headlines(
            public.filter(AnyOf("pk", OuterRef("similar")), language=OuterRef("language")).order_by()
        ),
        older=headlines(older.order_by("-published_at", "-id")[:1]),
        newer=headlines(newer.order_by("published_at", "id")[:1]),
    )  # fmt: skip


class AnyOf(Func):
    """The first is among those of the second, an array; PostgreSQL finds them by the index of the first."""

    template, arg_joiner, arity = "%(expressions)s)", " = ANY(", 2
    output_field = BooleanField()


def rows(query, *names: str, **more) -> ArraySubquery:
    return ArraySubquery(query.values(json=JSONObject(**{name: F(name) for name in names}, **more)))


def headline(prefix: str = "") -> JSONObject:
    names = {name: F(prefix + name) for name in HEADLINE}
    return JSONObject(**names, section_slug=F(f"{prefix}section__slug"))


def headlines(query) -> ArraySubquery:
    return ArraySubquery(query.values(json=headline()))


def made(model, values: Mapping):
    """The row; fields without a value are deferred. It knows where it was read: Django would take a row that does not
    for a new one when it is set beside another, and what is read from then on would come from the primary."""
    known = {
        field.attname: values[field.attname]
        for field in model._meta.concrete_fields
        if field.attname in values
    }
    return model.from_db(router.db_for_read(model), known.keys(), known.values())


def headline_made(values: Mapping) -> "Article":
    """With what a headline in a list shows."""
    known = {name: values[name] for name in HEADLINE}
    known["published_at"] = datetime.fromisoformat(values["published_at"])
    story = made(apps.get_model("articles.Article"), known)
    story.section = made(Section, {"id": story.section_id, "slug": values["section_slug"]})
    return story


@dataclass
class Belongings:
    """In the order in which the page shows them. Stories are those that readers see."""

    topics: list[Topic] = field(default_factory=list)
    bylines: list[Byline] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    links: list[RelatedLink] = field(default_factory=list)  # that readers can follow
    translation: "Article | None" = None  # says the same in the other language
    similar: dict[int, "Article"] = field(default_factory=dict)
    older: "Article | None" = None  # the next ones in its section by time, but for those linked to
    newer: "Article | None" = None

    @classmethod
    def of(cls, values: Mapping[str, list[dict]]) -> "Belongings":
        authors = {each["author"]["id"]: made(Author, each["author"]) for each in values["bylines"]}
        similar, *singles = (
            list(map(headline_made, values[name])) for name in ("similar", "translation", "older", "newer")
        )
        translation, older, newer = (next(iter(found), None) for found in singles)
        return cls(
            [made(Topic, each) for each in values["topics"]],
            [signed(each, authors) for each in values["bylines"]],
            [made(Attachment, each) for each in values["attachments"]],
            [link_made(each) for each in values["links"]],
            translation,
            {story.pk: story for story in similar},
            older,
            newer,
        )


def signed(values: Mapping, authors: Mapping[int, Author]) -> Byline:
    byline = made(Byline, {"role": values["role"], "author_id": values["author"]["id"]})
    byline.author = authors[byline.author_id]
    return byline


def link_made(values: Mapping) -> RelatedLink:
    link = made(RelatedLink, values | {"target_id": values["target"]["id"]})
    if link.target_id:
        link.target = headline_made(values["target"])
    return link
