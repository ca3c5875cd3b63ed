"""What readers and attackers meet on a server: nginx with the shipped configuration in front of the real site."""

import http.client
import os
import socket
import ssl
import statistics
import subprocess
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from newsportal import headers

from .site import DEPLOY, HOST, PORT, TLS_PORT, running

SLOW_CLIENTS = int(os.environ.get("SLOW_CLIENTS", 800))
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WITHDRAW = """
from django.contrib.auth.models import User
from articles import workflow
from articles.models import Article
user = User.objects.get_or_create(username="tong-bien-tap", is_superuser=True)[0]
workflow.take(workflow.STEPS["withdraw"], Article.objects.get(), user=user, reason="Sai số liệu")
"""
NOT_COMPARED = {
    "date",
    "server",
    "connection",
    "content-length",
    "last-modified",
    "etag",
    "accept-ranges",
    "vary",
}


@pytest.fixture(scope="module")
def site():
    with TemporaryDirectory(prefix="newsportal-test-") as folder:
        os.chmod(folder, 0o711)
        with running(Path(folder)) as site:
            yield site


def headers_of(answer):
    headers = {name.lower(): sorted(value.split(", ")) for name, value in answer.getheaders()}
    return {name: value for name, value in headers.items() if name not in NOT_COMPARED | {"content-type"}}


