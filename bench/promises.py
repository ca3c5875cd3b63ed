"""What else the portal promises beside the cost of a page: start, memory, publishing, a stampede. Run by `make bench`.

The database is the site's own, with its news; one story's kicker is changed and put back. PROMISES_REQUESTS=1000000
makes the look at memory the long one that the promise is about.
"""

import http.client
import os
import random
import signal
import socket
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402

from articles.models import Article  # noqa: E402
from bench.serving import HOSTS, Served, gunicorn, load, need_wrk  # noqa: E402
from newsportal import embedded  # noqa: E402
from newsportal import gunicorn as config  # noqa: E402

STARTS, PUBLICATIONS, AT_ONCE = 5, 10, 500
REQUESTS = int(os.environ.get("PROMISES_REQUESTS", 30_000))
CHUNK = 20_000  # addresses, before others are made up
FLAT = 1.05  # times the memory of before
OLD_AFTER = 2  # seconds without an old answer, after which all workers are taken to show the new one
# PostgreSQL counts the looks at this table: one for each rendering of a story.
TABLE = "articles_attachment"


def main():
    need_wrk()
    call_command("collectstatic", interactive=False, verbosity=0)
    with embedded.running_for(settings), tempfile.TemporaryDirectory(prefix="bench-promises-") as folder:
        stories = list(Article.objects.published().select_related("section").order_by("pk"))
        serve = partial(
            gunicorn,
            "newsportal.wsgi",
            ALLOWED_HOSTS=",".join(["127.0.0.1", *HOSTS]),
            VISITS_SPOOL=str(Path(folder, "visits")),
            VISITS_SHIP_EVERY="0",
        )
        print("| promise | measured | at most |\n|---|---|---|")
        first_start(serve, stories[0].get_absolute_url())
        with serve() as site:
            visible(site, stories[0])
        stampede(serve, stories[1].get_absolute_url())
        with serve() as site:
            memory(site, [story.get_absolute_url() for story in stories])


def tell(promise: str, measured: str, limit: str):
    print(f"| {promise} | {measured} | {limit} |", flush=True)


def first_start(serve, path: str):
    """Until one worker, the only one, has answered with a story: with gunicorn itself, then in place of one that died."""
    whole, replaced = [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        with serve("--workers", "1") as site:
            site.wait_for(path)
            whole.append(time.perf_counter() - began)
            os.kill(site.workers()[0], signal.SIGKILL)
            began = time.perf_counter()
            site.wait_for(path)
            replaced.append(time.perf_counter() - began)
    for name, seconds in (("gunicorn and a worker", whole), ("a worker", replaced)):
        measured = f"{statistics.median(seconds):.2f} s ({min(seconds):.2f}–{max(seconds):.2f})"
        tell(f"first start of {name}, until it has sent a story", measured, "2 s")


def visible(site: Served, story: Article):
    """From a commit of this process to the last answer without it, asked for on ever new connections."""
    path, before, seconds = story.get_absolute_url(), story.kicker, []
    for number in range(PUBLICATIONS):
        kicker = f"Lần {number} {random.getrandbits(40)}"
        for _ in range(20):
            site.wait_for(path)
        Article.objects.filter(pk=story.pk).update(kicker=kicker)
        seconds.append(last_old_answer(site, path, kicker.encode()))
    Article.objects.filter(pk=story.pk).update(kicker=before)
    tell(
        f"a change seen on all {len(site.workers())} processes",
        f"{statistics.median(seconds):.2f} s (longest of {PUBLICATIONS}: {max(seconds):.2f} s)",
        "1 s",
    )


def last_old_answer(site: Served, path: str, words: bytes) -> float:
    committed = last = time.perf_counter()
    while (asked := time.perf_counter()) < last + OLD_AFTER:
        if words not in site.get(path).body:
            last = asked
    return last - committed


def stampede(serve, path: str):
    """Renderings of a page that nobody has asked for, when many ask at once; one alone tells what a rendering is."""
    one = renderings_of(serve, lambda site: site.wait_for(path))
    several = renderings_of(serve, lambda site: ask_at_once(site, path))
    tell(
        f"renderings of a cold page for {AT_ONCE} requests at once, {config.workers} processes",
        f"{several / one:g}",
        f"{config.workers}",
    )


def renderings_of(serve, ask) -> int:
    with serve() as site:
        site.wait_for("/robots.txt")
        before = looks_at_table()
        ask(site)
    # Only when its connection ends has a server process told all it counted.
    return looks_at_table() - before


def looks_at_table() -> int:
    time.sleep(0.5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = %s", [TABLE])
        return cursor.fetchone()[0]


def ask_at_once(site: Served, path: str):
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode()
    readers = [socket.create_connection(("127.0.0.1", site.port), timeout=60) for _ in range(AT_ONCE)]
    for reader in readers:
        reader.sendall(request)
    for reader in readers:
        with reader, http.client.HTTPResponse(reader) as answer:
            answer.begin()
            assert answer.status == 200
            answer.read()


def memory(site: Served, paths: list[str]):
    """With as many kept pages as fit, and then after many requests, each with a query of its own, some searching."""
    site.wait_for(paths[0])
    full = filled(site, paths)
    own = site.memory("Pss")
    tell(
        "memory of the largest worker, its cache full",
        f"{own:.0f} MB ({full:.0f} MB with what it shares)",
        "150 MB",
    )
    requests, sizes = 0, [full]
    search = reverse("articles:search")
    while requests < REQUESTS:
        asked = [f"{random.choice(paths)}?{random.getrandbits(64):x}" for _ in range(CHUNK)]
        asked += [f"{search}?q={random.getrandbits(32):x}" for _ in range(CHUNK // 500)]
        random.shuffle(asked)
        requests += load(site, asked, seconds=5).requests
        sizes.append(site.memory())
    tell(
        f"memory after {requests:,} more requests",
        f"{sizes[-1]:.0f} MB (largest meanwhile {max(sizes):.0f} MB)",
        f"{full * FLAT:.0f} MB",
    )


def filled(site: Served, paths: list[str]) -> float:
    sizes = [0.0]
    while len(sizes) < 3 or sizes[-1] > sizes[-3] + 1:
        hosts = random.sample(HOSTS, len(HOSTS))
        load(site, random.sample(paths, len(paths)), hosts=hosts, seconds=10)
        sizes.append(site.memory())
    return sizes[-1]


if __name__ == "__main__":
    main()
