"""Real servers: each page that was answered is stored once, whatever the server does to its workers and itself.

VISITS_TEST_SECONDS=60 keeps the readers coming for long.
"""

import http.client
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.conf import settings

from .database import Threads, left_in, manage, ship, wait_until
from .readers import PHONE
from .storm import SECONDS
from .writers import address_of

PAGE = "/thong-ke/cach-tinh/"
SERVERS = {
    "sync, preload": ["--worker-class", "sync", "--preload"],
    "gthread": ["--worker-class", "gthread", "--threads", "4"],
    "sync": ["--worker-class", "sync"],
    "gthread, preload": ["--worker-class", "gthread", "--threads", "4", "--preload"],
}


@pytest.fixture
def listener():
    for port in range(8300, 8391):
        try:
            with socket.create_server(("127.0.0.1", port), backlog=256) as listener:
                yield listener
                return
        except OSError:
            continue  # another worker's


@pytest.fixture
def data_dir(tmp_path):
    """Pages find the portal's own style sheets without a collectstatic."""
    (tmp_path / "static").symlink_to(settings.BASE_DIR / "static")
    return tmp_path


@contextmanager
def running(arguments: list[str], environment: dict, log, **options):
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
        **options,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def gunicorn(listener, *arguments) -> list[str]:
    return [
        *("-m", "gunicorn", "-c", "python:newsportal.gunicorn", "--bind", f"fd://{listener.fileno()}"),
        *("--workers", "2", *arguments, "newsportal.wsgi"),
    ]


class Readers(Threads):
    """They come from all sides until the block ends; each is another one."""

    def __init__(self, port: int, threads: int = 4):
        super().__init__(*[self._read_on] * threads)
        self.port = port
        self.answered: list[int] = []
        self.failed = 0
        self._numbers = itertools.count()

    def _read_on(self):
        while not self.ending.is_set():
            number = next(self._numbers)
            if status(self.port, number) == 200:
                self.answered.append(number)
            else:
                self.failed += 1
                return


def status(port: int, reader: int) -> int | None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        client.request("GET", PAGE, headers={"User-Agent": PHONE, "X-Forwarded-For": address_of(reader)})
        answer = client.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        client.close()


def check(database, readers: Readers) -> None:
    """A reader whose connection broke may have been counted or not; all others exactly once."""
    stored = database.check_sums()
    views_of = database.views_of(PHONE)
    counts = [views_of(address_of(reader)) for reader in readers.answered]
    sys.stdout.write(f"{len(counts)} answered, {stored} stored, {readers.failed} failed\n")
    assert set(counts) == {1}
    assert len(counts) <= stored <= len(counts) + readers.failed


@pytest.mark.parametrize("kind", list(SERVERS if SECONDS else itertools.islice(SERVERS, 2)))
def test_gunicorn_that_ends_workers_reloads_and_stops_has_stored_every_answer(
    database, listener, data_dir, kind
):
    spool, port = data_dir / "visits", listener.getsockname()[1]
    arguments = gunicorn(listener, *SERVERS[kind], "--max-requests", "60", "--max-requests-jitter", "60")
    environment = database.environment(spool, DATA_DIR=data_dir, VISITS_SHIP_EVERY=0.3)
    with (
        (data_dir / "log").open("w") as log,
        running(arguments, environment, log, pass_fds=[listener.fileno()]) as process,
        Readers(port) as readers,
    ):
        wait_until(lambda: len(readers.answered) > 100)
        process.send_signal(signal.SIGHUP)
        before = len(readers.answered)
        wait_until(lambda: len(readers.answered) > before + 300)
        time.sleep(SECONDS)
        listener.close()  # gunicorn alone holds it now, and later readers are refused
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0, (data_dir / "log").read_text()[-3000:]

    check(database, readers)
    assert not left_in(spool)


def test_gunicorn_that_stops_while_the_database_is_away_leaves_its_views_to_the_next_start(
    database, server, listener, data_dir
):
    spool, port = data_dir / "visits", listener.getsockname()[1]
    environment = database.environment(spool, DATA_DIR=data_dir, VISITS_SHIP_EVERY=60)
    with (
        (data_dir / "log").open("w") as log,
        running(gunicorn(listener), environment, log, pass_fds=[listener.fileno()]) as process,
    ):
        with Readers(port) as readers:
            wait_until(lambda: len(readers.answered) > 200)
        server.stop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        server.start()
    assert database.total() == (0, 0)

    ship(environment)

    check(database, readers)
    assert not left_in(spool)


def test_development_server_counts(database, data_dir):
    spool = data_dir / "visits"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = database.environment(spool, DATA_DIR=data_dir, VISITS_SHIP_EVERY=0.2)
    with (
        (data_dir / "log").open("w") as log,
        running(["manage.py", "runserver", f"127.0.0.1:{port}"], environment, log) as process,
    ):
        wait_until(lambda: status(port, 0) == 200)
        assert [status(port, reader) for reader in range(1, 5)] == [200] * 4
        wait_until(lambda: database.total() == (5, 5))
        assert status(port, 5) == 200
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
        process.wait(timeout=60)

    ship(environment)
    assert database.check_sums() == 6
    assert not left_in(spool)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["migrate", "-v0"],
        [
            "shell",
            "-v0",
            "-c",
            "import threading; assert threading.active_count() == 1, threading.enumerate()",
        ],
    ],
    ids=lambda arguments: arguments[0],
)
def test_management_command_starts_no_thread_and_writes_no_file(database, tmp_path, arguments):
    spool = tmp_path / "visits"

    done = manage(database.environment(spool, DATA_DIR=tmp_path), *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert not spool.exists()
