"""What pages tell other programs about a story."""

from django import template

from articles.structured import json_ld

register = template.Library()
register.simple_tag(json_ld, name="json_ld")
