"""Public pages of the news: fetch what readers may see, build the page of it, render."""

from contextlib import suppress

from django.conf import settings
from django.core.paginator import Paginator
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from newsportal.models import SiteIdentity

from . import archive, finding
from . import pdf as story_pdf
from .beside import beside, common_to
from .listing import PER_PAGE, page_of, page_of_stories, page_of_stories_beside
from .models import Article, Author, Correction, Filing, MissedSearch, Section, Topic
from .page_cache import kept, shared
from .search import parse

AUTHORS_OFFERED = TOPICS_OFFERED = 300
FEATURED_STORIES = 7
BOX_STORIES = 5
PDF_FRESH = 300  # seconds: a withdrawn story is soon gone from caches too


@kept
def home(request):
    stories = Article.objects.in_language()
    featured = stories.featured(FEATURED_STORIES)
    sections = shared(request, "menu", Section.objects.as_menu)
    newest = stories.newest_by_section(sections, BOX_STORIES, without=featured)
    boxes = [(section, newest[section]) for section in sections if newest[section]]
    return render(request, "articles/home.html", {"featured": featured, "boxes": boxes, "menu": sections})


@kept(in_pages=True)
def section(request, slug):
    menu = Section.objects.as_menu()
    every = (below for section in menu for below in (section, *section.subsections))
    section = next((section for section in every if section.slug == slug), None)
    if section is None:
        raise Http404
    page = page_of_stories(request, Article.objects.all(), [section, *section.subsections])
    return render(request, "articles/section.html", {"section": section, "page": page, "menu": menu})


@kept(in_pages=True)
def topic(request, slug):
    topic = get_object_or_404(Topic, slug=slug)
    page = page_of_stories_beside(request, Filing.objects.filter(topic=topic))
    return render(request, "articles/topic.html", {"topic": topic, "page": page})


@kept(in_pages=True)
def author(request, slug):
    author = get_object_or_404(Author, slug=slug)
    page = page_of_stories_beside(request, author.bylines)
    return render(request, "articles/author.html", {"author": author, "page": page})


@require_safe
def search(request):
    sections = shared(request, "menu", Section.objects.as_menu)
    query = parse(request.GET.get("q", ""))
    filters = finding.filters_from(request.GET, sections)
    newest_first = request.GET.get("sort") == "date"
    context = {
        "query": query.text,
        "filters": filters,
        "newest_first": newest_first,
        "menu": sections,
        "page": None,
        "authors": Author.objects.order_by("pen_name", "unit")[:AUTHORS_OFFERED],
        "kept": {
            name: value
            for name, value in {
                "q": query.text,
                "section": filters.section and filters.section.slug,
                "author": filters.author and filters.author.slug,
                "from": filters.since,
                "to": filters.until,
                "sort": newest_first and "date",
            }.items()
            if value
        },
    }
    try:
        found = finding.find(query, filters, newest_first=newest_first)
    except finding.TooSlow:
        return render(request, "articles/search.html", context | {"is_too_slow": True})
    if query.text:
        page = Paginator(found.ids, PER_PAGE).get_page(request.GET.get("page"))
        page.object_list = finding.stories(page.object_list, query)
        context |= {"page": page, "has_more": found.has_more}
        if not found.ids and query.terms:
            context["nearest"] = finding.nearest(query)
    response = render(request, "articles/search.html", context)
    if query.terms and not found.ids and not filters:
        # Last, since it writes: while the primary is away, readers go on searching in its replica.
        with suppress(OperationalError, InterfaceError):
            MissedSearch.objects.note(query.text)
    return response


@kept
def site_map(request):
    context = {
        "years": archive.by_year(archive.months()),
        "topics": Topic.objects.all()[:TOPICS_OFFERED],
        "authors": Author.objects.order_by("pen_name", "unit")[:AUTHORS_OFFERED],
    }
    return render(request, "articles/site_map.html", context)


@kept(in_pages=True)
def corrections(request):
    page = page_of(request, Correction.objects.for_readers())
    return render(request, "articles/corrections.html", {"page": page})


@kept
def article(request, section_slug, slug, id):
    article = Article.objects.page_of(id)
    if article is None:
        return gone(request, id)
    if request.path != article.get_absolute_url():
        return redirect(article, permanent=True)
    common = shared(
        request,
        ("beside", article.section_id, article.language),
        lambda: common_to(article, most_read_ids()),
    )
    context = {"article": article, "beside": beside(article, common), "has_pdf": True}
    return render(request, "articles/article.html", context)


def most_read_ids() -> list[int]:
    """From whoever counts readers; this app does not know them."""
    return import_string(settings.MOST_READ_IDS)()


@require_safe
def pdf(request, section_slug, slug, id):
    """The story as a file. Told from its content whether the reader has it, before anything is laid out."""
    article = Article.objects.published().for_page().filter(pk=id).first()
    if article is None:
        return gone(request, id)
    address = f"{article.get_absolute_url()}pdf/"
    if request.path != address:
        return redirect(address, permanent=True)
    story = story_pdf.story_of(article, SiteIdentity.load())
    key = story_pdf.key_of(story)
    response = get_conditional_response(request, etag=f'"{key}"')
    if response is None:
        try:
            file = story_pdf.file_of(story, key)
        except story_pdf.NotReady:
            response = render(request, "articles/pdf_not_ready.html", status=503)
            response["Retry-After"] = "10"
            return response
        response = FileResponse(file, filename=f"{article.slug}-{id}.pdf", as_attachment=True)
        response["ETag"] = f'"{key}"'
        # Search engines are to know the page alone.
        response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, public=True, max_age=PDF_FRESH)
    return response


def gone(request, id):
    """410 with a readable page for a story that was once public; 404 for all else."""
    article = get_object_or_404(Article.objects.withdrawn().for_page(), pk=id)
    context = {"article": article, "beside": beside(article, common_to(article))}
    return render(request, "articles/gone.html", context, status=410)
