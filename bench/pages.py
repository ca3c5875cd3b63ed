"""What a kept page costs beside a bare Django view that returns the same bytes, under the same gunicorn. Needs wrk.

Rounds of the two follow each other closely, since a busy machine slows both; CPU is that of the workers. Run by
`make bench`; the database is the site's own, with its news. PAGES_ROUNDS and PAGES_SECONDS make it longer.
"""

import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402

from articles.models import Article  # noqa: E402
from newsportal import embedded  # noqa: E402

ROUNDS = int(os.environ.get("PAGES_ROUNDS", 7))
SECONDS = int(os.environ.get("PAGES_SECONDS", 2))
CONNECTIONS = 16
AGENT = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
TICK = os.sysconf("SC_CLK_TCK")
BARE = """
import sys
from pathlib import Path
import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", MIDDLEWARE=[])
django.setup()
plain, packed = (Path({folder!r}, name).read_bytes() for name in ("plain", "packed"))


def view(request):
    # With its length and type, as any server of files would send it.
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        headers = {{"Content-Length": len(packed), "Content-Encoding": "gzip"}}
        return HttpResponse(packed, headers=headers)
    return HttpResponse(plain, headers={{"Content-Length": len(plain)}})


urlpatterns = [path("page/", view)]
application = WSGIHandler()
"""


def get(port: int, path: str, **headers) -> tuple[int, bytes]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    client.request("GET", path, headers={"User-Agent": AGENT, **headers})
    answer = client.getresponse()
    return answer.status, answer.read()


@contextmanager
def gunicorn(application: str, **environment):
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:newsportal.gunicorn"]
        command += ["--bind", f"fd://{listener.fileno()}", application]
        process = subprocess.Popen(
            command,
            env=os.environ | environment,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            cwd=settings.BASE_DIR,
        )
        try:
            yield process.pid, listener.getsockname()[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def workers(master: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def cpu_seconds(master: int) -> float:
    stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split() for pid in workers(master)]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICK


def memory(master: int) -> float:
    """The largest worker, in MB."""
    sizes = [re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in workers(master)]
    return max(int(size[1]) for size in sizes if size) / 1024


def load(master: int, port: int, path: str, encoding: str) -> tuple[float, float]:
    """Requests per second, and microseconds of the workers' CPU for each."""
    before = cpu_seconds(master)
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}s",
        "--timeout",
        "30s",
        "-H",
        f"User-Agent: {AGENT}",
    ]
    command += ["-H", f"Accept-Encoding: {encoding}", f"http://127.0.0.1:{port}{path}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(told)
    requests = int(re.search(r"(\d+) requests in", told)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])
    return rate, (cpu_seconds(master) - before) / requests * 1e6


def row(name: str, results: list[tuple[float, float]], bare: list[tuple[float, float]] | None = None):
    rates, costs = zip(*results, strict=True)
    line = f"{name:34} {max(rates):8.0f} {statistics.median(rates):8.0f} {statistics.median(costs):8.0f} {min(costs):6.0f}"
    if bare:
        bare_rates, bare_costs = zip(*bare, strict=True)
        ratios = [rate / other for rate, other in zip(rates, bare_rates, strict=True)]
        line += f" {max(rates) / max(bare_rates):7.2f} {statistics.median(ratios):7.2f} {min(ratios):5.2f}–{max(ratios):.2f}"
        line += f" {statistics.median(bare_costs) / statistics.median(costs):7.2f}"
    print(line, flush=True)


def main():
    if not shutil.which("wrk"):
        sys.exit("bench.pages needs wrk: apt-get install wrk")
    with embedded.running_for(settings), tempfile.TemporaryDirectory(prefix="bench-pages-") as folder:
        story = Article.objects.published().select_related("section").order_by("-photos", "pk").first()
        if story is None:
            sys.exit("bench.pages needs news in the database: make demo")
        measure(Path(folder), story.get_absolute_url())


def measure(folder: Path, path: str):
    site = {"ALLOWED_HOSTS": "127.0.0.1", "VISITS_SPOOL": str(folder / "visits"), "VISITS_SHIP_EVERY": "0"}
    (folder / "bare_site.py").write_text(BARE.format(folder=str(folder)))
    with gunicorn("newsportal.wsgi", **site) as (master, port):
        until = time.monotonic() + 60
        while get(port, path)[0] != 200 and time.monotonic() < until:
            time.sleep(0.2)
        plain, packed = get(port, path)[1], get(port, path, **{"Accept-Encoding": "gzip"})[1]
        (folder / "plain").write_bytes(plain)
        (folder / "packed").write_bytes(packed)
        python_path = os.pathsep.join([str(folder), str(settings.BASE_DIR)])
        with (
            gunicorn("bare_site", PYTHONPATH=python_path) as (bare_master, bare_port),
            gunicorn("newsportal.wsgi", **site, PAGE_CACHE_BYTES="0") as (slow_master, slow_port),
        ):
            for each in (port, bare_port, slow_port):
                for _ in range(20):
                    get(each, "/page/" if each == bare_port else path)
            print(f"{path}: {len(plain)} bytes, {len(packed)} compressed; {os.cpu_count()} cores")
            print(
                f"{'':34} {'best/s':>8} {'median/s':>8} {'CPU µs':>8} {'least':>6}    best  median  of bare      CPU"
            )
            for encoding in ("identity", "gzip"):
                bare, ours, uncached = [], [], []
                for _ in range(ROUNDS):
                    bare.append(load(bare_master, bare_port, "/page/", encoding))
                    ours.append(load(master, port, path, encoding))
                    uncached.append(load(slow_master, slow_port, path, encoding))
                row(f"bare Django view, {encoding}", bare)
                row(f"kept page, counted, {encoding}", ours, bare)
                row(f"page without the cache, {encoding}", uncached, bare)
            print(f"memory of the largest worker: {memory(master):.0f} MB")
        counted = sum(len(file.read_bytes().splitlines()) for file in (folder / "visits").glob("*.[os]*"))
        print(f"views in the spool: {counted}")


if __name__ == "__main__":
    main()
