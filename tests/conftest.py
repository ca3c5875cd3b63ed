import gc
import tempfile
import threading

import pytest

from tests.chromium import chromium  # noqa: F401 - a fixture

gc.disable()  # until all tests are collected, since what is imported stays


def pytest_configure(config):
    """For the whole run, the live server's included: static files straight from the tree, quick passwords."""
    from django.conf import settings
    from django.test.signals import setting_changed

    # A browser keeps its connection, and the server's thread behind it would keep the test database busy.
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    # The test database is thrown away, so no commit waits for the disk; servers that are crashed have their own settings.
    settings.DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
    settings.STATIC_ROOT = tempfile.mkdtemp(prefix="newsportal-static-")
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.MOST_READ_SECONDS = 0
    settings.VISITS_SHIP_EVERY = 0  # tests ship when they want to
    settings.NOTICES_MAIL_AT_ONCE = False  # and send
    settings.SECOND_FACTOR = False  # but in the tests of login
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {name: {"BACKEND": memory, "LOCATION": name} for name in settings.CACHES}
    settings.PAGE_CACHE_BYTES = 0  # tests of kept pages use kept_pages
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # A photo's field has already asked for its storage, and Django keeps what it read then.
    setting_changed.send(sender=None, setting="STORAGES", value=settings.STORAGES, enter=True)


def pytest_sessionstart(session):
    """A database that cannot be used is told once, not by every test."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error, connection
    from pytest_django.plugin import blocking_manager_key

    from newsportal import embedded

    if hasattr(session.config, "workerinput") or embedded.is_used_by(settings):
        return
    try:
        # As Django does it to make the test database.
        with session.config.stash[blocking_manager_key].unblock(), connection._nodb_cursor():
            pass
    except (Error, ImproperlyConfigured) as error:
        reason = " ".join(str(error).split())
        pytest.exit(f"The database in DATABASE_URL cannot be used: {reason}", returncode=1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What shares a server of the tests' own runs in one worker, which makes it once."""
    for item in items:
        if "server" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("server"))


def pytest_collection_finish(session):
    """What was imported stays to the end, so the collector need not look through it again and again; and little of
    what a test makes refers to itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def pytest_unconfigure(config):
    import shutil

    from django.conf import settings

    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    """Each test has a media folder and a spool of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ORIGINALS_ROOT = tmp_path / "originals"
    settings.PDF_ROOT = tmp_path / "pdf"
    settings.VISITS_SPOOL = tmp_path / "visits"
    settings.TAKEN_DOWN = tmp_path / "taken_down"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The embedded server for the time of the test databases; with DATABASE_URL, that server."""
    from django.conf import settings

    from newsportal import embedded

    with embedded.running_for(settings):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    from django.test import TransactionTestCase

    from tests.emptying import empty_tables

    TransactionTestCase._fixture_teardown = empty_tables


@pytest.fixture
def ranking_kept(db, settings):
    """The most read stories are known, as they are for a minute after somebody has asked."""
    from django.core.cache import caches
    from django.utils import timezone

    from visitors import rankings
    from visitors.models import Label, LabelDay

    label = Label.objects.create(kind=Label.Kind.PAGE, text="article:0", added_on=timezone.localdate())
    LabelDay.objects.create(day=timezone.localdate(), label=label, views=1)
    settings.MOST_READ_SECONDS = 60
    rankings.most_read_ids()
    yield
    caches["memory"].clear()


class Gate:
    """The live server's site, which takes requests only while a test runs and knows how many are under way."""

    def __init__(self, site):
        self.site = site
        self.is_open = False
        self.under_way = 0
        self.changed = threading.Condition()

    def __call__(self, environ, start_response):
        with self.changed:
            if not self.is_open:
                start_response("503 Service Unavailable", [])
                return []
            self.under_way += 1
        try:
            # Until its close, a response may still use the database.
            return ClosingIterator(self.site(environ, start_response), self.leave)
        except BaseException:
            self.leave()
            raise

    def leave(self):
        with self.changed:
            self.under_way -= 1
            self.changed.notify_all()

    def open(self):
        self.is_open = True

    def close(self):
        with self.changed:
            self.is_open = False
            self.changed.wait_for(lambda: not self.under_way, timeout=20)


class ClosingIterator:
    def __init__(self, response, after):
        self.response = response
        self.after = after

    def __iter__(self):
        return iter(self.response)

    def close(self):
        try:
            self.response.close()
        finally:
            self.after()


@pytest.fixture(scope="session")
def gate_of_live_server(live_server):
    server = live_server.thread.httpd
    gate = Gate(server.get_app())
    server.set_app(gate)
    return gate


@pytest.fixture(autouse=True)
def closed_before_tables_are_emptied(request):
    """A page that is closed sends a last word, which would wait for the tables and the tables for it."""
    if "live_server" not in request.fixturenames:
        yield
        return
    gate = request.getfixturevalue("gate_of_live_server")
    gate.open()
    yield
    gate.close()
