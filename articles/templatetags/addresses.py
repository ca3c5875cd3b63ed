"""Addresses as templates need them: whole ones for other programs, host names for people."""

from urllib.parse import urlsplit

from django import template
from django.urls import NoReverseMatch, reverse

register = template.Library()


@register.simple_tag(takes_context=True)
def absolute_url(context, address) -> str:
    """`address` with the scheme and host under which the reader asked."""
    return context["request"].build_absolute_uri(str(address))


@register.filter(expects_localtime=True)
def archive_address(moment) -> str:
    """Of the day in the archive; empty for a year that has none."""
    try:
        return reverse("articles:archive_day", args=[f"{moment:%Y}", f"{moment:%m}", f"{moment:%d}"])
    except NoReverseMatch:
        return ""


@register.filter
def host(address: str) -> str:
    """The host of an outside address, as a reader would name it: "vi-du.vn"."""
    return (urlsplit(address).hostname or "").removeprefix("www.")
