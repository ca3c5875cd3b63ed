"""Page numbers of long lists."""

from django import template

register = template.Library()


@register.filter
def numbers(page):
    """First, last and the pages around this one, with an ellipsis for each gap."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
