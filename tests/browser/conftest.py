"""A window of the browser at the live server, which tells what a content policy forbids."""

import pytest


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
def strangers(context, live_server):
    """Addresses of other hosts that any page asked for."""
    asked = []

    def look_at(request):
        if request.url.startswith("http") and not request.url.startswith(live_server.url):
            asked.append(request.url)

    context.on("request", look_at)
    return asked


@pytest.fixture(scope="session")
def devtools(context):
    return context.new_cdp_session(context.new_page())


@pytest.fixture
def page(context, devtools, refusals, strangers, live_server):
    """A new page at the test's own server; `page.goto("/")` is the home page. The browser has kept nothing of tests
    before but files that stay the same, so it is not for each test that it fetches and reads the editor again.
    No page may do what its content policy forbids, nor ask another host for anything."""
    yield context.new_page()
    for page in context.pages[1:]:  # all but that of devtools
        page.close()
    context.set_offline(False)
    context.clear_cookies()
    devtools.send("Storage.clearDataForOrigin", {"origin": live_server.url, "storageTypes": "all"})
    found = refusals + strangers
    refusals.clear()
    strangers.clear()
    assert not found, "\n".join(found)
