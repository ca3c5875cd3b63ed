"""What counting costs a page: CPU of 20,000 recordings, as the middleware makes them. Run by `make bench`."""

import os
import statistics
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")
os.environ["VISITS_SPOOL"] = tempfile.mkdtemp(prefix="bench-visits-")
os.environ["VISITS_SHIP_EVERY"] = "0"

import django

django.setup()

from django.http import HttpResponse  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from visitors import middleware  # noqa: E402

RECORDINGS = 20_000
AGENT = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"


def main():
    factory = RequestFactory(
        headers={
            "user-agent": AGENT,
            "referer": "https://l.facebook.com/l.php?u=x",
            "sec-fetch-dest": "document",
        }
    )
    path = "/tin-hoat-dong/so-ket-ba-nam-phong-trao-xom-binh-yen-hon-mot-nghin-to-tu-quan-71/"
    response = HttpResponse(b"<p>", content_type="text/html; charset=utf-8")
    requests = [factory.get(path, REMOTE_ADDR=f"203.0.{n // 250 % 250}.{n % 250}") for n in range(RECORDINGS)]
    microseconds = []
    for request in requests:
        began = time.thread_time_ns()
        middleware.record(request, response)
        microseconds.append((time.thread_time_ns() - began) / 1000)
    shown = time.perf_counter_ns()
    for _ in range(1000):
        middleware.shown_figures()
    shown = (time.perf_counter_ns() - shown) / 1_000_000
    deciles = statistics.quantiles(microseconds, n=100)
    print(
        f"recording a view: median {statistics.median(microseconds):.1f} µs, p99 {deciles[98]:.1f} µs of CPU (limit 25)"
    )
    print(f"reading the figures: {shown:.2f} µs")


if __name__ == "__main__":
    main()
