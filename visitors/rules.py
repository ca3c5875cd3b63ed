"""Which answers are views of readers, told by the request alone; who is a program is found out later, by agents.py."""

from urllib.parse import urlsplit

from django.conf import settings

from articles.languages import without_prefix
from newsportal.client_address import client_address, household

# Never a page of the portal's readers; the addresses of shared drafts are secret besides.
OUTSIDE = (
    "/admin/", settings.STATIC_PATH, settings.MEDIA_URL, "/giao-dien/", "/xem-truoc/",
    # Read by programs again and again; a 304 tells no content type.
    "/api/v1/", "/rss/", "/atom/", "/sitemap.xml", "/sitemap-thang-", "/sitemap-trang.xml", "/sitemap-tin-moi.xml",
    "/robots.txt", "/manifest.webmanifest",
)  # fmt: skip
PDF = "/pdf/"  # a story as a file: its page has been counted; again a 304 tells no content type
PREFETCH = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
LONGEST_AGENT = 300  # characters; the rest could only make one reader look like two


def facts_of_view(request, response) -> dict[str, str | None] | None:
    """What the counter writes down of an answer; None where it is not even worth noting."""
    reason = reason_not_to_count(request, response)
    if reason is None:
        return None
    meta = request.META
    is_followed = not reason and not asks_not_to_be_followed(meta)
    return {
        "path": request.path,
        "referrer": referrer_host(request),
        "agent": meta.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT],
        "reason": reason,
        "address": household(client_address(meta)) if is_followed else None,
    }


def reason_not_to_count(request, response) -> str | None:
    """ "" for a view, else why the answer does not count; None where it is not even worth noting."""
    if (
        request.method != "GET"
        or not _is_page(response)
        or without_prefix(request.path).startswith(OUTSIDE)
        or request.path.endswith(PDF)
    ):
        return None
    meta = request.META
    if response.status_code == 404:
        return "not-found"
    if response.status_code not in (200, 304):
        return None
    if any(name in meta and _is_ahead(meta[name]) for name in PREFETCH):
        return "prefetch"
    if meta.get("HTTP_SEC_FETCH_DEST", "document") != "document":
        return "not-document"
    if meta.get("HTTP_X_REQUESTED_WITH") == "XMLHttpRequest":
        return "script"
    if _is_staff(request):
        return "staff"
    return ""


def asks_not_to_be_followed(meta: dict) -> bool:
    """Do Not Track, or Global Privacy Control."""
    return meta.get("HTTP_DNT") == "1" or meta.get("HTTP_SEC_GPC") == "1"


def _is_page(response) -> bool:
    return response.status_code == 304 or response.get("Content-Type", "").startswith("text/html")


def _is_ahead(purpose: str) -> bool:
    """Loaded by the browser in advance, perhaps never to be seen."""
    purpose = purpose.lower()
    return "prefetch" in purpose or "preview" in purpose or "prerender" in purpose


def _is_staff(request) -> bool:
    # The user is looked at only when a session cookie came, so that readers cost no query.
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_staff


def referrer_host(request) -> str:
    """The host that led here; "" for none, "." for the portal itself. Never raises."""
    referrer = request.META.get("HTTP_REFERER")
    if not referrer:
        return ""
    try:
        parts = urlsplit(referrer)
        return "." if parts.netloc == request.META.get("HTTP_HOST", "") else (parts.hostname or "")
    except ValueError:
        return ""
