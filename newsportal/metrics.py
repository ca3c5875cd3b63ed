"""Counters of all processes of the web server, in memory that they share. Needs no Django.

gunicorn's master makes the memory before it forks (newsportal/gunicorn.py); each worker writes into its own slot, so
that processes need no lock between them, and whoever is asked adds all slots up. A slot goes on counting for the
worker that takes it over.
"""

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterator

KINDS = ("kept", "page", "admin", "api", "feed", "file")
KEPT, PAGE, ADMIN, API, FEED, FILE = range(len(KINDS))
STATUSES = ("2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.005, 0.025, 0.1, 0.5, 2.5)  # seconds until an answer begins; the last bucket has the rest
ROW = len(STATUSES) + len(BOUNDS) + 2  # statuses, buckets, the sum of seconds
RENDERED = len(KINDS) * ROW  # pages made because none was kept
WIDTH = RENDERED + 1
SLOTS = 64  # workers at a time


class Board:
    def __init__(self):
        self._cells = memoryview(mmap.mmap(-1, SLOTS * WIDTH * 8)).cast("d")
        self._first = 0
        self._lock = threading.Lock()

    def take(self, slot: int) -> None:
        """This process's own from now on."""
        self._first = slot * WIDTH
        self._lock = threading.Lock()  # a thread of the parent may have held the old one

    def note(self, kind: int, status: str, seconds: float) -> None:
        """An answer; `status` is its line, such as "200 OK"."""
        row = self._first + kind * ROW
        bucket = row + len(STATUSES) + bisect_left(BOUNDS, seconds)
        with self._lock:
            self._cells[row + min(max(int(status[0]) - 2, 0), 3)] += 1
            self._cells[bucket] += 1
            self._cells[row + ROW - 1] += seconds

    def note_rendering(self) -> None:
        with self._lock:
            self._cells[self._first + RENDERED] += 1

    def sums(self) -> list[float]:
        return [sum(self._cells[cell::WIDTH]) for cell in range(WIDTH)]

    def lines(self) -> Iterator[str]:
        """For Prometheus."""
        sums = self.sums()
        rows = [sums[kind * ROW : (kind + 1) * ROW] for kind in range(len(KINDS))]
        yield "# TYPE newsportal_requests_total counter"
        for name, row in zip(KINDS, rows, strict=True):
            for status, count in zip(STATUSES, row, strict=False):
                yield f'newsportal_requests_total{{kind="{name}",status="{status}"}} {count:.0f}'
        yield "# TYPE newsportal_request_seconds histogram"
        for name, row in zip(KINDS, rows, strict=True):
            count = 0
            for bound, more in zip((*BOUNDS, "+Inf"), row[len(STATUSES) : -1], strict=True):
                count += more
                yield f'newsportal_request_seconds_bucket{{kind="{name}",le="{bound}"}} {count:.0f}'
            yield f'newsportal_request_seconds_count{{kind="{name}"}} {count:.0f}'
            yield f'newsportal_request_seconds_sum{{kind="{name}"}} {row[-1]:.6f}'
        yield "# TYPE newsportal_kept_pages_total counter"
        yield f'newsportal_kept_pages_total{{result="hit"}} {sum(rows[KEPT][: len(STATUSES)]):.0f}'
        yield f'newsportal_kept_pages_total{{result="miss"}} {sums[RENDERED]:.0f}'


board = Board()


def kind_of(path: str) -> int:
    """Of what Django answers."""
    if path.startswith("/admin/"):
        return ADMIN
    if path.startswith("/api/"):
        return API
    if path.startswith(("/static/", "/media/", "/giao-dien/", "/bieu-tuong/")):
        return FILE
    return FEED if path.startswith(("/rss/", "/atom/", "/sitemap")) else PAGE
