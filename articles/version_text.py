"""What versions hold, in the words and names that people know: field by field in blocks, as compare takes them."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath

from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .compare import Block, body_blocks, text_blocks
from .models import Article, Author, Byline, Photo, Section, Topic
from .versions import TIMES

Fields = dict[str, list[Block]]  # by the field's label, in the order of the form


def described(*contents: dict) -> list[Fields]:
    """Five queries, however many versions."""
    names = _Names(contents)
    return [_fields(content, names) for content in contents]


class _Names:
    """Names of what the contents point at; what is gone is said to be gone."""

    def __init__(self, contents: Iterable[dict]):
        def ids(field: str, key: str) -> set[int]:
            return {row.get(key) for content in contents for row in content.get(field, [])} - {None}

        def found(model: type[Model], wanted: set[int]) -> dict[int, str]:
            return {row.pk: str(row) for row in model.objects.filter(pk__in=wanted)}

        topics = {pk for content in contents for pk in content.get("topics", [])}
        sections = Section.objects.select_related("parent")
        self.sections = {
            section.pk: " › ".join(str(each) for each in (section.parent, section) if each)
            for section in sections.filter(pk__in=[content.get("section") for content in contents])
        }
        self.topics = found(Topic, topics)
        self.authors = found(Author, ids("bylines", "author_id"))
        originals = {content.get("translation_of") for content in contents} - {None}
        targets = Article.objects.filter(pk__in=ids("related_links", "target_id") | originals)
        self.headlines = dict(targets.values_list("pk", "headline"))

    def of(self, names: dict[int, str], pk: int) -> str:
        return names.get(pk) or _("deleted since (number %(id)s)") % {"id": pk}


def _fields(content: dict, names: _Names) -> Fields:
    def plain(name: str) -> list[Block]:
        return text_blocks(str(content.get(name) or ""))

    def lines(texts: Iterable[str]) -> list[Block]:
        return [Block("line", text) for text in texts if text]

    def label(name: str) -> str:
        return capfirst(str(Article._meta.get_field(name).verbose_name))

    roles = dict(Byline.Role.choices)
    photo = content.get("lead_photo")
    return {
        label("kicker"): plain("kicker"),
        label("headline"): plain("headline"),
        label("lead"): plain("lead"),
        _("Body"): body_blocks(content.get("body") or ""),
        _("Bylines"): lines(
            _("%(name)s (%(role)s)")
            % {"name": names.of(names.authors, row["author_id"]), "role": roles.get(row["role"], row["role"])}
            for row in content.get("bylines", [])
        ),
        label("section"): lines(
            [names.of(names.sections, content["section"])] if content.get("section") else []
        ),
        label("topics"): lines(names.of(names.topics, pk) for pk in content.get("topics", [])),
        label("lead_photo"): [Block("photo", "", photo=photo)] if photo else [],
        _("Related news"): lines(_related(row, names) for row in content.get("related_links", [])),
        _("Attachments"): lines(
            " ".join(filter(None, (row["title"], f"({PurePath(row['file']).name})")))
            for row in content.get("attachments", [])
        ),
        label("source_name"): plain("source_name"),
        label("source_url"): plain("source_url"),
        label("dateline"): plain("dateline"),
        label("genre"): _choice("genre", content),
        label("language"): _choice("language", content),
        label("translation_of"): lines(_translated(content, names)),
        **{label(name): lines([_moment(content.get(name))]) for name in TIMES},
        label("show_time"): lines([_("yes")] if content.get("show_time") else []),
        label("featured_place"): _choice("featured_place", content),
        label("slug"): plain("slug"),
    }


def _translated(content: dict, names: _Names) -> list[str]:
    id = content.get("translation_of")
    return [names.of(names.headlines, id)] if id else []


def _choice(name: str, content: dict) -> list[Block]:
    value = content.get(name)
    label = dict(Article._meta.get_field(name).choices).get(value, value)
    return [] if value is None else [Block("line", str(label))]


def _related(row: dict, names: _Names) -> str:
    if not row.get("target_id"):
        return f"{row['title']} ({row['url']})"
    headline = names.of(names.headlines, row["target_id"])
    return f"{row['title']} ({headline})" if row.get("title") else headline


def _moment(value: str | None) -> str:
    moment: datetime | None = parse_datetime(value) if value else None
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""


def thumbnails(contents: Iterable[Fields]) -> dict[int, str]:
    """Addresses of the photos in these fields; those taken out on request have none."""
    ids = {block.photo for fields in contents for blocks in fields.values() for block in blocks} - {0}
    return {photo.pk: photo.thumbnail_url for photo in Photo.objects.present().filter(pk__in=ids)}
