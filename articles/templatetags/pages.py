"""Page numbers of long lists."""

from urllib.parse import urlencode

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def page_address(context, number: int) -> str:
    """Of a page of the list that is shown, with nothing of the query but what the view names in `kept`."""
    query = urlencode(context.get("kept", {}) | ({"page": number} if number > 1 else {}))
    return context["request"].path + (query and f"?{query}")


@register.filter
def numbers(page):
    """First, last and the pages around this one, with an ellipsis for each gap."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
