"""A Wagtail site of the same story, as somebody who knows Wagtail would build it. Only bench/wagtail.py uses it."""
