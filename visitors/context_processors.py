"""What pages show of the figures. Lazy: a page that shows none of it asks for none of it."""

from django.utils.functional import SimpleLazyObject

from articles.page_cache import shared

from . import rankings
from .counter import counter

MOST_READ = 5


def visits(request):
    return {
        "most_read": shared(request, "most_read", lambda: rankings.most_read(MOST_READ)),
        "visit_troubles": SimpleLazyObject(lambda: counter().troubles()),
    }
