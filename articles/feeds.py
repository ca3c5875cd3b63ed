"""The newest stories for feed readers, as RSS 2.0 and Atom: of the portal, a section, a topic, an author."""

import mimetypes
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

from newsportal.models import SiteIdentity

from . import body
from .links import whole_address
from .models import Article, Author, Filing, Section, Topic
from .page_cache import kept

STORIES = 50
# Of a feed that never had a story: a date that moves would make every answer a new one.
NO_STORY_YET = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Channel:
    """What a feed tells of itself."""

    title: str
    description: str
    page: str  # the address of the page that shows the same stories
    ids: list[int]  # of its newest stories
    portal: str


def whole_site(identity):
    return Channel(
        identity.name,
        _("News of %(name)s") % {"name": identity.name},
        reverse("articles:home"),
        Article.objects.in_language().newest_ids(STORIES),
        identity.name,
    )


def of_section(identity, slug):
    section = get_object_or_404(Section, slug=slug)
    ids = Article.objects.in_language().newest_ids(STORIES, [section, *section.children.all()])
    return channel(identity, section, section.label, section.summary, ids)


def of_topic(identity, slug):
    topic = get_object_or_404(Topic, slug=slug)
    ids = Article.objects.in_language().newest_ids_beside(Filing.objects.filter(topic=topic), STORIES)
    return channel(identity, topic, topic.label, topic.summary, ids)


def of_author(identity, slug):
    author = get_object_or_404(Author, slug=slug)
    ids = Article.objects.in_language().newest_ids_beside(author.bylines, STORIES)
    return channel(identity, author, str(author), "", ids)


def channel(identity, thing, name: str, description: str, ids: list[int]) -> Channel:
    title = f"{name} – {identity.name}"
    return Channel(title, description or title, thing.get_absolute_url(), ids, identity.name)


class SteadyDate:
    def latest_post_date(self):
        return super().latest_post_date() if self.items else NO_STORY_YET


class StoryRss(SteadyDate, Rss201rev2Feed):
    def rss_attributes(self):
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        for name, _address in item["authors"]:
            handler.addQuickElement("dc:creator", name)
        if item["content"]:
            handler.addQuickElement("content:encoded", item["content"])


class StoryAtom(SteadyDate, Atom1Feed):
    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        for name, address in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.addQuickElement("uri", address)
            handler.endElement("author")
        if item["content"]:
            handler.addQuickElement("content", item["content"], {"type": "html"})


class StoryFeed(Feed):
    def __init__(self, feed_type, channel):
        self.feed_type, self.channel = feed_type, channel

    def __call__(self, request, *args, **kwargs):
        """Without a date: it would stay the same, or go back, when a story is withdrawn, and a 304 keep that one."""
        response = super().__call__(request, *args, **kwargs)
        del response.headers["Last-Modified"]
        return response

    def get_object(self, request, **kwargs):
        return self.channel(SiteIdentity.load(), **kwargs), whole_address(request.path)

    def title(self, feed):
        return feed[0].title

    def description(self, feed):
        return feed[0].description

    subtitle = description

    def link(self, feed):
        return whole_address(feed[0].page)

    def feed_url(self, feed):
        return feed[1]

    feed_guid = feed_url

    def author_name(self, feed):
        return feed[0].portal

    def items(self, feed):
        return Article.objects.published().filter(pk__in=feed[0].ids).for_feed()

    def item_title(self, story):
        return story.headline

    def item_link(self, story):
        return whole_address(story.get_absolute_url())

    def item_description(self, story):
        """The lead as HTML, and what had to be corrected, which nobody should read the story without."""
        corrections = format_html_join(
            "",
            "<p><strong>{}</strong> {}</p>",
            (
                (
                    _("Correction of %(date)s:")
                    % {"date": date_format(localtime(row["made_at"]), "SHORT_DATE_FORMAT")},
                    row["text"],
                )
                for row in story.shown_corrections
            ),
        )
        return format_html("<p>{}</p>{}", story.lead, corrections) if story.lead else corrections

    def item_guid(self, story):
        """Stays when headline, section or the way to the site change."""
        return f"tag:{urlsplit(settings.SITE_URL).hostname},2024:tin/{story.pk}"

    item_guid_is_permalink = False

    def item_pubdate(self, story):
        return story.visible_from

    def item_updateddate(self, story):
        return story.changed_at

    def item_categories(self, story):
        return [story.section.label]

    def item_enclosures(self, story):
        """The lead photo; one whose file is gone is no reason to be without the news."""
        photo = story.lead_photo
        if photo is None:
            return []
        name = photo.fallback_name
        try:
            length = photo.file.storage.size(name)
        except OSError:
            return []
        type, _encoding = mimetypes.guess_type(name)
        return [Enclosure(whole_address(photo.file.storage.url(name)), str(length), type)]

    def item_extra_kwargs(self, story):
        authors = {
            byline.author.pen_name: whole_address(byline.author.get_absolute_url())
            for byline in story.bylines.all()
        }
        content = ""
        if settings.FEED_FULL_TEXT:
            content = self.item_description(story) + body.for_elsewhere(story.body_html, settings.SITE_URL)
        return {"authors": authors.items(), "content": content}


def answers(feed_type, channel):
    return kept(conditional_page(cache_control(public=True, max_age=60)(StoryFeed(feed_type, channel))))


rss, atom = partial(answers, StoryRss), partial(answers, StoryAtom)


@kept
def channels(request):
    """The page that lists the feeds."""
    topics = Topic.objects.filter(Filing.objects.seen("topic"))
    return render(request, "articles/feeds.html", {"topics": topics})