def test_pages_come_over_tls_and_everything_else_is_led_there(site):
    page = site.ask(site.story, headers={"User-Agent": BROWSER})
    plain = subprocess.run(
        ["curl", "-sI", "--resolve", f"{HOST}:{PORT}:127.0.0.1", f"http://{HOST}:{PORT}/a?b=c"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    second = subprocess.run(
        [
            *("curl", "-s", "--http2", "--cacert", site.folder / "tls/fullchain.pem", "-o", "/dev/null"),
            *("-w", "%{http_version} %{response_code}", "--resolve", f"{HOST}:{TLS_PORT}:127.0.0.1"),
            f"https://{HOST}:{TLS_PORT}/",
        ],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert page.status == 200
    assert "Khánh thành cầu" in page.content.decode()
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert page.headers["Server"] == "nginx"
    assert page.headers["Cache-Control"] == "no-cache"
    assert "301" in plain
    assert f"Location: https://{HOST}/a?b=c" in plain.replace("location", "Location")
    assert second == "2 200"
    assert site.ask("/", method="TRACE").status == 405
    with socket.create_connection(("127.0.0.1", TLS_PORT)) as raw, pytest.raises(ssl.SSLError):
        ssl._create_unverified_context().wrap_socket(raw, server_hostname="ke-khac.example")


@pytest.mark.requirement(4)
def test_without_encryption_pages_are_led_on_and_programs_refused_with_headers_but_hsts(site):
    def ask(path):
        client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        client.request("GET", path, headers={"Host": HOST})
        answer = client.getresponse()
        answer.text = answer.read().decode()
        client.close()
        return answer

    for path, status in {
        "/": 301,
        "/api/": 301,
        "/api/v1/stories": 403,
        "/en/api/v1/stories": 403,
        "/%": 400,
    }.items():
        answer = ask(path)

        assert answer.status == status, path
        assert {name: answer.getheader(name) for name in headers.ALWAYS} == headers.ALWAYS
        assert "frame-ancestors 'none'" in answer.getheader("Content-Security-Policy")
        assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"
        assert answer.getheader("Strict-Transport-Security") is None
        if status == 403:
            assert answer.text == f"Dữ liệu mở chỉ có ở / open data is at https://{HOST}/api/\n"
            assert answer.getheader("Content-Type") == "text/plain; charset=utf-8"


@pytest.mark.requirement(4, 23)
def test_files_have_the_headers_that_the_site_itself_sends(site):
    media = f"/media/{site.photo}"
    (site.data / "media/tep.html").write_text("<script>alert(1)</script>")
    style = next(path.name for path in (site.data / "static/css").glob("tokens.*.css"))

    for path in (media, "/media/tep.html", f"/static/css/{style}", "/static/css/tokens.css"):
        assert headers_of(site.ask(path)) == headers_of(site.ask_gunicorn(path)), path
        assert site.ask(path).content == site.ask_gunicorn(path).content
    for path in ("/media/", "/static/", "/media/../secret_key", "/static/.collected", "/media/khong-co.jpg"):
        assert site.ask(path).status in (400, 403, 404), path
    packed = site.ask(f"/static/css/{style}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"


@pytest.mark.requirement(18)
@pytest.mark.fault(8)
def test_large_bodies_are_refused_and_claims_of_clients_are_dropped(site):
    assert site.ask("/tim-kiem/", "POST", body=b"x" * 1_100_000).status == 413
    refused = site.ask("/admin/login/", "POST", headers={"Content-Length": str(200 * 1024**2)}, body=b"")
    assert refused.status == 413
    assert "Tệp quá lớn" in refused.content.decode()
    assert site.ask("/" + "a" * 9000).status == 414
    assert site.ask("/", headers={"X-Long": "a" * 40_000}).status == 400

    # ADMIN_NETWORKS holds 127.0.0.1 alone.
    assert site.ask("/admin/login/").status == 200
    claimed = {
        "X-Forwarded-For": "127.0.0.1",
        "Forwarded": "for=127.0.0.1",
        "X-Forwarded-Host": "ke-khac.example",
    }
    assert site.ask("/admin/login/", headers=claimed, source="127.0.0.2").status == 404


@pytest.mark.requirement(4)
def test_refusals_before_the_site_have_its_headers_too(site):
    refused = {
        "nginx, method": site.ask("/", method="TRACE"),
        "nginx, address": site.ask("/" + "a" * 9000),
        "nginx, headers": site.ask("/", headers={"X-Long": "a" * 40_000}),
        "the site, long address": site.ask(
            "/" + "a" * 5000 + "/"
        ),  # up to nginx's limit it is gunicorn's, too
        "gunicorn, headers": site.ask("/", headers={f"X-{number}": "a" for number in range(120)}),
        "the site": site.ask("/khong-co/"),
    }

    for who, answer in refused.items():
        assert 400 <= answer.status < 500, who
        for name in (
            "X-Content-Type-Options",
            "X-Frame-Options",
            "Referrer-Policy",
            "Content-Security-Policy",
        ):
            assert len(answer.headers.get_all(name, [])) == 1, (who, name)
        assert answer.headers.get_all("Strict-Transport-Security") == [
            "max-age=31536000; includeSubDomains; preload"
        ]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], who
        assert answer.headers["X-Frame-Options"] == "DENY", who
        assert "gunicorn" not in answer.headers.get("Server", ""), who


def test_log_holds_no_secret_address_and_nothing_readers_looked_for(site):
    site.ask("/xem-truoc/bi-mat-cua-bai/")
    site.ask("/en/xem-truoc/bi-mat-cua-bai/")
    assert site.ask("/admin/password_reset/1-bi-mat/").status == 200
    site.ask("/tim-kiem/?q=benh+hiem")

    log = (site.log / "access.log").read_text()
    assert "/xem-truoc/-" in log
    assert "/tim-kiem/ " in log
    assert "bi-mat" not in log
    assert "benh" not in log


@pytest.mark.fault(12)
def test_withdrawn_story_leaves_pages_feeds_and_data_at_once(site):
    lists = ("/", "/rss/", "/atom/", "/api/v1/stories", "/sitemap-tin-moi.xml")
    assert all(site.story in site.ask(path).content.decode() for path in lists)

    site.manage("shell", "-v0", "-c", WITHDRAW)
    time.sleep(1.1)

    assert site.ask(site.story).status == site.ask(f"{site.story}pdf/").status == 410
    for path in lists:
        assert site.story not in site.ask(path).content.decode(), path
    site.manage("shell", "-v0", "-c", WITHDRAW.replace("withdraw", "publish"))
    time.sleep(1.1)
    assert site.ask(site.story).status == 200


def drip(site, stop, count):
    """Clients that send a byte a second: half of them of their headers, half of a body."""
    context = ssl._create_unverified_context()
    clients = []
    for number in range(count):
        raw = socket.create_connection(("127.0.0.1", TLS_PORT), 20, (f"127.0.1.{number % 100 + 1}", 0))
        client = context.wrap_socket(raw, server_hostname=HOST)
        beginning = f"POST /tim-kiem/ HTTP/1.1\r\nHost: {HOST}\r\n"
        client.sendall((beginning + ("Content-Length: 900\r\n\r\n" if number % 2 else "X-A: ")).encode())
        clients.append(client)
    stop.ready.set()
    while not stop.wait(1):
        for client in clients:
            try:
                client.sendall(b"a")
            except OSError:
                pass  # nginx gave up on it, as it should
    for client in clients:
        client.close()


class Stop(threading.Event):
    def __init__(self):
        super().__init__()
        self.ready = threading.Event()


def reading(site, count=300):
    """The 99th percentile of seconds, each on a connection of its own; every answer must be a page."""
    times = []
    for _ in range(count):
        started = time.monotonic()
        assert site.ask(site.story).status == 200
        times.append(time.monotonic() - started)
    return statistics.quantiles(times, n=100)[98]


@pytest.mark.fault(7)
def test_readers_are_answered_beside_slow_clients(site, record_property):
    alone = reading(site)
    stop = Stop()
    slow = threading.Thread(target=drip, args=(site, stop, SLOW_CLIENTS))
    slow.start()
    assert stop.ready.wait(120)

    beside = reading(site)

    stop.set()
    slow.join()
    record_property(
        "measured",
        f"{SLOW_CLIENTS} slow clients: p99 {beside * 1000:.0f} ms, {alone * 1000:.0f} ms without them, 0 failed",
    )
    assert beside < 0.2


@pytest.mark.fault(6)
def test_new_release_goes_live_while_readers_read_and_a_broken_one_does_not(site, record_property):
    failed, answered, longest = [], 0, 0.0
    stop = threading.Event()

    def read():
        nonlocal answered, longest
        client = site.connect()
        while not stop.wait(
            0.1
        ):  # four such readers stay below the 50 requests a second that one address has
            started = time.monotonic()
            try:
                client.request("GET", site.story, headers={"Host": HOST})
                answer = client.getresponse()
                content = answer.read()
                if answer.status != 200 or b"</html>" not in content:
                    failed.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                failed.append(error)
                client.close()
                client = site.connect()
            answered += 1
            longest = max(longest, time.monotonic() - started)
        client.close()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for number in range(int(os.environ.get("RELEASES", 5))):
            old = site.processes[-1]
            site.start_release(f"ban-{number}")
            old.terminate() if "gunicorn" in str(old.args) else site.processes[0].terminate()
        live = os.readlink(site.run / "web.sock")
        with pytest.raises(subprocess.CalledProcessError):
            subprocess.run(
                [DEPLOY / "go-live", "hong"], env=site.environment | {"GO_LIVE_SECONDS": "2"}, check=True
            )
        assert os.readlink(site.run / "web.sock") == live
    finally:
        stop.set()
        for reader in readers:
            reader.join()

    record_property(
        "measured",
        f"behind nginx {answered} answers during the exchanges, {len(failed)} failed, longest {longest * 1000:.0f} ms",
    )
    assert answered > 100
    assert not failed
