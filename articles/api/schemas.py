"""What the interface answers, field by field. The texts are translated where the description is written."""

from datetime import datetime

from django.utils.translation import gettext_noop as _
from ninja import Schema
from pydantic import Field


class Place(Schema):
    """A section or topic in a few words."""

    slug: str = Field(description=_("For the filter of the list of stories."))
    name: str = Field(description=_("As readers see it."))
    url: str = Field(description=_("Address of its page."))


class Section(Schema):
    slug: str = Field(description=_("For the filter of the list of stories."))
    name: str = Field(description=_("As readers see it."))
    description: str = Field(description=_("One sentence; often empty."))
    parent: str | None = Field(description=_("Slug of the section above it."))
    url: str = Field(description=_("Address of its page."))


class Topic(Schema):
    slug: str = Field(description=_("For the filter of the list of stories."))
    name: str = Field(description=_("As readers see it."))
    description: str = Field(description=_("One sentence; often empty."))
    url: str = Field(description=_("Address of its page."))


class Author(Schema):
    slug: str = Field(description=_("For the filter of the list of stories."))
    pen_name: str = Field(description=_("Who signs; not always a person."))
    unit: str = Field(description=_("Where the author works; often empty."))
    url: str = Field(description=_("Address of its page."))


class Byline(Schema):
    pen_name: str = Field(description=_("Who signs; not always a person."))
    unit: str = Field(description=_("Where the author works; often empty."))
    role: str = Field(description=_("Such as text, photo or translated; name_only where none is told."))
    role_name: str = Field(description=_("The role in words."))
    slug: str = Field(description=_("For the filter of the list of stories."))
    url: str = Field(description=_("Address of its page."))


class Rendition(Schema):
    url: str = Field(description=_("Address of the file."))
    width: int = Field(description=_("In pixels."))
    type: str = Field(description=_("Such as image/webp."))


class Photo(Schema):
    url: str = Field(description=_("The photo in full size."))
    width: int = Field(description=_("In pixels."))
    height: int = Field(description=_("In pixels."))
    caption: str = Field(description=_("As the story has it, else as the photo library has it."))
    credit: str = Field(description=_("Who took the photo. Name the person wherever you show it."))
    alt: str = Field(description=_("What is to be seen, for readers who cannot see the photo."))
    renditions: list[Rendition] = Field(description=_("The same photo in smaller widths, as WebP."))


class Source(Schema):
    name: str = Field(description=_("From where the story was taken."))
    url: str = Field(description=_("Its address there; often empty."))


class Correction(Schema):
    text: str = Field(description=_("What was wrong and what is right."))
    made_at: datetime = Field(description=_("When readers were told."))


class Attachment(Schema):
    title: str = Field(description=_("As readers see it."))
    url: str = Field(description=_("Address of the file."))
    size: int = Field(description=_("In bytes."))


class Link(Schema):
    title: str = Field(description=_("As readers see it."))
    url: str = Field(description=_("Where it leads."))


class StoryInList(Schema):
    id: int = Field(description=_("Stays for life."))
    url: str = Field(description=_("The canonical address; link to it wherever you show the story."))
    api_url: str = Field(description=_("Address of the whole story in this interface."))
    language: str = Field(description=_("Of the text: vi or en."))
    kicker: str = Field(description=_("A short line above the headline; often empty."))
    headline: str = Field(description=_("As readers see it."))
    lead: str = Field(description=_("The opening paragraph, plain text."))
    section: Place = Field(description=_("Every story stands in one section."))
    published_at: datetime = Field(description=_("From when on readers see it."))
    updated_at: datetime | None = Field(description=_("The last update that readers are told of."))
    changed_at: datetime = Field(
        description=_("The last change of any kind, small ones and corrections included.")
    )
    lead_photo: Photo | None = Field(description=_("The photo shown in lists and when the story is shared."))


class Story(StoryInList):
    dateline: str = Field(description=_("The place before the first words."))
    body_html: str = Field(description=_("The text as clean HTML with whole addresses."))
    body_text: str = Field(description=_("The text without marks, one line a paragraph."))
    bylines: list[Byline] = Field(description=_("Who signs, in this order."))
    source: Source | None = Field(description=_("Where it comes from, if not from this newsroom."))
    topics: list[Place] = Field(description=_("Any number."))
    photos: list[Photo] = Field(
        description=_("In the order of the text; the lead photo first if it is not in it.")
    )
    corrections: list[Correction] = Field(description=_("The newest first. Show them with the story."))
    attachments: list[Attachment] = Field(description=_("Documents to download."))
    related: list[Link] = Field(description=_("Chosen by the editors."))


NEXT = _("Address of the next page; null on the last one.")


class Stories(Schema):
    items: list[StoryInList] = Field(description=_("The entries of this page."))
    next: str | None = Field(description=NEXT)


class Sections(Schema):
    items: list[Section] = Field(description=_("The entries of this page."))


class Topics(Schema):
    items: list[Topic] = Field(description=_("The entries of this page."))
    next: str | None = Field(description=NEXT)


class Authors(Schema):
    items: list[Author] = Field(description=_("The entries of this page."))
    next: str | None = Field(description=NEXT)


class Error(Schema):
    code: str = Field(description=_("For programs; never changes."))
    message: str = Field(description=_("For people, in Vietnamese."))


class Withdrawn(Error):
    withdrawn_at: datetime = Field(description=_("When the editors withdrew the story."))
