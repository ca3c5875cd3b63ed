"""What search engines ask for: an index of sitemaps, one for each month of news, one of pages, one of today's news."""

from datetime import datetime, timedelta

from django.contrib.flatpages.models import FlatPage
from django.db import connection
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

from newsportal.models import SiteIdentity

from .links import whole_address
from .models import Article, Author, Section, Topic

# Limits of the protocol and of Google's news sitemaps.
MOST_ADDRESSES, MOST_NEWS, MOST_IMAGES = 50_000, 1000, 1000
NEWS_AGE = timedelta(days=2)

# From each month the index on the time of publication leads straight to the one before it: two steps a month,
# however many stories there are.
MONTHS = """
WITH RECURSIVE public AS NOT MATERIALIZED ({public}), month (first) AS (
    SELECT date_trunc('month', max(published_at) AT TIME ZONE %(zone)s) FROM public
    UNION ALL
    SELECT (
        SELECT date_trunc('month', max(published_at) AT TIME ZONE %(zone)s) FROM public
        WHERE published_at < month.first AT TIME ZONE %(zone)s
    )
    FROM month WHERE month.first IS NOT NULL
)
SELECT first FROM month WHERE first IS NOT NULL
"""


def months() -> list[datetime]:
    """The months in which stories came out that are public today, the newest first; local and without a zone."""
    public, values = Article.objects.published().order_by().values("published_at").query.sql_with_params()
    named = {f"value{number}": value for number, value in enumerate(values)}
    public %= tuple(f"%({name})s" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(MONTHS.format(public=public), named | {"zone": timezone.get_default_timezone_name()})
        return [first for (first,) in cursor]


def machine_page(view):
    """Kept by others for ten minutes, and answered 304 while nothing is new."""
    return conditional_page(cache_control(public=True, max_age=600)(view))


@machine_page
def index(request):
    names = [reverse("articles:pages_sitemap")]
    if news().exists():  # the schema knows no sitemap without an address
        names.append(reverse("articles:news_sitemap"))
    names += [reverse("articles:month_sitemap", args=[f"{first:%Y}", f"{first:%m}"]) for first in months()]
    return as_xml(request, "index", {"addresses": [whole_address(name) for name in names]})


@machine_page
def month(request, year, month):
    year, month, zone = int(year), int(month), timezone.get_default_timezone()
    first = datetime(year, month, 1, tzinfo=zone)
    next = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    stories = (
        Article.objects.published()
        .filter(published_at__gte=first, published_at__lt=next)
        .for_sitemap()[:MOST_ADDRESSES]
    )
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
    public = Article.objects.published()
    rows = [
        *Section.objects.all(),
        *Topic.objects.filter(pk__in=public.values("topics")),
        *Author.objects.filter(bylines__article__in=public).distinct(),
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
    return Article.objects.published().filter(published_at__gte=timezone.now() - NEWS_AGE).for_sitemap()


def as_xml(request, name: str, context: dict):
    return render(request, f"sitemaps/{name}.xml", context, content_type="application/xml; charset=utf-8")


@cache_control(public=True, max_age=3600)
def robots(request):
    return render(
        request,
        "sitemaps/robots.txt",
        {"sitemap": whole_address(reverse("articles:sitemap"))},
        content_type="text/plain; charset=utf-8",
    )
