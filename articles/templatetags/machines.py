"""What pages tell other programs about a story."""

from django import template

from articles import share_picture
from articles.structured import json_ld

register = template.Library()
register.simple_tag(json_ld, name="json_ld")


@register.simple_tag(takes_context=True)
def shared_picture(context) -> share_picture.Shown:
    """Of the page's story or section; a draft has none that others could see."""
    identity = context["identity"]
    if article := context.get("article"):
        return (
            share_picture.of_portal(identity)
            if context.get("is_preview")
            else share_picture.of_story(article, identity)
        )
    if section := context.get("section"):
        return share_picture.of_section(section, identity)
    return share_picture.of_portal(identity)
