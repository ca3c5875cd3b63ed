"""Counts a page read by a person and puts the newest figures into the finished page."""

import logging

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import DatabaseError
from django.utils import timezone

from . import models
from .addresses import client_address
from .rules import asks_not_to_be_tracked, comes_from_elsewhere, is_counted

logger = logging.getLogger(__name__)

# What templates/visitors/statistics.html leaves in the page, so that a page from a cache shows today's figures.
MARKERS = {
    "total": b"<!--visits:total-->",
    "online": b"<!--visits:online-->",
    "today": b"<!--visits:today-->",
}
UNKNOWN = "–".encode()


class CountVisits:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if is_counted(request, response):
            record(request)
        if not response.streaming and MARKERS["total"] in response.content:
            response.content = fill_in(response.content)
            response["Content-Length"] = len(response.content)
        return response


def record(request) -> None:
    """Never raises: a page is worth more than its count."""
    now = timezone.now()
    try:
        if asks_not_to_be_tracked(request.headers):
            models.record_untracked_view(at=now, is_visit=comes_from_elsewhere(request))
        else:
            agent = request.headers.get("User-Agent", "")
            models.record_view(at=now, address=client_address(request.META), user_agent=agent)
    except DatabaseError:
        logger.warning("A view could not be counted.", exc_info=True)


def fill_in(content: bytes) -> bytes:
    try:
        figures = models.public_figures()
    except DatabaseError:
        figures = None
    for name, marker in MARKERS.items():
        value = UNKNOWN if figures is None else intcomma(getattr(figures, name)).encode()
        content = content.replace(marker, value)
    return content
