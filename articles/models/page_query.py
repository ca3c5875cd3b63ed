"""The query of a story's page. Django writes it once a process, since writing it takes longer than answering it."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connections, router
from django.db.models import F
from django.db.models.functions import JSONObject
from django.utils import timezone

from .belongings import made
from .photos import Photo
from .sections import Section

if TYPE_CHECKING:
    from .articles import Article

# Stand in the written query for the values of a reader's question.
SOME_TIME, SOME_ID = datetime(9999, 12, 30, tzinfo=UTC), -1
SECTION = ("id", "name", "name_en", "slug", "parent_id")
PHOTO = ("id", "file", "width", "height", "focal_x", "focal_y", "recipe", "caption", "alt")
UNSHOWN = {"body", "body_text", "folded", "search_document"}


def shown_story(id: int) -> "Article | None":
    """The published story, as ArticleQuerySet.for_page() loads it."""
    model = apps.get_model("articles.Article")
    columns, sql, marked = written()
    now = timezone.now()
    values = [now if value == SOME_TIME else id if value == SOME_ID else value for value in marked]
    with connections[router.db_for_read(model)].cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchone()
    if found is None:
        return None
    *own, corrections, belongings, around = found
    story = made(model, dict(zip(columns, own, strict=True)))
    story.correction_rows = list(map(json.loads, corrections))
    story.belonging_rows = json.loads(belongings)
    around = json.loads(around)
    story.section = made(Section, around["section"])
    if story.section.parent_id:
        story.section.parent = made(Section, around["parent"])
    if story.lead_photo_id:
        story.lead_photo = made(Photo, around["lead_photo"])
    return story


@cache
def written() -> tuple[list[str], str, tuple]:
    """The story's columns, the SQL and its values."""
    model = apps.get_model("articles.Article")
    columns = [field.attname for field in model._meta.concrete_fields if field.name not in UNSHOWN]
    around = JSONObject(
        section=part("section__", SECTION),
        parent=part("section__parent__", SECTION),
        lead_photo=part("lead_photo__", PHOTO),
    )
    story = model.objects.published(SOME_TIME).for_page(SOME_TIME).annotate(around=around).filter(pk=SOME_ID)
    names = [*columns, "correction_rows", "belonging_rows", "around"]
    # As the server that is read understands it; sql_with_params() would ask the primary for its version.
    return columns, *story.values_list(*names).query.get_compiler(router.db_for_read(model)).as_sql()


def part(prefix: str, names) -> JSONObject:
    return JSONObject(**{name: F(prefix + name) for name in names})
