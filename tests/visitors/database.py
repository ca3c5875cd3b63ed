"""A PostgreSQL of the tests' own, which may be stopped, crashed and cut off, and what its books say."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
from django.conf import settings

from newsportal import embedded
from visitors.keys import key

LEFT_IN_SPOOL = {"ship.lock", "salts", "salts.lock", "figures"}
# A copied sequence claims to be written ahead although it is not: after a crash its numbers would come twice.
WRITE_SEQUENCES = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
FROM pg_sequences
"""
SUMS = {
    "days": "SELECT sum(views), sum(visits) FROM visitors_day",
    "hours": "SELECT sum(views), sum(visits) FROM visitors_hour",
    "pages": "SELECT sum(d.views), sum(d.visits) FROM visitors_labelday d JOIN visitors_label l ON l.id = label_id"
    " WHERE kind = 'page'",
    "visitors": "SELECT sum(views), sum(visits) FROM visitors_visitor",
}


class Server:
    """Like newsportal.embedded.running(), but one that its only user may ill-treat."""

    def __init__(self, data_dir: Path):
        self._server = embedded._Server(data_dir)
        self._server.make_home()
        self.socket = f"{self._server.sockets}/.s.PGSQL.{embedded.PORT}"

    def start(self):
        with self._server.exclusively():
            self._server.ensure_running()

    def stop(self):
        with self._server.exclusively():
            self._server.stop()

    def crash(self):
        """As pg_ctl stop -m immediate: no word to anybody, and a recovery at the next start."""
        with self._server.exclusively():
            self._server.process.send_signal(signal.SIGQUIT)
            self._server.process.wait()
            wait_until(lambda: not self._server.alive())

    def end(self):
        self.stop()
        self._server.remove_sockets()


class Database:
    """One database on it, with the portal's tables."""

    def __init__(self, server: Server, name: str):
        self.server = server
        self.name = name
        self.url = address(Path(server.socket).parent, name)

    def ask(self, question: str, values=None) -> list[tuple]:
        with closing(psycopg2.connect(self.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(question, values)
            return cursor.fetchall() if cursor.description else []

    def environment(self, spool: Path, **more) -> dict:
        """For a program of the portal."""
        more = {"DATABASE_URL": self.url, "VISITS_SPOOL": spool, "TRUSTED_PROXIES": "127.0.0.1", **more}
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "newsportal.settings",
            "PYTHONWARNINGS": "ignore::DeprecationWarning",
            **{name: str(value) for name, value in more.items()},
        }

    def total(self) -> tuple[int, int]:
        """Views and visits."""
        return (self.ask("SELECT views, visits FROM visitors_total") or [(0, 0)])[0]

    def check_sums(self) -> int:
        """The total, which must be that of days, hours, pages and visitors."""
        total = self.total()
        for name, question in SUMS.items():
            found = tuple(int(number or 0) for number in self.ask(question)[0])
            assert found == total, f"{name}: {found}, total: {total}"
        return total[0]

    def views_of(self, agent: str) -> Callable[[str], int]:
        """A function that tells how many views of the reader at an address are stored."""
        salts = [bytes(salt) for (salt,) in self.ask("SELECT value FROM visitors_salt")]
        views = dict(self.ask("SELECT key, sum(views)::int FROM visitors_visitor GROUP BY key"))
        return lambda address: sum(views.get(key(salt, address, agent), 0) for salt in salts)


def address(host, name: str) -> str:
    return f"postgres://{embedded.USER}@/{name}?host={quote(str(host))}&port={embedded.PORT}"


@contextmanager
def fresh_database(server: Server):
    """A copy of the migrated one, dropped at the end."""
    server.start()
    maintenance = Database(server, "postgres")
    name = f"visits_{os.getpid()}_{time.monotonic_ns()}"
    with closing(psycopg2.connect(maintenance.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {embedded.NAME}")
            database = Database(server, name)
            database.ask(WRITE_SEQUENCES)
            yield database
    server.start()
    with closing(psycopg2.connect(maintenance.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment: dict, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,  # a machine with much else to do
    )


def ship(environment: dict) -> None:
    """Twice: what dead processes leave goes once their views are stored."""
    for _ in range(2):
        done = manage(environment, "ship_visits")
        assert done.returncode == 0, done.stderr


def left_in(spool: Path) -> set[str]:
    return {path.name for path in spool.iterdir()} - LEFT_IN_SPOOL


class Threads:
    """Jobs that go on until the block ends, as `ending` tells them."""

    def __init__(self, *jobs: Callable):
        self.ending = threading.Event()
        self._threads = [threading.Thread(target=job) for job in jobs]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self._threads:
            thread.join()


def wait_until(happened, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)
