"""The two languages of the public pages, told by the address alone: /en/… is English, all else Vietnamese.

A cookie or a browser's wish would make one address several pages, which neither caches nor search engines bear.
"""

from django.db import models
from django.urls import LocalePrefixPattern, ResolverMatch
from django.urls import resolve as resolve_here
from django.utils.translation import get_language, override

VIETNAMESE, ENGLISH = "vi", "en"
# Staff who read English read it as "en-gb": English words around addresses and names of the Vietnamese pages.
STAFF_ENGLISH = "en-gb"


class Language(models.TextChoices):
    VIETNAMESE = VIETNAMESE, "Tiếng Việt"  # each by its own name, for those who read nothing else
    ENGLISH = ENGLISH, "English"


class EnglishPrefix(LocalePrefixPattern):
    """Before the addresses of public pages: “en/” on English pages."""

    @property
    def language_prefix(self) -> str:
        return f"{ENGLISH}/" if page_language() == ENGLISH else ""


def page_language() -> str:
    """Of the page that is being made; of the Vietnamese ones wherever no page is."""
    return ENGLISH if get_language() == ENGLISH else VIETNAMESE


def of_path(path: str) -> str:
    return ENGLISH if path == f"/{ENGLISH}" or path.startswith(f"/{ENGLISH}/") else VIETNAMESE


def without_prefix(path: str) -> str:
    return path.removeprefix(f"/{ENGLISH}") if of_path(path) == ENGLISH else path


def resolve(path: str) -> ResolverMatch:
    """What the address leads to, whatever the language of who asks."""
    with override(of_path(path)):
        return resolve_here(path)


def in_page_language(row: models.Model, name: str) -> str:
    """The row's words for the page: on an English one those of its field with “_en”, if it has any."""
    return (page_language() == ENGLISH and getattr(row, f"{name}_en")) or getattr(row, name)
