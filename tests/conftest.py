import tempfile

import pytest


def pytest_configure(config):
    """For the whole run, the live server's included: static files straight from the tree, quick passwords."""
    from django.conf import settings

    # A browser keeps its connection, and the server's thread behind it would keep the test database busy.
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    settings.STATIC_ROOT = tempfile.mkdtemp(prefix="newsportal-static-")
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def pytest_unconfigure(config):
    import shutil

    from django.conf import settings

    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path):
    """Each test has a media folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The embedded server for the time of the test databases; with DATABASE_URL, that server."""
    from django.conf import settings

    from newsportal import embedded

    with embedded.running_for(settings):
        yield
