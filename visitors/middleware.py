"""Counts a page that was answered and puts the newest figures into it. Asks the database nothing."""

import logging
import secrets
import time
from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.handlers.wsgi import WSGIRequest
from django.utils.translation import override

from articles.kept_page import KeptPage, filled_in
from articles.languages import of_path
from articles.page_cache import POLICY, KeptResponse, PageCache

from .counter import counter
from .rules import facts_of_view
from .storing import local_days

logger = logging.getLogger(__name__)

# What templates/visitors/statistics.html leaves open in the page, so that a kept page shows today's figures.
PLACES = {"total": "visits:total", "online": "visits:online", "today": "visits:today"}
NONCE = "visits:nonce"
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
UNKNOWN = "–".encode()


def answer_kept_page(environ: dict, start_response) -> list[bytes] | None:
    """Sends what the page cache has ready, counted and filled in, without beginning a request of Django's."""
    cache = PageCache.newest
    if cache is None:
        return None
    request = WSGIRequest(environ.copy())  # which changes what it is given
    answer = cache.kept_answer(request)
    if answer is None:
        return None
    count(request, answer)
    values = words(request.path_info)
    body = answer.body(values)
    length = [("Content-Length", str(len(body)))] if answer.status_code != 304 else []
    start_response(STATUS_LINES[answer.status_code], [*answer.sent_headers(values).items(), *length])
    return [body] if request.method != "HEAD" else []


class CountVisits:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        count(request, response)
        if isinstance(response, KeptResponse):
            response.fill_in(words(request.path_info))
        elif not response.streaming and b"<!--visits:" in response.content:
            values = words(request.path_info)
            response.content = KeptPage(response.content).plain(values)
            response["Content-Length"] = len(response.content)
            if POLICY in response:
                response[POLICY] = filled_in(response[POLICY], values)
        return response


def count(request, response) -> None:
    try:
        record(request, response)
    except Exception:
        # A page is worth more than its count.
        logger.exception("A view could not be counted.")


def record(request, response) -> None:
    if (facts := facts_of_view(request, response)) is not None:
        counter().record(**facts)


def words(path: str) -> dict[str, bytes]:
    """By the places where they stand: the figures as readers of that address see them, and a nonce of this answer."""
    language = of_path(path)
    values = {PLACES[name]: worded(value, language) for name, value in shown_figures().items()}
    if settings.MEASURING_SCRIPT:
        values[NONCE] = secrets.token_urlsafe(16).encode()
    return values


@lru_cache(maxsize=64)
def worded(value: int | None, language: str) -> bytes:
    if value is None:
        return UNKNOWN
    with override(language):
        return intcomma(value).encode()


def shown_figures() -> dict[str, int | None]:
    """Total, online and today; None for what is not known now. While the database is away the two sums stand
    still, and what is older than its window or day is no longer shown."""
    figures = counter().figures()
    if figures is None:
        return dict.fromkeys(PLACES)
    now = time.time_ns() // 1_000_000
    is_fresh = now - figures.as_of <= settings.VISITS_ONLINE_MINUTES * 60_000
    today = figures.today
    if figures.day != local_days(settings.TIME_ZONE).of(now):
        today = 0 if is_fresh else None
    return {"total": figures.total, "online": figures.online if is_fresh else None, "today": today}
