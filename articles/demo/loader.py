"""Puts the demo news into the database: texts from the TOML files beside this module, photos drawn by a program.

The texts are written for readers of 23 November 2026. Loaded on another day, all their times move by the whole
days between, so that the news is always fresh, the scheduled story to come and the expired one past.
"""

import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from html import escape
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from markdown_it import MarkdownIt

from articles import body, similar
from articles.languages import VIETNAMESE
from articles.models import Article, Attachment, Author, Byline, Photo, RelatedLink, Section, Topic
from articles.models.photos import delete_files
from newsportal.models import LinkGroup, PageInEnglish, SiteIdentity, WebsiteLink
from visitors.models import ImportedTotal

from . import photos

FRESH_ON = date(2026, 11, 23)
OLD_PORTAL = "Cổng thông tin cũ"
FOLDER = Path(__file__).parent
PHOTO_LINE = re.compile(r"^\[photo(-side)?:([a-z0-9-]+)\] *(.*)$", re.MULTILINE)
SIGNS_PHOTOS = {Byline.Role.PHOTO, Byline.Role.TEXT_AND_PHOTO}

markdown = MarkdownIt("commonmark").enable("table")


@transaction.atomic
def load(*, photo_width: int) -> None:
    """Fills the portal. What is there already under the same name or address is brought up to date."""
    site, people = read("site.toml"), read("people.toml")
    stories = [story for path in sorted(FOLDER.glob("news/*.toml")) for story in read(path)["story"]]
    shift = timezone.localdate() - FRESH_ON
    SiteIdentity.objects.update_or_create(pk=1, defaults=site["identity"])
    _load_links(site["link_group"])
    _load_pages(site["page"])
    ImportedTotal.objects.get_or_create(source=OLD_PORTAL, defaults={"amount": site["old_total"]})
    authors = {row["pen_name"]: Author.objects.get_or_create(**row)[0] for row in people["author"]}
    sections = load_sections(read("sections.toml")["section"])
    names = sorted({name for story in stories for name in story.get("topics", [])})
    topics = {name: Topic.objects.get_or_create(name=name)[0] for name in names}
    pictures = _load_photos(read("photos.toml")["photo"], photo_width)
    articles = {}
    for story in sorted(stories, key=lambda story: story["published_at"]):
        article = _load_story(story, shift, sections, pictures)
        article.topics.set(topics[name] for name in story.get("topics", []))
        for order, byline in enumerate(story["bylines"]):
            role = byline["role"] or Byline.Role.NAME_ONLY
            Byline.objects.create(article=article, author=authors[byline["author"]], role=role, order=order)
        articles[article.headline] = article
        if original := story.get("translation_of"):
            article.translation_of = articles[original]
            article.save(update_fields=["translation_of"])
    for story in stories:
        for order, link in enumerate(story.get("related", [])):
            to = {"target": articles[link]} if isinstance(link, str) else link
            RelatedLink.objects.create(article=articles[story["headline"]], order=order, **to)
    similar.fill()


@transaction.atomic
def clear() -> None:
    """Removes the news and all around it with its files, but no account and not the site's identity."""
    files = list(Attachment.objects.values_list("file", flat=True))
    gone = [
        (photo.digest, photo.files.names, photo.original.name)
        for photo in Photo.objects.filter(removed_at=None)
    ]
    for queryset in (
        Article.objects.all(),
        Photo.objects.all(),
        Section.objects.exclude(parent=None),
        Section.objects.all(),
        Topic.objects.all(),
        Author.objects.all(),
        LinkGroup.objects.all(),
        FlatPage.objects.all(),
    ):
        queryset.delete()
    transaction.on_commit(lambda: _delete_files(files, gone))


def _delete_files(attachments: list[str], gone: list[tuple[str, set[str], str]]) -> None:
    for name in attachments:
        default_storage.delete(name)
    for digest, names, original in gone:
        delete_files(digest, names, original)


def read(path: str | Path) -> dict:
    return tomllib.loads((FOLDER / path).read_text(encoding="utf-8"))


