"""Long lists in pages."""

import re

from django.core.paginator import Paginator
from django.http import Http404

from .models import Article

PER_PAGE = 20
LISTED = 1000  # of a list of stories; older ones are in the archive


def page_of_stories(request, articles, sections=()):
    """The wanted page of the newest that readers may see: every page costs the same, however old the site."""
    return page_of_ids(request, articles.in_language().newest_ids(LISTED + 1, sections))


def page_of_stories_beside(request, rows):
    """The same of those to which `rows` belong: bylines of an author, filings under a topic."""
    return page_of_ids(request, Article.objects.in_language().newest_ids_beside(rows, LISTED + 1))


def page_of_ids(request, ids: list[int]):
    page = page_of(request, ids[:LISTED])
    page.object_list = Article.objects.cards(page.object_list)
    page.is_cut_off = len(ids) > LISTED and not page.has_next()
    return page


def page_of(request, rows):
    """The wanted page; 404 beyond the last one."""
    paginator = Paginator(rows, PER_PAGE)
    number = request.GET.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,6}", number) or int(number) not in paginator.page_range:
        raise Http404
    return paginator.page(int(number))
