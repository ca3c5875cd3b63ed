"""Counts a page that was answered and puts the newest figures into it. Asks the database nothing."""

import logging
import time

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma

from newsportal.client_address import client_address, household

from .counter import counter
from .rules import asks_not_to_be_followed, reason_not_to_count, referrer_host
from .storing import local_days

logger = logging.getLogger(__name__)

# What templates/visitors/statistics.html leaves in the page, so that a page from a cache shows today's figures.
MARKERS = {
    "total": b"<!--visits:total-->",
    "online": b"<!--visits:online-->",
    "today": b"<!--visits:today-->",
}
UNKNOWN = "–".encode()
LONGEST_AGENT = 300  # characters; the rest could only make one reader look like two


class CountVisits:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        try:
            record(request, response)
        except Exception:
            # A page is worth more than its count.
            logger.exception("A view could not be counted.")
        if not response.streaming and MARKERS["total"] in response.content:
            response.content = fill_in(response.content)
            response["Content-Length"] = len(response.content)
        return response


def record(request, response) -> None:
    reason = reason_not_to_count(request, response)
    if reason is None:
        return
    meta = request.META
    is_followed = not reason and not asks_not_to_be_followed(meta)
    counter().record(
        path=request.path,
        referrer=referrer_host(request),
        agent=meta.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT],
        reason=reason,
        address=household(client_address(meta)) if is_followed else None,
    )


def fill_in(content: bytes) -> bytes:
    for name, value in shown_figures().items():
        content = content.replace(MARKERS[name], UNKNOWN if value is None else intcomma(value).encode())
    return content


def shown_figures() -> dict[str, int | None]:
    """Total, online and today; None for what is not known now. While the database is away the two sums stand
    still, and what is older than its window or day is no longer shown."""
    figures = counter().figures()
    if figures is None:
        return dict.fromkeys(MARKERS)
    now = time.time_ns() // 1_000_000
    is_fresh = now - figures.as_of <= settings.VISITS_ONLINE_MINUTES * 60_000
    today = figures.today
    if figures.day != local_days(settings.TIME_ZONE).of(now):
        today = 0 if is_fresh else None
    return {"total": figures.total, "online": figures.online if is_fresh else None, "today": today}
