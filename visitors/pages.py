"""Pages of the portal as the figures name them: by what they show, not by an address that may change."""

from functools import lru_cache

from django.urls import Resolver404

from articles.languages import ENGLISH, of_path, resolve


@lru_cache(maxsize=16_384)
def page_label(path: str) -> str:
    """Such as "article:71", "section:tin-hoat-dong" or "home"; for any other path the name of its route.

    English pages but for stories, whose numbers tell them apart, begin with "en/".
    """
    try:
        match = resolve(path)
    except Resolver404:
        return "?"
    thing = match.kwargs.get("id") or match.kwargs.get("slug") or match.kwargs.get("url")
    name = (match.url_name or "?").rpartition(":")[2]
    label = f"{name}:{thing}" if thing else name
    return f"{ENGLISH}/{label}" if of_path(path) == ENGLISH and name != "article" else label
