"""Moments as other programs read them; for people there are Django's own date filters."""

from datetime import datetime

from django import template

register = template.Library()


@register.filter(expects_localtime=True)
def iso(moment: datetime) -> str:
    """In the form 2023-05-30T06:30:00+07:00: without the microseconds, which HTML does not allow."""
    return moment.isoformat(timespec="seconds")
