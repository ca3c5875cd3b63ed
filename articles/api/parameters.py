"""What may be asked for: the parameters of lists, checked one by one. Their texts are also what an error says."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from ninja import Schema
from pydantic import BeforeValidator, Field, WithJsonSchema

from .errors import unknown_parameter

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]{8,18}([Zz]|[+-][0-9]{2}:[0-9]{2})")
# Beyond, the clock of the time zone runs over; no story is that old or that new.
FIRST, LAST = date(1900, 1, 1), date(8999, 12, 31)


def day(text: str) -> date:
    if not DAY.fullmatch(text):
        raise ValueError
    return min(max(date.fromisoformat(text), FIRST), LAST)


def moment(text: str) -> datetime:
    text = text.replace(" ", "+")  # what an unescaped + of a time zone becomes on its way
    if not MOMENT.fullmatch(text):
        raise ValueError
    found = datetime.fromisoformat(text.upper())
    if not FIRST.year < found.year < LAST.year:
        found = found.replace(year=min(max(found.year, FIRST.year + 1), LAST.year - 1), day=1, tzinfo=UTC)
    return found


def check_names(request, known=()) -> None:
    """A misspelt filter would answer with everything, and anything else makes one page many for a cache."""
    for name in request.GET:
        if name not in known:
            raise unknown_parameter(name, known)


Slug = Annotated[str, Field(min_length=1, max_length=120, pattern="^[-a-zA-Z0-9_]+$")]
Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]


class Paging(Schema):
    limit: int = Field(20, ge=1, le=100, description=_("Entries of a page: a number from 1 to 100."))
    cursor: str = Field(
        None, description=_("Where the page begins: never made by hand, but taken from “next”.")
    )


class StoryFilters(Paging):
    section: Slug = Field(None, description=_("Slug of a section; the sections below it are included."))
    topic: Slug = Field(None, description=_("Slug of a topic."))
    author: Slug = Field(None, description=_("Slug of an author."))
    language: Literal["vi", "en"] = Field(None, description=_("Only stories in this language."))
    published_from: Day = Field(None, description=_("First day, such as 2026-11-25, Vietnamese time."))
    published_to: Day = Field(None, description=_("Last day, such as 2026-11-25, Vietnamese time."))
    changed_since: Moment = Field(
        None,
        description=_(
            "Only what was published or changed from this moment on, the earliest change first. "
            "With its time zone, such as 2026-11-25T08:00:00+07:00."
        ),
    )
    order: Literal["newest", "oldest"] = Field(
        "newest", description=_("By time of publication; changed_since has an order of its own.")
    )
