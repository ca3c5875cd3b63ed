"""The content policy of public pages in a real Chromium: the measuring script runs, nothing else that is not ours."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import refusals_in
from tests.factory import make_article

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# As the national system's own: it reads what was queued, loads nothing else and sends its figures.
SCRIPT = """
const told = Object.fromEntries(window._govaq.filter((each) => each.length > 1));
const query = new URLSearchParams({ id: told.setSiteId, page: location.pathname });
fetch(`${told.setTrackerUrl}?${query}`, { mode: "no-cors" });
new Image().src = `${told.setTrackerUrl}.gif?${query}`;
"""


@pytest.fixture
def measuring_system(settings):
    """Another origin, which plays the measuring system; yields what it was asked for."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript")
            self.end_headers()
            self.wfile.write(SCRIPT.encode() if self.path == "/dem.js" else b"")

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"http://127.0.0.1:{server.server_port}"
    settings.MEASURING_SCRIPT, settings.MEASURING_TRACKER = f"{host}/dem.js", f"{host}/so-lieu"
    settings.MEASURING_ID = "T-123"
    yield asked
    server.shutdown()
    server.server_close()


def test_measuring_script_runs(page, measuring_system, strangers):
    story = make_article()

    for _ in range(2):
        with page.expect_response("**/so-lieu.gif*"), page.expect_response("**/so-lieu?*"):
            page.goto(story.get_absolute_url())

    # Where it is wanted, it is the only one.
    assert {"/dem.js", "/so-lieu", "/so-lieu.gif"} == {urlsplit(address).path for address in strangers}
    strangers.clear()
    path = story.get_absolute_url().replace("/", "%2F")
    assert measuring_system.count("/dem.js") >= 1
    assert measuring_system.count(f"/so-lieu?id=T-123&page={path}") == 2


@pytest.mark.requirement(1, 16)
def test_what_is_injected_into_a_page_does_not_run(chromium, live_server):
    """Each way in, had cleaning failed: scripts, handlers, styles, frames, forms, other hosts."""
    story = make_article()
    context = chromium.new_context(base_url=live_server.url)
    refused = refusals_in(context)
    page = context.new_page()
    injected = """<script>window.hacked = 1</script><img src="/khong-co.png" onerror="window.hacked = 2">
      <a id="bad" href="javascript:window.hacked = 3">x</a><p id="styled" style="color: rgb(1, 2, 3)">x</p>
      <script src="https://xau.vi-du.vn/x.js"></script><img src="https://xau.vi-du.vn/x.png">
      <iframe srcdoc="<script>parent.hacked = 4</script>"></iframe><base href="https://xau.vi-du.vn/">
      <form id="away" action="https://xau.vi-du.vn/"></form>"""
    page.route(
        "**" + story.get_absolute_url(),
        lambda route: route.fulfill(
            response=(answer := route.fetch()), body=answer.text().replace("</main>", injected + "</main>")
        ),
    )

    page.goto(story.get_absolute_url())
    page.click("#bad")
    page.evaluate("document.getElementById('away').submit()")
    page.wait_for_timeout(200)

    assert page.evaluate("window.hacked") is None
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(1, 2, 3)"
    assert page.url == live_server.url + story.get_absolute_url()
    for directive in ("script-src", "style-src", "img-src", "form-action", "base-uri"):
        assert any(f"{directive} " in line for line in refused), directive
    context.close()
