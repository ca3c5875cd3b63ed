"""The site as a WSGI application, for gunicorn or any other server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

site = get_wsgi_application()

from visitors.middleware import answer_kept_page  # noqa: E402 - after the apps are ready


def application(environ, start_response):
    """A kept page needs none of what Django does around a request, which costs more than the page."""
    answer = answer_kept_page(environ, start_response)
    return site(environ, start_response) if answer is None else answer
