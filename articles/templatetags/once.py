"""Parts that many pages have in common."""

from django import template
from django.utils.translation import get_language

register = template.Library()


class OnceNode(template.Node):
    def __init__(self, nodelist, words):
        self.nodelist, self.words = nodelist, words

    def render(self, context):
        share = getattr(getattr(context, "request", None), "shared", None)
        if share is None:
            return self.nodelist.render(context)
        name = "part", get_language(), *(word.resolve(context) for word in self.words)
        return share(name, lambda: self.nodelist.render(context))


@register.tag
def once(parser, token):
    """Renders what is between {% once "name" … %} and {% endonce %} once for all kept pages of a generation.

    What it shows may depend on nothing but the database and the words of the tag.
    """
    words = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(["endonce"])
    parser.delete_first_token()
    return OnceNode(nodelist, words)
