"""Addresses as templates need them: whole ones for other programs, host names for people."""

from urllib.parse import urlsplit

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def absolute_url(context, address) -> str:
    """`address` with the scheme and host under which the reader asked."""
    return context["request"].build_absolute_uri(str(address))


@register.filter
def host(address: str) -> str:
    """The host of an outside address, as a reader would name it: "vi-du.vn"."""
    return (urlsplit(address).hostname or "").removeprefix("www.")