def _load_links(groups: list[dict]) -> None:
    for order, row in enumerate(groups):
        group, _created = LinkGroup.objects.update_or_create(
            name=row["name"], defaults={"order": order, "name_en": row["name_en"]}
        )
        for place, link in enumerate(row["links"]):
            WebsiteLink.objects.update_or_create(
                group=group, url=link["url"], defaults={**link, "order": place}
            )


def _load_pages(rows: list[dict]) -> None:
    for row in rows:
        content = body.clean(markdown.render(row["body"]))
        page, _created = FlatPage.objects.update_or_create(
            url=row["url"], defaults={"title": row["title"], "content": content}
        )
        page.sites.add(settings.SITE_ID)
        if "title_en" in row:
            words = {"title": row["title_en"], "content": body.clean(markdown.render(row["body_en"]))}
            PageInEnglish.objects.update_or_create(page=page, defaults=words)


def load_sections(rows: list[dict]) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    for order, row in enumerate(rows):
        parent = sections.get(row.get("parent"))
        words = {name: row[name] for name in ("description", "name_en", "description_en")}
        defaults = {"parent": parent, "order": order, **words}
        sections[row["name"]], _created = Section.objects.update_or_create(
            name=row["name"], defaults=defaults
        )
    return sections


def _load_photos(rows: list[dict], width: int) -> dict[str, Photo]:
    """Photos by their key; they are drawn in other processes while this one stores them."""
    return {
        row["key"]: Photo.objects.store(
            SimpleUploadedFile(f"{row['key']}.jpg", content, "image/jpeg"),
            caption=row["caption"],
            credit=row["credit"],
            alt=row.get("alt", ""),
            is_decorative=row.get("decorative", False),
        )
        for row, content in zip(rows, _drawn(rows, width), strict=True)
    }


def _drawn(rows: list[dict], width: int) -> Iterator[bytes]:
    # Spawned, not forked: a forked process would share this one's connection to the database.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=photos.end_with_parent) as pool:
        yield from pool.map(
            photos.jpeg, *([row[name] for row in rows] for name in ("scene", "seed", "size")), repeat(width)
        )


def _load_story(
    story: dict, shift: timedelta, sections: dict[str, Section], pictures: dict[str, Photo]
) -> Article:
    def moment(name: str) -> datetime | None:
        return timezone.make_aware(story[name] + shift) if name in story else None

    signing = {byline["author"] for byline in story["bylines"] if byline["role"] in SIGNS_PHOTOS}
    return Article.objects.create(
        language=story.get("language", VIETNAMESE),
        section=sections[story["section"]],
        kicker=story.get("kicker", ""),
        headline=story["headline"],
        lead=story["lead"],
        body=_to_html(story, pictures, signing),
        lead_photo=pictures[story["lead_photo"]] if "lead_photo" in story else None,
        source_name=story.get("source_name", ""),
        source_url=story.get("source_url", ""),
        featured_place=story.get("featured"),
        status=story.get("status", Article.Status.PUBLISHED),
        published_at=moment("published_at"),
        expires_at=moment("expires_at"),
        show_time=story.get("show_time", False),
    )


def _to_html(story: dict, pictures: dict[str, Photo], signing: set[str]) -> str:
    """Markdown with photo lines; a photo names who took it unless the byline does."""
    is_english = "language" in story

    def figure(match: re.Match) -> str:
        photo, caption = pictures[match[2]], markdown.renderInline(match[3])
        if photo.credit and photo.credit not in signing:
            caption += f" <em>{'Photo' if is_english else 'Ảnh'}: {escape(photo.credit)}</em>"
        alt = match[3] if is_english else photo.alt
        img = f'<img src="{photo.file.url}" alt="{escape(alt)}" data-photo="{photo.pk}">'
        return f'<figure class="image{" side" if match[1] else ""}">{img}<figcaption>{caption}</figcaption></figure>'

    return markdown.render(PHOTO_LINE.sub(figure, story["body"]))
