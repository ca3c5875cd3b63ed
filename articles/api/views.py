"""The addresses of the interface: what each of them answers."""

from typing import Annotated
from urllib.parse import urlencode

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI, Path, Query
from ninja.errors import ValidationError
from ninja.renderers import JSONRenderer
from pydantic import Field

from articles.links import whole_address
from articles.models import Article, Author, Section, Topic

from . import schemas, stories
from .parameters import Paging, StoryFilters, check_names

PREFIX = "/api/v1"


class Renderer(JSONRenderer):
    json_dumps_params = {"ensure_ascii": False, "separators": (",", ":")}


api = NinjaAPI(version="1", openapi_url=None, docs_url=None, renderer=Renderer(), urls_namespace="api")
LIST_ERRORS = dict.fromkeys((400, 404, 429, 503), schemas.Error)


@api.exception_handler(ValidationError)
@api.exception_handler(Exception)
def leave(request, error):
    """To answering.py, which knows them all."""
    raise error


@api.get(
    "/stories",
    response={200: schemas.Stories, **LIST_ERRORS},
    url_name="api_stories",
    operation_id="stories",
    summary=_("Stories, the newest first"),
    description=_("What readers see now: no drafts, no scheduled, expired or withdrawn stories."),
)
def list_stories(request, filters: Query[StoryFilters]):
    check_names(request, StoryFilters.model_fields)
    found, cursor = stories.listed(filters)
    items = [schemas.StoryInList(**stories.in_list(story)) for story in found]
    return schemas.Stories(items=items, next=next_page(request, cursor))


@api.get(
    "/stories/{int:id}",
    response={200: schemas.Story, 410: schemas.Withdrawn, **LIST_ERRORS},
    url_name="api_story",
    operation_id="story",
    summary=_("One story in full"),
    description=_(
        "A story that readers once saw and that was withdrawn answers 410 with the day. Delete your copy."
    ),
)
def one_story(request, id: Path[Annotated[int, Field(description=_("The number of the story."))]]):
    check_names(request)
    return stories.in_full(stories.whole(id))


@api.get(
    "/sections",
    response={200: schemas.Sections, **LIST_ERRORS},
    url_name="api_sections",
    operation_id="sections",
    summary=_("All sections, in the order of the menu"),
)
def list_sections(request):
    check_names(request)
    items = [
        schemas.Section(
            slug=section.slug,
            name=section.name,
            description=section.description,
            parent=section.parent and section.parent.slug,
            url=whole_address(section.get_absolute_url()),
        )
        for section in Section.objects.select_related("parent")
    ]
    return schemas.Sections(items=items)


@api.get(
    "/topics",
    response={200: schemas.Topics, **LIST_ERRORS},
    url_name="api_topics",
    operation_id="topics",
    summary=_("Topics of which there are stories, by their number"),
)
def list_topics(request, paging: Query[Paging]):
    check_names(request, Paging.model_fields)
    rows, cursor = page(Topic.objects.all(), "topics", "t", paging)
    items = [
        schemas.Topic(
            slug=topic.slug,
            name=topic.name,
            description=topic.description,
            url=whole_address(topic.get_absolute_url()),
        )
        for topic in rows
    ]
    return schemas.Topics(items=items, next=next_page(request, cursor))


@api.get(
    "/authors",
    response={200: schemas.Authors, **LIST_ERRORS},
    url_name="api_authors",
    operation_id="authors",
    summary=_("Authors of whom there are stories, by their number"),
)
def list_authors(request, paging: Query[Paging]):
    check_names(request, Paging.model_fields)
    rows, cursor = page(Author.objects.all(), "bylines__author", "a", paging)
    items = [
        schemas.Author(
            slug=author.slug,
            pen_name=author.pen_name,
            unit=author.unit,
            url=whole_address(author.get_absolute_url()),
        )
        for author in rows
    ]
    return schemas.Authors(items=items, next=next_page(request, cursor))


def page(rows: QuerySet, path: str, order: str, paging: Paging):
    """Those of which readers see stories; `path` leads from a story to them.

    For each row one story is looked up: as an EXISTS, the database would go through all stories first.
    """
    public = Article.objects.published().filter(**{path: OuterRef("pk")}).order_by()
    rows = rows.alias(story=Subquery(public.values("pk")[:1])).filter(story__isnull=False)
    return stories.page(rows, order, None, paging)


def next_page(request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return whole_address(f"{request.path}?{urlencode({**request.GET.dict(), 'cursor': cursor})}")
