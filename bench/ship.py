"""What shipping takes: 1,000 views of one second, and a backlog of ten minutes at 100 views a second.

Uses an embedded PostgreSQL of its own in a temporary folder: `python -m bench.ship`.
"""

import os
import tempfile
import time
import uuid
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory(prefix="bench-visits-")
os.environ["DJANGO_SETTINGS_MODULE"] = "newsportal.settings"
os.environ["DATA_DIR"] = FOLDER.name
os.environ["DATABASE_URL"] = ""

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from newsportal import embedded  # noqa: E402
from visitors.shipper import Shipper  # noqa: E402
from visitors.spool import View  # noqa: E402

LIMITS = {"1,000 views, warm": 0.060, "60,000 views in 1,200 segments": 10}
AGENTS = [
    f"Mozilla/5.0 (Linux; Android {version}; SM-A{model}F) AppleWebKit/537.36 (KHTML, like Gecko)"
    f" Chrome/{chrome}.0.0.0 Mobile Safari/537.36"
    for version in (12, 13, 14, 15)
    for model in range(100, 200, 10)
    for chrome in range(135, 143)
]
HOSTS = ["", ".", "l.facebook.com", "www.google.com.vn", "zalo.me", "coccoc.com", "bao-tinh.vn"]


class Readers:
    """Each reads about four pages, of 300 that there are."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.source = uuid.uuid4().hex
        self.sequence = self.number = 0

    def write_segment(self, views: int, at: int) -> None:
        self.sequence += 1
        path = self.folder / f"{self.source}.{self.sequence:08d}.seg"
        path.write_bytes(b"".join(self._line(at + n * 1000 // views) for n in range(views)))

    def _line(self, at: int) -> bytes:
        n = self.number = self.number + 1
        reader = n % 50 + n // 200 * 50
        path = f"/tin-hoat-dong/tin-so-{n * 7 % 300}/"
        return View(at, reader, None, path, HOSTS[n % 7], AGENTS[reader % len(AGENTS)]).to_line()


def main():
    folder = settings.VISITS_SPOOL
    with embedded.running(settings.DATA_DIR):
        call_command("migrate", verbosity=0)
        folder.mkdir(exist_ok=True)
        shipper, readers = Shipper(folder), Readers(folder)
        seconds = []
        for _ in range(12):
            readers.write_segment(1000, now())
            seconds.append(timed(shipper))
        tell("1,000 views, warm", sorted(seconds[2:])[5])
        began = now() - 600_000
        for n in range(1200):
            readers.write_segment(50, began + n * 500)
        tell("60,000 views in 1,200 segments", timed(shipper))
        connection.close()


def now() -> int:
    return time.time_ns() // 1_000_000


def timed(shipper: Shipper) -> float:
    began = time.perf_counter()
    shipper.ship()
    return time.perf_counter() - began


def tell(name: str, seconds: float) -> None:
    print(f"{name}: {seconds * 1000:.0f} ms (limit {LIMITS[name] * 1000:.0f})")


if __name__ == "__main__":
    main()
