"""The database restarts, stops, freezes and takes no more connections, while readers read."""

import statistics
import time
from contextlib import ExitStack

import psycopg2
import pytest

from tests.visitors.database import manage, wait_until
from tests.visitors.test_outage_for_readers import processes

from . import LONG
from .site import Readers, stopped

SEARCH = "/tim-kiem/?q=tin"
BUSY = 1 if LONG else 3  # times as long as promised, where other tests run beside this one


def rename_section(site, name: str) -> None:
    site.database.ask("UPDATE articles_section SET name = %s WHERE id = %s", [name, site.section_id])


def withdraw(site, story: str) -> None:
    number = story.rstrip("/").rsplit("-", 1)[1]
    step = f"/admin/articles/article/{number}/step/"
    assert site.as_editor(step, {"_step": "withdraw", "reason-withdraw": "Sai số liệu"}).status == 302


@pytest.mark.fault(1)
def test_restart_of_the_database_fails_no_reader(site, server, record_property):
    fresh = []
    with Readers(site) as readers:
        for number in range(10 if LONG else 1):
            readers.wait_for(1000 if LONG else 50)
            server.crash()
            server.start()
            back = time.monotonic()
            rename_section(site, f"CHUYÊN MỤC {number}")
            wait_until(lambda name=f"CHUYÊN MỤC {number}": name in site.ask("/").text)
            fresh.append(time.monotonic() - back)
        readers.wait_for(1000 if LONG else 50)

    record_property(
        "measured",
        f"{len(fresh)} restarts: {readers}; fresh after {statistics.median(fresh):.1f} s, at most {max(fresh):.1f} s",
    )
    assert readers.failed == []
    assert max(fresh) <= 2 * BUSY


@pytest.mark.fault(2)
def test_pages_are_read_while_the_database_is_down_but_not_what_was_withdrawn(site, server, record_property):
    gone, *others, last = site.stories
    readers = Readers(site, ["/", site.section, *others])
    refused: list[float] = []
    withdraw(site, gone)
    withdrawn = time.monotonic()
    server.stop()
    time.sleep(max(1.1 - (time.monotonic() - withdrawn), 0))  # for so long a page may be a second old
    until = time.monotonic() + (600 if LONG else 1)
    with readers:
        while time.monotonic() < until:
            answer = site.ask(SEARCH)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
            refused.append(answer.seconds)
            assert site.ask(gone).status == 503
            for page in ("/", site.section, others[0], "/rss/"):
                assert gone not in site.ask(page).text
            time.sleep(0.2)
        admin = site.as_editor("/admin/")
        assert admin.status == 503
        assert "Traceback" not in admin.text
        if LONG:
            assert "Đây là bản lưu lúc" in site.ask("/").text
        site.program(
            "import sys; from django.core.management import call_command\n"
            "call_command('take_down', sys.argv[1], verbosity=0)",
            last,
        )
        assert site.ask(last).status == 503
        assert last not in site.ask("/").text
        server.start()
        back = time.monotonic()
        wait_until(lambda: site.ask(SEARCH).status == 200)
        back = time.monotonic() - back
    wait_until(lambda: site.ask(gone).status == 410)
    site.stories.remove(gone)
    site.pages.remove(gone)

    record_property(
        "measured",
        f"{(600 if LONG else 1)} s: {readers}; other pages 503 after {statistics.median(refused) * 1000:.0f} ms"
        f" (at most {max(refused) * 1000:.0f}); all again {back:.1f} s after its return; withdrawn a moment before: 0 times shown",
    )
    assert readers.failed == []
    assert statistics.median(refused) < 0.1 * BUSY


@pytest.mark.fault(3)
def test_kept_pages_are_quick_while_the_database_is_frozen(site, server, record_property):
    seconds = 60 if LONG else 1
    gone, *others = site.stories
    withdraw(site, gone)
    rename_section(site, "CHUYÊN MỤC HÔM NAY")
    old = [site.section, *others]
    site.keep(["/"], showing="CHUYÊN MỤC HÔM NAY")  # so each worker knows that all other pages have grown old
    with stopped(processes(server)), Readers(site, ["/", *old]) as readers:
        answers = [site.ask(page) for page in old]
        time.sleep(seconds)
    wait_until(lambda: site.ask(gone).status == 410)
    site.stories.remove(gone)
    site.pages.remove(gone)

    waited = max(answer.seconds for answer in answers)
    record_property(
        "measured",
        f"{seconds} s: {readers}; pages that had just grown old after {waited * 1000:.0f} ms at most",
    )
    assert readers.failed == []
    assert not [answer for answer in answers if gone in answer.text or "CHUYÊN MỤC HÔM NAY" in answer.text]
    assert max(readers.p99, waited) <= 0.5 * BUSY


def connected(site):
    try:
        return psycopg2.connect(site.database.url)
    except psycopg2.OperationalError:
        return None


@pytest.mark.fault(4)
def test_reads_go_on_when_no_connection_is_left(site, server, record_property):
    count = 0
    with ExitStack() as held, Readers(site) as readers:
        while connection := connected(site):
            held.callback(connection.close)
            count += 1
        readers.wait_for(5000 if LONG else 100)

    told = manage(site.environment | {"WEB_WORKERS": "50"}, "check", "--database", "default")

    record_property("measured", f"{count} connections held: {readers}")
    assert "connections; 50 workers may need 305" in told.stderr
    assert count > 50
    assert readers.failed == []
