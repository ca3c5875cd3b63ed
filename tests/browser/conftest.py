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


@pytest.fixture
def page(chromium, live_server):
    """A new browser window at the test's own server; `page.goto("/")` is the home page. No page may do what its
    content policy forbids."""
    context = chromium.new_context(base_url=live_server.url, locale="vi-VN")
    context.set_default_timeout(10_000)  # milliseconds
    refused = refusals_in(context)
    yield context.new_page()
    context.close()
    assert not refused, "\n".join(refused)
