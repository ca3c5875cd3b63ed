"""Links between stories: kept by the id of the story, written for readers with its address of today.

Decision record 0017. Works on clean bodies; asks the database for nothing.
"""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import Resolver404
from lxml.html import HtmlElement

from . import body
from .languages import resolve

joined = lru_cache(4096)(urljoin)


def whole_address(path: str) -> str:
    """With the site's own name before it, for what is read far from its pages; never taken from a request."""
    return joined(f"{settings.SITE_URL}/", path)


def mark(html: str) -> str:
    """Links to stories of this site get their ids, however their address was pasted; other links lose one."""
    root = body.parse(html)
    for link in _links(root):
        link.attrib.pop("data-article", None)
        if id := story_id(link.get("href", "")):
            link.set("href", urlsplit(link.get("href")).path)
            link.set("data-article", str(id))
    return body.serialise(root)


def story_ids(html: str) -> set[int]:
    return {int(link.get("data-article")) for link in _links(body.parse(html)) if link.get("data-article")}


def resolved(html: str, addresses: Mapping[int, str]) -> str:
    """For readers: links to stories lead to `addresses`; one whose story is not there leaves its words."""
    root = body.parse(html)
    for link in _links(root):
        id = link.attrib.pop("data-article", None)
        if id is None:
            continue
        if int(id) in addresses:
            link.set("href", addresses[int(id)])
        else:
            link.drop_tag()
    return body.serialise(root)


def story_id(address: str) -> int | None:
    """Of the story of this site behind an address, with or without the site's name."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if (
        parts.scheme not in ("", "http", "https")
        or (host and not _is_own(host))
        or (parts.scheme and not host)
    ):
        return None
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    return match.kwargs["id"] if match.view_name == "articles:article" else None


def _is_own(host: str) -> bool:
    """Whether readers reach this site by that name; a wildcard for every name says nothing."""
    names = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    return validate_host(host, [urlsplit(settings.SITE_URL).hostname or "", *names])


def _links(root: HtmlElement) -> list[HtmlElement]:
    return list(root.iter("a"))
