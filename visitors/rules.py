"""Which answers count as a view by a person: cheap header rules first, the list of crawlers last."""

from functools import lru_cache
from urllib.parse import urlsplit

from crawleruseragents import is_crawler
from django.conf import settings

PREFETCH_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
SHORTEST_AGENT = 20  # characters; browsers tell far more about themselves


def is_counted(request, response) -> bool:
    """GET pages in HTML, opened by a person who is no member of staff."""
    return (
        request.method == "GET"
        and response.status_code in (200, 304)
        and response.get("Content-Type", "").startswith("text/html")
        and not request.path.startswith("/admin/")
        and not is_prefetch(request.headers)
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
        and request.headers.get("X-Requested-With") != "XMLHttpRequest"
        and not is_bot(request.headers.get("User-Agent", "")[:300])
        and not is_staff(request)
    )


def is_prefetch(headers) -> bool:
    purposes = " ".join(headers.get(name, "") for name in PREFETCH_HEADERS).lower()
    return "prefetch" in purposes or "preview" in purposes


def asks_not_to_be_tracked(headers) -> bool:
    """Do Not Track, or Global Privacy Control."""
    return headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1"


def comes_from_elsewhere(request) -> bool:
    """Whether another website, or none, led here."""
    return urlsplit(request.headers.get("Referer", "")).netloc != request.headers.get("Host", "")


@lru_cache(maxsize=4096)
def is_bot(user_agent: str) -> bool:
    """Empty, very short and URL-carrying agents are bots too."""
    return (
        len(user_agent) < SHORTEST_AGENT
        or "http://" in user_agent
        or "https://" in user_agent
        or is_crawler(user_agent)
    )


def is_staff(request) -> bool:
    """Looks at the user only when a session cookie came, so that readers cost no query."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return request.user.is_staff
