"""The site as a WSGI application, for gunicorn or any other server."""

import os
from time import perf_counter

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

site = get_wsgi_application()

# After the apps are ready. The addresses, else read by the first request, are read before workers are made.
from newsportal import urls  # noqa: E402, F401
from newsportal.health import probes  # noqa: E402
from newsportal.metrics import KEPT, board, kind_of  # noqa: E402
from visitors.middleware import answer_kept_page  # noqa: E402


def application(environ, start_response):
    """A kept page needs none of what Django does around a request, which costs more than the page."""
    began, kind = perf_counter(), KEPT

    def start(status, headers, *more):
        board.note(kind, status, perf_counter() - began)
        return start_response(status, headers, *more)

    answer = answer_kept_page(environ, start)
    if answer is not None:
        return answer
    path = environ.get("PATH_INFO", "")
    if path in probes.PROBES:
        return probes.answer(path, environ, start_response)
    kind = kind_of(path)
    answer = site(environ, start)
    if (
        environ["REQUEST_METHOD"] == "HEAD"
    ):  # gunicorn would drop the page too, with a warning for each in the log
        answer.close()
        return []
    return answer
