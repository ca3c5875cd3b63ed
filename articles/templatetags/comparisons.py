"""Rows of a comparison in words."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext_lazy as _

from articles.compare import Row

register = template.Library()

LABELS = {
    "added": _("New"),
    "removed": _("Gone"),
    "changed": _("Changed"),
    "moved_here": _("Moved here"),
    "moved_away": _("Moved away"),
}


@register.filter
def change_label(row: Row):
    return _("Emphasis changed") if row.is_reformatted else LABELS[row.change]


@register.filter
def of(values: Mapping, key):
    return values.get(key)
