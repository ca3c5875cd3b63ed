import tempfile
import time

import pytest


def pytest_configure(config):
    """For the whole run, the live server's included: static files straight from the tree, quick passwords."""
    from django.conf import settings
    from django.test.signals import setting_changed

    # A browser keeps its connection, and the server's thread behind it would keep the test database busy.
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    settings.STATIC_ROOT = tempfile.mkdtemp(prefix="newsportal-static-")
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.VISITS_SHIP_EVERY = 0  # tests ship when they want to
    settings.NOTICES_MAIL_AT_ONCE = False  # and send
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


def pytest_unconfigure(config):
    import shutil

    from django.conf import settings

    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    """Each test has a media folder and a spool of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ORIGINALS_ROOT = tmp_path / "originals"
    settings.VISITS_SPOOL = tmp_path / "visits"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The embedded server for the time of the test databases; with DATABASE_URL, that server."""
    from django.conf import settings

    from newsportal import embedded

    with embedded.running_for(settings):
        yield


@pytest.fixture(scope="session")
def site_of_live_server(live_server):
    return live_server.thread.httpd.get_app()


@pytest.fixture(autouse=True)
def closed_before_tables_are_emptied(request):
    """A page that is closed sends a last word, which would wait for the tables and the tables for it."""
    if "live_server" not in request.fixturenames:
        yield
        return
    server = request.getfixturevalue("live_server").thread.httpd
    server.set_app(request.getfixturevalue("site_of_live_server"))
    yield
    server.set_app(closed_site)
    deadline = time.monotonic() + 10
    while requests_under_way() and time.monotonic() < deadline:
        time.sleep(0.02)


def closed_site(environ, start_response):
    start_response("503 Service Unavailable", [])
    return []


def requests_under_way() -> int:
    """Each request of the live server has a connection of its own, closed at its end."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]
