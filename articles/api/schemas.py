"""What the interface answers, field by field. The texts are translated where the description is written."""

from datetime import datetime

from django.utils.translation import gettext_noop as _
from ninja import Schema
from pydantic import Field


class Place(Schema):
    """A section or topic in a few words."""

    slug: str
    name: str
    url: str = Field(description=_("Address of its page."))


class Section(Schema):
    slug: str = Field(description=_("For the filter of the list of stories."))
    name: str
    description: str
    parent: str | None = Field(description=_("Slug of the section above it."))
    url: str = Field(description=_("Address of its page."))


class Topic(Schema):
    slug: str = Field(description=_("For the filter of the list of stories."))
    name: str
    description: str
    url: str = Field(description=_("Address of its page."))


class Author(Schema):
    slug: str = Field(description=_("For the filter of the list of stories."))
    pen_name: str
    unit: str
    url: str = Field(description=_("Address of its page."))


class Byline(Schema):
    pen_name: str
    unit: str
    role: str = Field(description=_("Such as text, photo or translated; name_only where none is told."))
    role_name: str = Field(description=_("The role in words."))
    slug: str
    url: str = Field(description=_("Address of its page."))


class Rendition(Schema):
    url: str
    width: int = Field(description=_("In pixels."))
    type: str


class Photo(Schema):
    url: str = Field(description=_("The photo in full size."))
    width: int = Field(description=_("In pixels."))
    height: int = Field(description=_("In pixels."))
    caption: str = Field(description=_("As the story has it, else as the photo library has it."))
    credit: str = Field(description=_("Who took the photo. Name the person wherever you show it."))
    alt: str = Field(description=_("What is to be seen, for readers who cannot see the photo."))
    renditions: list[Rendition] = Field(description=_("The same photo in smaller widths, as WebP."))


class Source(Schema):
    name: str
    url: str


class Correction(Schema):
    text: str
    made_at: datetime


class Attachment(Schema):
    title: str
    url: str
    size: int = Field(description=_("In bytes."))


class Link(Schema):
    title: str
    url: str


class StoryInList(Schema):
    id: int = Field(description=_("Stays for life."))
    url: str = Field(description=_("The canonical address; link to it wherever you show the story."))
    api_url: str = Field(description=_("Address of the whole story in this interface."))
    kicker: str
    headline: str
    lead: str = Field(description=_("The opening paragraph, plain text."))
    section: Place
    published_at: datetime
    updated_at: datetime | None = Field(description=_("The last update that readers are told of."))
    changed_at: datetime = Field(
        description=_("The last change of any kind, small ones and corrections included.")
    )
    lead_photo: Photo | None


class Story(StoryInList):
    dateline: str = Field(description=_("The place before the first words."))
    body_html: str = Field(description=_("The text as clean HTML with whole addresses."))
    body_text: str = Field(description=_("The text without marks, one line a paragraph."))
    bylines: list[Byline]
    source: Source | None
    topics: list[Place]
    photos: list[Photo] = Field(
        description=_("In the order of the text; the lead photo first if it is not in it.")
    )
    corrections: list[Correction] = Field(description=_("The newest first. Show them with the story."))
    attachments: list[Attachment]
    related: list[Link]


NEXT = _("Address of the next page; null on the last one.")


class Stories(Schema):
    items: list[StoryInList]
    next: str | None = Field(description=NEXT)


class Sections(Schema):
    items: list[Section]


class Topics(Schema):
    items: list[Topic]
    next: str | None = Field(description=NEXT)


class Authors(Schema):
    items: list[Author]
    next: str | None = Field(description=NEXT)


class Error(Schema):
    code: str = Field(description=_("For programs; never changes."))
    message: str = Field(description=_("For people, in Vietnamese."))


class Withdrawn(Error):
    withdrawn_at: datetime
