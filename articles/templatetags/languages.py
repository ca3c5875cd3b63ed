"""From a page to the one that says the same in the other language."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import override

from articles.languages import ENGLISH, VIETNAMESE, Language, page_language

register = template.Library()
# Addresses that are there in both languages, whatever stories there are.
IN_BOTH = {
    "accessibility", "api", "archive", "corrections", "definitions", "feeds", "home", "page", "search", "section",
    "site_map",
}  # fmt: skip


@dataclass(frozen=True)
class OtherLanguage:
    code: str
    name: str
    address: str
    says_the_same: bool

    @property
    def is_vietnamese(self) -> bool:
        return self.code == VIETNAMESE


@register.simple_tag(takes_context=True)
def other_language(context) -> OtherLanguage | None:
    """None for a portal without English pages. A page without a counterpart leads to the other home page."""
    if not context["identity"].has_english:
        return None
    code = VIETNAMESE if page_language() == ENGLISH else ENGLISH
    address = _counterpart(context, code)
    with override(code):
        home = reverse("articles:home")
    return OtherLanguage(code, Language(code).label, address or home, says_the_same=address is not None)


def _counterpart(context, code: str) -> str | None:
    if article := context.get("article"):
        translation = article.belongings.translation
        return translation and translation.get_absolute_url()
    match = context["request"].resolver_match
    page = context.get("page")
    if match is None or match.url_name not in IN_BOTH or getattr(page, "number", 1) != 1:
        return None
    with override(code):
        return reverse(match.view_name, kwargs=match.kwargs)
