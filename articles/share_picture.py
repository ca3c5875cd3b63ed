"""The picture that goes with a link to a page of the site: the story's photo, or one drawn with its headline."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control

from newsportal import drawing
from newsportal.models import SiteIdentity

from . import images
from .links import whole_address
from .models import Article, Section

# Not for ever: a withdrawn story's headline leaves the caches of others within a day.
kept_for_a_day = cache_control(public=True, max_age=24 * 3600)


@dataclass(frozen=True)
class Shown:
    url: str
    width: int
    height: int
    alt: str
    is_drawn: bool


def of_story(article: Article, identity: SiteIdentity) -> Shown:
    if photo := article.lead_photo:
        picture = photo.shared_picture
        alt = photo.alt or photo.caption or article.headline
        return Shown(whole_address(picture.url), picture.width, picture.height, alt, is_drawn=False)
    drawn = with_headline(article, identity)
    return shown("articles:story_picture", [article.pk, drawn.key], article.headline)


def of_section(section: Section, identity: SiteIdentity) -> Shown:
    return shown("articles:section_picture", [section.pk, with_name(section, identity).key], section.label)


def of_portal(identity: SiteIdentity) -> Shown:
    return shown("articles:portal_picture", [of_itself(identity).key], identity.name)


def shown(name: str, arguments: list, alt: str) -> Shown:
    return Shown(whole_address(reverse(name, args=arguments)), *drawing.SIZE, alt, is_drawn=True)


def with_headline(article, identity) -> drawing.SharePicture:
    return words(identity, article.kicker or article.section.label, article.headline)


def with_name(section, identity) -> drawing.SharePicture:
    return words(identity, section.parent.label if section.parent else "", section.label)


def of_itself(identity) -> drawing.SharePicture:
    return words(identity, "", identity.name)


def words(identity, kicker: str, headline: str) -> drawing.SharePicture:
    return drawing.SharePicture(
        kicker=kicker,
        headline=headline,
        agency=identity.agency,
        parent_agency=identity.parent_agency,
        portal=identity.name,
        host=urlsplit(settings.SITE_URL).netloc,
        colour=identity.theme_colour,
        emblem=identity.emblem.name,
    )


@kept_for_a_day
def story(request, id, key):
    article = get_object_or_404(
        Article.objects.published().for_card().select_related("section__parent"), pk=id
    )
    identity = SiteIdentity.load()
    return answer(request, of_story(article, identity), with_headline(article, identity), identity)


@kept_for_a_day
def section(request, id, key):
    section = get_object_or_404(Section.objects.select_related("parent"), pk=id)
    identity = SiteIdentity.load()
    return answer(request, of_section(section, identity), with_name(section, identity), identity)


@kept_for_a_day
def portal(request, key):
    identity = SiteIdentity.load()
    return answer(request, of_portal(identity), of_itself(identity), identity)


def answer(request, shown: Shown, drawn: drawing.SharePicture, identity):
    """An address from before the last change of words or looks leads to the picture of today."""
    if not shown.url.endswith(request.path):
        return redirect(shown.url)
    content = images.drawn_once(f"share-{drawn.key}", lambda: drawn.draw(identity.drawn_emblem))
    return HttpResponse(content, content_type="image/png")
