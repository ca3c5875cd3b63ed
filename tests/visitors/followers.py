"""A program: nginx's log is written and renamed, followed by processes that are killed at random, and shipped.

    python -m tests.visitors.followers FOLDER SECONDS SEED

Every view has a page of its own, told by number. Prints what was answered and what was stored as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()

from visitors.counter import Counter
from visitors.depot import Depot
from visitors.spool import View
from visitors.views_log import Follower

from .readers import PHONE


def line(number: int) -> bytes:
    told = {
        "at": time.time(), "status": 200, "method": "GET", "path": f"/{number}/", "type": "text/html; charset=utf-8",
        "REMOTE_ADDR": "203.0.113.7", "HTTP_HOST": "tin.example.vn", "HTTP_USER_AGENT": PHONE, "HTTP_DNT": "",
    }  # fmt: skip
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


class Storm:
    def __init__(self, folder: Path, seed: int):
        self.log, self.spool = folder / "log", folder / "spool"
        self.log.mkdir()
        self.random = random.Random(seed)
        self.file = self.open()
        self.answered = self.kills = self.renamed = 0
        self.stored, self.ledger = [], {}

    def open(self) -> int:
        return os.open(self.log / "views.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            follower = os.fork()
            if not follower:
                self.follow()
            killed_at = time.monotonic() + self.random.uniform(0, 0.06)
            while time.monotonic() < killed_at:
                self.write()
            os.kill(follower, signal.SIGKILL)
            os.waitpid(follower, 0)
            self.kills += 1
            if self.random.random() < 0.3:
                self.ship()
        follower = Follower(self.log, Counter(self.spool))
        follower.take()
        while follower.step():
            pass
        self.ship()

    def follow(self) -> None:
        follower = Follower(self.log, Counter(self.spool))
        follower.take()
        while True:
            follower.step()

    def write(self) -> None:
        for _ in range(self.random.randint(1, 20)):
            content = line(self.answered)
            cut = self.random.choice([None, None, None, 30])
            os.write(self.file, content[:cut])  # what is read may end within a line
            if cut:
                os.write(self.file, content[cut:])
            self.answered += 1
        if self.random.random() < 0.02:
            (self.log / "views.log").rename(self.log / f"views.log.{self.renamed}")
            self.renamed += 1
            os.write(self.file, line(self.answered))  # nginx goes on with the old one until it is told
            self.answered += 1
            os.close(self.file)
            self.file = self.open()

    def ship(self) -> None:
        """As shipper.py does it; whether the commit has come through is unknown at times, and all is offered again."""
        depot = Depot(self.spool)
        depot.take()
        depot.adopt()
        for name in depot.waiting():
            for segment in depot.read(name):
                if segment.sequence > self.ledger.get(segment.source, 0):
                    self.ledger[segment.source] = segment.sequence
                    self.stored += [View.from_line(line).path for line in segment.lines]
            if self.random.random() < 0.7:
                depot.remove([name])
        depot.release()


if __name__ == "__main__":
    storm = Storm(Path(sys.argv[1]), int(sys.argv[3]))
    storm.run(float(sys.argv[2]))
    unemptied = sum(path.read_bytes().count(b"203.0.113.7") for path in storm.log.glob("views.log*"))
    told = {name: getattr(storm, name) for name in ("answered", "kills", "renamed", "stored")}
    sys.stdout.write(json.dumps(told | {"addresses": unemptied}))
