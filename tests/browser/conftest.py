"""One Chromium for all browser tests: the system's own, driven by Playwright."""

import os
import shutil

import pytest
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


def refusals_in(context) -> list[str]:
    """What Chromium says it did not do because of a content policy, as it goes on."""
    refused = []

    def look_at(message):
        if "Content Security Policy" in message.text:
            refused.append(f"{message.page.url}: {message.text}")

    context.on("console", look_at)
    return refused


@pytest.fixture(scope="session")
def context(chromium, live_server):
    """One for all tests, since Chromium takes half a second to make another; page() leaves nothing in it."""
    context = chromium.new_context(base_url=live_server.url, locale="vi-VN")
    context.set_default_timeout(10_000)  # milliseconds
    yield context
    context.close()


@pytest.fixture(scope="session")
def refusals(context):
    return refusals_in(context)


@pytest.fixture(scope="session")
def devtools(context):
    return context.new_cdp_session(context.new_page())


@pytest.fixture
def page(context, devtools, refusals, live_server):
    """A new page at the test's own server, in a browser that has kept nothing; `page.goto("/")` is the home page.
    No page may do what its content policy forbids."""
    yield context.new_page()
    for page in context.pages[1:]:  # all but that of devtools
        page.close()
    context.set_offline(False)
    context.clear_cookies()
    devtools.send("Storage.clearDataForOrigin", {"origin": live_server.url, "storageTypes": "all"})
    devtools.send("Network.clearBrowserCache")
    found = refusals.copy()
    refusals.clear()
    assert not found, "\n".join(found)
