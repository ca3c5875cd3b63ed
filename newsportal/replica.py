"""Where readers' pages are read: from a replica of the database, if there is one and it knows what the primary knows.

Everything else reads and writes the primary: what does not say that it may read elsewhere never does.
"""

import threading
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import connections

REPLICA = "replica"
_thread = threading.local()


class Router:
    def db_for_read(self, model, **hints):
        return _alias()

    def db_for_write(self, model, **hints):
        """What is read after this sees what was written."""
        _thread.alias = PRIMARY
        return PRIMARY

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == PRIMARY


def is_set_up() -> bool:
    return REPLICA in settings.DATABASES


@contextmanager
def reading():
    """This thread's queries go to the replica, until something is written."""
    _thread.alias = REPLICA
    try:
        yield
    finally:
        _thread.alias = PRIMARY


def connection():
    """For queries without a model."""
    return connections[_alias()]


def is_read() -> bool:
    return _alias() == REPLICA


def _alias() -> str:
    return getattr(_thread, "alias", PRIMARY)
