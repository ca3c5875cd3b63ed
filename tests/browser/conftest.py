"""One Chromium for all browser tests: the system's own, driven by Playwright."""

import os
import shutil
import time

import pytest
from django.db import connection
from playwright.sync_api import sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
WITHOUT_CHROMIUM = (
    "BROWSER TESTS SKIPPED: no Chromium was found. Install it, for example: apt-get install chromium"
)


def chromium_path() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="session")
def chromium():
    path = chromium_path()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(WITHOUT_CHROMIUM)
    if path is None:
        pytest.skip(WITHOUT_CHROMIUM)
    with sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def settled(request):
    """A page that is closed sends a last word; the tables are emptied when its request is over, too."""
    has_server = "live_server" in request.fixturenames
    if has_server:
        request.getfixturevalue("live_server")  # set up before this, so its tables go after it
    yield
    deadline = time.monotonic() + 10
    while has_server and requests_under_way() and time.monotonic() < deadline:
        time.sleep(0.05)


def requests_under_way() -> int:
    """Each request of the live server has a connection of its own, closed at its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def page(chromium, live_server):
    """A new browser window at the test's own server; `page.goto("/")` is the home page."""
    context = chromium.new_context(base_url=live_server.url, locale="vi-VN")
    context.set_default_timeout(10_000)  # milliseconds
    yield context.new_page()
    context.close()
