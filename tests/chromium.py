"""One Chromium for all browser tests: the system's own, driven by Playwright."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

# The first is the same browser without windows, which takes a quarter less of the processor.
PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
# Root has no sandbox, and without a screen there is nothing for a graphics processor to draw.
# The pages of all tests share one process, which has read the scripts of the editor already.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--renderer-process-limit=1"]
WITHOUT_CHROMIUM = "BROWSER TESTS SKIPPED: no Chromium was found. Install it, for example: apt-get install chromium-headless-shell"


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
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
