"""What pages show of the figures. Lazy: a page that shows none of it asks for none of it."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from articles.languages import page_language, without_prefix
from articles.page_cache import shared

from . import rankings
from .counter import counter
from .rules import OUTSIDE

MOST_READ = 5


def visits(request):
    return {
        "most_read": shared(request, ("most_read", page_language()), lambda: rankings.most_read(MOST_READ)),
        "measuring": measuring(request),
        "visit_troubles": SimpleLazyObject(lambda: counter().troubles()),
    }


def measuring(request) -> dict[str, str] | None:
    """What the measuring system elsewhere asks for, on the pages that the portal itself counts."""
    if not settings.MEASURING_SCRIPT or without_prefix(request.path).startswith(OUTSIDE):
        return None
    return {
        "script": settings.MEASURING_SCRIPT,
        "id": settings.MEASURING_ID,
        "tracker": settings.MEASURING_TRACKER,
    }
