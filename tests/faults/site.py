"""A site on a real PostgreSQL behind a real gunicorn, and readers who go on reading while something breaks."""

import http.client
import itertools
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.conf import settings

from tests.deploy import site as deployed
from tests.visitors.database import Database, Threads, wait_until

PORTS = range(8350, 8370)
# What readers ask for and what an editor needs to be let in.
CONTENTS = """
import json
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from tests.factory import figure, make_article, make_photo, make_section
call_command("collectstatic", link=True, post_process=False, interactive=False, verbosity=0)
photo = make_photo()
section = make_section()
stories = [
    make_article(headline=f"Tin thứ {n}", section=section, body=f"<p>Đoạn {n}.</p>" * 20 + figure(photo, "Chú thích"))
    for n in range(1, 9)
]
editor = Client()
editor.force_login(User.objects.create_superuser("bien-tap", password="mat-khau-thu"))
print(json.dumps({
    "section": section.get_absolute_url(), "section_id": section.pk, "stories": [story.get_absolute_url() for story in stories],
    "session": editor.cookies["sessionid"].value, "photo": photo.file.name,
}))
"""
TOKEN = "t" * 32


class Answer:
    def __init__(self, client: http.client.HTTPConnection, path: str, method="GET", headers=None, body=None):
        began = time.monotonic()
        client.request(method, path, headers=headers or {}, body=body)
        response = client.getresponse()
        self.content = response.read()
        self.seconds = time.monotonic() - began
        self.status, self.headers = response.status, response.headers

    @property
    def text(self) -> str:
        return self.content.decode()


class Site:
    def __init__(self, database: Database, folder: Path):
        self.database, self.folder = database, folder
        self.listener = next(filter(None, map(listen, PORTS)))
        self.port = self.listener.getsockname()[1]
        self.environment = database.environment(
            folder / "visits", DATA_DIR=folder, SECOND_FACTOR=0, SITE_URL=f"http://127.0.0.1:{self.port}",
            BACKUP_DIR=folder / "backups", VISITS_SHIP_EVERY=0.5, ALLOWED_HOSTS=f"127.0.0.1,{deployed.HOST}",
        )  # fmt: skip
        vars(self).update(json.loads(self.program(CONTENTS)))
        self.pages = ["/", self.section, *self.stories]
        self.process = self.start()

    def wait(self) -> None:
        """Until it answers; on a machine with much else to do that takes its time."""
        wait_until(self._answers, seconds=300)

    def _answers(self) -> bool:
        try:
            return self.ask("/").status == 200
        except OSError:
            return False

    def start(self, cwd=settings.BASE_DIR, **environment) -> subprocess.Popen:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "-c", "python:newsportal.gunicorn"),
                    *("--bind", f"fd://{self.listener.fileno()}"),
                    *("--workers", "2", "newsportal.wsgi"),
                ],
                cwd=cwd, env=self.environment | environment, stdout=log, stderr=log, start_new_session=True,
                pass_fds=[self.listener.fileno()],
            )  # fmt: skip

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def program(self, code: str, *arguments: str, **environment) -> str:
        """Runs a piece of Python in the site."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{code}", *arguments],
            cwd=settings.BASE_DIR, env=self.environment | environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def workers(self) -> set[int]:
        return {int(pid) for pid in children(self.process.pid) if state(pid) != "Z"}

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, path: str, method="GET", headers=None, body=None) -> Answer:
        client = self.connect()
        try:
            return Answer(client, path, method, headers, body)
        finally:
            client.close()

    def as_editor(self, path: str, fields: dict[str, str] | None = None, **more) -> Answer:
        """Asks as somebody who is logged in; with `fields` sends a form."""
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        if fields is None and not more:
            return self.ask(path, headers=headers)
        from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

        body = encode_multipart(BOUNDARY, (fields or {}) | more)
        return self.ask(path, "POST", headers | {"Content-Type": MULTIPART_CONTENT}, body)

    def story_form(self, **fields) -> dict:
        """What a browser sends for a story without rows, unless `fields` add some."""
        rows = ("bylines", "related_links", "attachments")
        counts = {f"{name}-{count}_FORMS": "0" for name in rows for count in ("TOTAL", "INITIAL")}
        return (
            counts
            | {"section": str(self.section_id), "body": "<p>Chữ.</p>", "genre": "news", "slug": ""}
            | fields
        )

    def keep(self, pages=None, *, showing: str = "") -> None:
        """Has each worker keep the pages, which have an ETag then; `showing` words of them that are new, so that none
        is from before. Who takes a connection from their one queue is chance, and may be the same again and again: so
        each is asked while the others stand still."""
        workers = self.workers()
        for worker in workers:
            with stopped(list(workers - {worker})):
                for path in pages or self.pages:
                    wait_until(lambda path=path: self._is_kept(path, showing))

    def _is_kept(self, path: str, showing: str) -> bool:
        answer = self.ask(path)
        return "ETag" in answer.headers and showing in answer.text

    def errors(self) -> str:
        return (self.folder / "log").read_text()


def listen(port: int) -> socket.socket | None:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=1024)
    except OSError:
        return None  # another's


class Readers(Threads):
    """Read on, half of them over connections that they keep, until the block ends."""

    def __init__(self, site: Site, pages=None, *, threads: int = 4, pause: float = 0.002):
        super().__init__(*(partial(self._read, number % 2 == 0) for number in range(threads)))
        self.site, self.pages, self.pause = site, itertools.cycle(pages or site.pages), pause
        self.times: list[float] = []
        self.failed: list[str] = []
        self._next = threading.Lock()

    def _read(self, keeps: bool):
        client = self.site.connect()
        while not self.ending.wait(self.pause):
            with self._next:
                path = next(self.pages)
            try:
                answer = Answer(client, path)
                if answer.status != 200:
                    self.failed.append(f"{path}: {answer.status}")
                self.times.append(answer.seconds)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{path}: {error!r}")
                client.close()
            if not keeps:
                client.close()
        client.close()

    def wait_for(self, count: int) -> None:
        until = len(self.times) + count
        wait_until(lambda: len(self.times) >= until, seconds=1800)

    @property
    def p99(self) -> float:
        return percentile(self.times)

    def __str__(self):
        return (
            f"{len(self.failed)} of {len(self.times):,} reads failed, p99 {self.p99 * 1000:.0f} ms,"
            f" longest {max(self.times) * 1000:.0f} ms"
        )


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def state(pid) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "Z"


def memory(pid: int) -> float:
    """Resident megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def begin_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> float:
    """Resident megabytes at most since then."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


@contextmanager
def stopped(pids: list[int]):
    """Processes that stand still, as on a machine whose disk hangs."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
