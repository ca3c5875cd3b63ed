"""Two at work at the same time, each with a connection of its own."""

import time
from concurrent.futures import Executor, Future

from django.db import connection


def in_thread(pool: Executor, function, *arguments) -> Future:
    def run():
        try:
            return function(*arguments)
        finally:
            connection.close()

    return pool.submit(run)


def wait_until_somebody_waits() -> None:
    """For a lock; fails if nobody does so within half a minute."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits for a lock")
