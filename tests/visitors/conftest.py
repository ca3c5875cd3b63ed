from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import time_machine
from django.utils import timezone

from newsportal import embedded

from .database import Database, Server, fresh_database, manage

# A past day, since the database's own clock, which nothing freezes, judges moments to come as wrong.
NOON = timezone.make_aware(
    (timezone.now() - timedelta(days=10)).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
)


@pytest.fixture
def clock():
    """Stands still at noon of a past day, in Vietnam; `clock.shift(seconds)` moves it."""
    with time_machine.travel(NOON, tick=False) as travel:
        yield travel


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL of these tests, with the portal's tables in its first database."""
    # Not in pytest's own folder, for the reason given in test_embedded.py.
    with TemporaryDirectory(prefix="newsportal-test-") as folder:
        server = Server(Path(folder))
        server.start()
        try:
            template = Database(server, embedded.NAME)
            migrated = manage(template.environment(Path(folder, "visits")), "migrate", "-v0")
            assert migrated.returncode == 0, migrated.stderr
            yield server
        finally:
            server.end()


@pytest.fixture
def database(server):
    with fresh_database(server) as database:
        yield database
