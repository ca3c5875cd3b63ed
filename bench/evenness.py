"""How evenly readers are served, by the number of workers and threads and by who accepts their connections.

Each round opens 16 connections that are kept: where they land decides how fast all of them are. Rounds of the
settings take turns. Run by `make bench`; needs wrk.
"""

import os
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402

from articles.models import Article  # noqa: E402
from bench.serving import CONNECTIONS, Served, gunicorn, load, need_wrk  # noqa: E402
from newsportal import embedded  # noqa: E402

ROUNDS = int(os.environ.get("EVENNESS_ROUNDS", 12))
SETTINGS = {  # name: workers, threads, whether each worker listens for itself
    "2 workers × 4 threads": (2, 4, False),
    "2 × 4, SO_REUSEPORT": (2, 4, True),
    "2 × 2": (2, 2, False),
    "2 × 1": (2, 1, False),
    "2 × 8": (2, 8, False),
    "3 × 4": (3, 4, False),
    "4 × 2": (4, 2, False),
    "4 × 2, SO_REUSEPORT": (4, 2, True),
}


def main():
    need_wrk()
    with (
        embedded.running_for(settings),
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ExitStack() as sites,
    ):
        path = Article.objects.published().select_related("section").earliest("pk").get_absolute_url()
        served = {}
        for name, (workers, threads, is_shared) in SETTINGS.items():
            options = ["--workers", str(workers), "--threads", str(threads)]
            site = gunicorn(
                "newsportal.wsgi",
                *options,
                reuse_port=is_shared,
                VISITS_SPOOL=str(Path(folder, name)),
                VISITS_SHIP_EVERY="0",
            )
            served[name] = sites.enter_context(site)
        for site in served.values():
            site.wait_for(path)
            load(site, path, seconds=1)
        rates, shares = {name: [] for name in served}, {name: [] for name in served}
        for _ in range(ROUNDS):
            for name, site in served.items():
                rate, share = one_round(site, path)
                rates[name].append(rate)
                shares[name].append(share)
        print(
            "| workers × threads | least/s | median/s | best/s | spread | connections of the busiest worker |\n|---|---|---|---|---|---|"
        )
        for name in served:
            low, middle, high = min(rates[name]), statistics.median(rates[name]), max(rates[name])
            print(
                f"| {name} | {low:,.0f} | {middle:,.0f} | {high:,.0f} | {high / low:.1f} × |"
                f" {min(shares[name])}–{max(shares[name])} of {CONNECTIONS} |"
            )


def one_round(site: Served, path: str) -> tuple[float, int]:
    """Requests a second, and how many connections the busiest worker had."""
    idle = site.connections()
    seen = []

    def look():
        time.sleep(0.7)
        seen.append(site.connections())

    looking = threading.Thread(target=look)
    looking.start()
    rate = load(site, path, seconds=1).rate
    looking.join()
    return rate, max(seen[0]) - min(idle)


if __name__ == "__main__":
    main()
