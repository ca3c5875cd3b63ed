"""What search engines ask for: an index of sitemaps, one for each month of news, one of pages, one of today's news."""

from datetime import date, timedelta

from django.contrib.flatpages.models import FlatPage
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

from newsportal.models import SiteIdentity

from .archive import month_of, months
from .languages import ENGLISH, VIETNAMESE
from .links import whole_address
from .models import Article, Author, Byline, Filing, Section, Topic
from .page_cache import kept

# Limits of the protocol and of Google's news sitemaps.
MOST_ADDRESSES, MOST_NEWS, MOST_IMAGES = 50_000, 1000, 1000
NEWS_AGE = timedelta(days=2)


def machine_page(view):
    """Kept by others for ten minutes, and answered 304 while nothing is new."""
    return kept(conditional_page(cache_control(public=True, max_age=600)(view)))


@machine_page
def index(request):
    """Of both languages: the one that robots.txt names."""
    languages = [VIETNAMESE, ENGLISH] if SiteIdentity.load().has_english else [VIETNAMESE]
    names = []
    for language in languages:
        with override(language):
            names.append(reverse("articles:pages_sitemap"))
            if news().exists():  # the schema knows no sitemap without an address
                names.append(reverse("articles:news_sitemap"))
            names += [
                reverse("articles:month_sitemap", args=[f"{first:%Y}", f"{first:%m}"]) for first in months()
            ]
    return as_xml(request, "index", {"addresses": [whole_address(name) for name in names]})


@machine_page
def month(request, year, month):
    period = month_of(date(int(year), int(month), 1))
    stories = period.stories.published().for_sitemap()[:MOST_ADDRESSES]
    if not stories:
        raise Http404
    pages = [
        {
            "address": whole_address(story.get_absolute_url()),
            "changed_at": story.changed_at,
            "images": [whole_address(url) for url in story.photo_urls[:MOST_IMAGES]],
        }
        for story in stories
    ]
    return as_xml(request, "urls", {"pages": pages})


@machine_page
def pages(request):
    """All that is no story; topics and authors once there is something to read."""
    rows = [
        *Section.objects.all(),
        *Topic.objects.filter(Filing.objects.seen("topic")),
        *Author.objects.filter(Byline.objects.seen("author")),
        *FlatPage.objects.filter(registration_required=False).order_by("url"),
    ]
    paths = [reverse("articles:home"), *(row.get_absolute_url() for row in rows)]
    addresses = [{"address": whole_address(path)} for path in paths[:MOST_ADDRESSES]]
    return as_xml(request, "urls", {"pages": addresses})


@machine_page
def newest(request):
    stories = [
        {"story": story, "address": whole_address(story.get_absolute_url())} for story in news()[:MOST_NEWS]
    ]
    return as_xml(request, "news", {"stories": stories, "portal": SiteIdentity.load().name})


def news():
    stories = Article.objects.in_language().published()
    return stories.filter(published_at__gte=timezone.now() - NEWS_AGE).for_sitemap()


def as_xml(request, name: str, context: dict):
    return render(request, f"sitemaps/{name}.xml", context, content_type="application/xml; charset=utf-8")


@kept
@cache_control(public=True, max_age=3600)
def robots(request):
    return render(
        request,
        "sitemaps/robots.txt",
        {"sitemap": whole_address(reverse("articles:sitemap"))},
        content_type="text/plain; charset=utf-8",
    )
