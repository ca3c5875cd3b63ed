"""Readers by the thousand while something breaks, and the reckoning afterwards: what was answered is stored, once."""

import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from .database import Database, left_in
from .readers import PHONE
from .writers import READERS_OF_A_PROCESS, address_of

SECONDS = float(os.environ.get("VISITS_TEST_SECONDS", 0))  # of the long run; 0: the short one
SEED = int(os.environ.get("VISITS_TEST_SEED", time.time_ns() % 1_000_000))
VIEWS = int(os.environ.get("VISITS_TEST_VIEWS", 0))  # that the long run must reach at least


def chance() -> random.Random:
    sys.stdout.write(f"VISITS_TEST_SEED={SEED}\n")
    return random.Random(SEED)


@dataclass
class Reckoning:
    answered: int
    stored: int
    lost: int
    doubled: int
    processes: int
    kills: int
    seconds: float


@contextmanager
def storm(
    database: Database, folder: Path, *, seconds: float, kills: bool, url: str = "", pause: float = 0.01
):
    """Yields the running program; reckon() ends it."""
    spool, answered = folder / "visits", folder / "answered"
    answered.mkdir()
    order = {
        "answered": str(answered), "processes": 6, "threads": 3, "seconds": SECONDS or seconds,
        "seed": SEED, "kills": kills, "pause": pause,
    }  # fmt: skip
    environment = database.environment(
        spool,
        DATABASE_URL=url or database.url,
        VISITS_SHIP_EVERY=0.2,
        DJANGO_SETTINGS_MODULE="newsportal.settings",
    )
    with (folder / "log").open("w") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.visitors.writers", json.dumps(order)],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with program:
        try:
            yield program
        finally:
            program.kill()


def reckon(program: subprocess.Popen, database: Database, folder: Path) -> Reckoning:
    began = time.monotonic()
    printed, _ = program.communicate(timeout=SECONDS + 120)
    assert program.returncode == 0, (folder / "log").read_text()[-3000:]
    stored = database.check_sums()
    views_of = database.views_of(PHONE)
    lost = doubled = answered = found = 0
    for path in (folder / "answered").iterdir():
        readers = {int(line) for line in path.read_text().splitlines()}
        first = int(path.name) * READERS_OF_A_PROCESS
        # A view may have been written by a process that was killed before it could say so.
        begun = range(first, max(readers, default=first) + 20)
        views = [views_of(address_of(reader)) for reader in begun]
        answered += len(readers)
        found += sum(views)
        lost += sum(1 for reader, count in zip(begun, views, strict=True) if reader in readers and not count)
        doubled += sum(1 for count in views if count > 1)
    assert found == stored, "views of nobody are stored"
    assert not left_in(folder / "visits")
    reckoning = Reckoning(
        answered=answered, stored=stored, lost=lost, doubled=doubled, seconds=round(time.monotonic() - began, 1),
        **json.loads(printed),
    )  # fmt: skip
    sys.stdout.write(f"{reckoning}\n")
    return reckoning
