"""Flat pages in the language of the page that is being made."""

from django import template
from django.utils.safestring import mark_safe

from articles import body
from articles.languages import ENGLISH, VIETNAMESE, page_language

register = template.Library()


@register.filter
def words(page) -> dict:
    """Title, text and the language of the text; the Vietnamese ones where there are no English ones."""
    english = getattr(page, "english", None) if page_language() == ENGLISH else None
    if english is None:
        return {"title": str(page.title), "content": page.content, "language": VIETNAMESE}
    if not english.content:
        return {"title": english.title, "content": page.content, "language": VIETNAMESE}
    content = mark_safe(body.clean(english.content))  # noqa: S308 - as Django marks the page's own
    return {"title": english.title, "content": content, "language": ENGLISH}
