"""Workers die, reload and are asked by too many, while readers read and editors publish."""

import http.client
import json
import os
import signal
import socket
import statistics
import threading
import time

import pytest

from tests.visitors.database import wait_until
from tests.visitors.storm import chance

from . import LONG
from .site import TOKEN, Answer, Readers, begin_peak, memory, peak, percentile, state
from .test_database import rename_section

BUSY = 1 if LONG else 4  # times as long as promised, where other tests run beside this one
# Publishes as an editor's press of the button does; visible is what a reader is sent.
PUBLISH = """
import json, sys, time, http.client
from django.contrib.auth.models import User
from articles import workflow
from articles.models import Article
from tests.factory import make_article
port, count = int(sys.argv[1]), int(sys.argv[2])
user = User.objects.get(username="bien-tap")
times = {"publish": [], "withdraw": []}


def ask(path):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    client.request("GET", path)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer.status


def until(step, story, status):
    began = time.monotonic()
    workflow.take(workflow.STEPS[step], story, user=user, reason="Sai số liệu")
    began = time.monotonic()
    # Both workers: which one is asked is chance, and one that answered anew may be followed by one that did not.
    seen = 0
    while seen < 6:
        if ask(story.get_absolute_url()) == status:
            seen += 1
        else:
            seen, began_again = 0, time.monotonic()
            times.setdefault("late", []).append(began_again - began)
    times[step].append(max(times.pop("late", [0.0])))


for number in range(count):
    story = make_article(status="draft", published_at=None, headline=f"Tin đăng lần {number}")
    assert ask(story.get_absolute_url()) == 404
    until("publish", story, 200)
    until("withdraw", Article.objects.get(pk=story.pk), 410)
print(json.dumps(times))
"""
# Three writes in one transaction, which another process can look for half of.
HALVES = """
SELECT count(*) FROM articles_article a WHERE a.status = 'published' AND a.headline LIKE 'Tin đăng%%'
AND NOT EXISTS (SELECT 1 FROM articles_historyentry h WHERE h.story_id = a.id AND h.step = 'publish')
"""


@pytest.mark.fault(5)
def test_killed_workers_lose_what_was_under_way_and_come_back(site, record_property):
    random, back = chance(), []
    form_is_taken = (
        "SELECT count(*) FROM articles_article WHERE headline = 'Tin đăng thử' AND status = 'published'"
    )
    publish_one(site, "thử")
    assert site.database.ask(form_is_taken) == [(1,)]
    with Readers(site) as readers:
        for number in range(20 if LONG else 2):
            readers.wait_for(500 if LONG else 30)
            before = site.workers()
            victim = random.choice(sorted(before))
            publishing = threading.Thread(target=publish_one, args=[site, number])
            publishing.start()
            time.sleep(random.uniform(0, 0.2))
            os.kill(victim, signal.SIGKILL)
            killed = time.monotonic()
            wait_until(lambda: len(site.workers() - before) == 1)  # noqa: B023
            back.append(time.monotonic() - killed)
            publishing.join()
        readers.wait_for(100)

    halves = site.database.ask(HALVES)[0][0]
    record_property(
        "measured",
        f"{len(back)} kills: {readers}, of 4 readers; a new worker after {max(back):.1f} s; {halves} half published",
    )
    assert len(readers.failed) <= len(back) * 4
    assert max(back) <= 2 * BUSY
    assert halves == 0


def publish_one(site, number) -> None:
    """By the form; its worker may be the one that dies."""
    try:
        site.as_editor(
            "/admin/articles/article/add/", site.story_form(headline=f"Tin đăng {number}", _step="publish")
        )
    except (OSError, http.client.HTTPException):
        pass


@pytest.mark.fault(6)
def test_reloads_fail_no_reader(site, record_property):
    reloads = 10 if LONG else 2
    with Readers(site, pause=0) as readers:
        for _ in range(reloads):
            before = site.workers()
            site.process.send_signal(signal.SIGHUP)
            wait_until(lambda: not before & site.workers() and len(site.workers()) == 2)  # noqa: B023
            readers.wait_for(5000 if LONG else 50)

    record_property("measured", f"{reloads} reloads: {readers}")
    assert readers.failed == []


def upload(site, beginning: bytes, chunks, seconds: float = 60) -> int:
    """The status of a request that is sent as its bytes stand; 0 where the connection was closed without one."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=seconds) as client:
        try:
            client.sendall(beginning)
            for chunk in chunks:
                client.sendall(chunk)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused while it was sent
        try:
            answer = client.recv(4096)
        except OSError:
            return 0
    return int(answer.split()[1]) if answer else 0


@pytest.mark.requirement(18)
@pytest.mark.fault(8)
def test_huge_and_malformed_bodies_are_refused_without_memory(site, record_property):
    # With the cookie of a form, so that its token is looked for in the body.
    head = b"POST /tim-kiem/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: csrftoken=%b\r\n" % (
        site.port,
        TOKEN.encode(),
    )
    form = b"Content-Type: multipart/form-data; boundary=%b\r\n"
    size = 2**30 if LONG else 50 * 2**20
    block = b"x" * 2**20
    blocks = [block] * (size >> 20)
    file = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    length = b"Content-Length: %d\r\n\r\n"
    parts = (
        b"".join(b'--b\r\nContent-Disposition: form-data; name="p%d"\r\n\r\nx\r\n' % n for n in range(10_000))
        + b"--b--\r\n"
    )
    requests = {
        "a huge body": (head + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % size, blocks),
        "a huge file": (head + form % b"b" + length % (len(file) + size), [file, *blocks]),
        "a huge body in chunks": (head + b"Transfer-Encoding: chunked\r\n\r\n", [*[b"100000\r\n" + block + b"\r\n"] * (size >> 20), b"0\r\n\r\n"]),
        "chunks that end too early": (head + b"Transfer-Encoding: chunked\r\n\r\n", [b"ffff\r\nabc"]),
        "chunks without a size": (head + b"Transfer-Encoding: chunked\r\n\r\n", [b"zz\r\nabc\r\n0\r\n\r\n"]),
        "10,000 parts": (head + form % b"b" + b"Content-Length: %d\r\n\r\n" % len(parts), [parts]),
        "a bad boundary": (head + form % b"\xff" + b"Content-Length: 3\r\n\r\n", [b"abc"]),
        "no boundary": (head + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\n", [b"abc"]),
        "two lengths": (head + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n", [b"abc"]),
        "a length below nothing": (head + b"Content-Length: -1\r\n\r\n", [b"abc"]),
        "a header of 100 kB": (head + b"X-A: %b\r\n\r\n" % (b"x" * 100_000), []),
    }  # fmt: skip
    before = {pid: memory(pid) for pid in site.workers()}
    for pid in before:
        begin_peak(pid)
    answered = {}
    with Readers(site, threads=2) as readers:
        for name, (beginning, chunks) in requests.items():
            answered[name] = upload(site, beginning, chunks)
    grown = max(peak(pid) - before[pid] for pid in site.workers())

    record_property("measured", f"{answered}; memory of a worker {grown:+.0f} MB; {readers}".replace("'", ""))
    assert all(status < 500 for status in answered.values())
    assert not {200, 302} & {answered[name] for name in requests if "huge" in name}
    assert grown < 20
    assert readers.failed == []


def renderings(site) -> int:
    lines = site.ask("/metrics").text.splitlines()
    return next(
        int(line.split()[1])
        for line in lines
        if line.startswith('newsportal_kept_pages_total{result="miss"}')
    )


@pytest.mark.fault(9)
def test_stampede_renders_each_page_once_in_each_worker(site, record_property):
    clients, changes = (200, 10) if LONG else (40, 1)
    most, page = 0, site.stories[0]
    answered: list[Answer] = []
    for number in range(changes):
        wait_until(lambda: time.time() % 1 < 0.2)  # all within one reading of the generation
        rename_section(site, f"CHUYÊN MỤC THỨ {number}")
        time.sleep(1.3)
        before = renderings(site)
        threads = [threading.Thread(target=lambda: answered.append(site.ask(page))) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        most = max(most, renderings(site) - before)

    slowest = max(answer.seconds for answer in answered)
    record_property(
        "measured",
        f"{clients} clients, {changes} changes: at most {most} renderings by 2 workers, longest {slowest:.1f} s",
    )
    assert {answer.status for answer in answered} == {200}
    assert len(answered) == clients * changes
    assert 0 < most <= 2


@pytest.mark.fault(12)
def test_publishing_under_load_is_seen_at_once(site, record_property):
    count = 100 if LONG else 1
    with Readers(site) as readers:
        times = json.loads(site.program(PUBLISH, str(site.port), str(count)))

    visible, gone = max(times["publish"]), max(times["withdraw"])
    record_property(
        "measured",
        f"{count} stories: visible after {statistics.median(times['publish']):.1f} s, at most {visible:.1f};"
        f" withdrawn after {statistics.median(times['withdraw']):.1f} s, at most {gone:.1f}; {readers}",
    )
    assert readers.failed == []
    assert visible <= 2 * BUSY
    assert gone <= 1 * BUSY


@pytest.mark.fault(19)
def test_steady_load_takes_no_more_memory_files_or_time(site, record_property):
    minutes = float(os.environ.get("CHAOS_SOAK_MINUTES", 120)) if LONG else 0.02
    samples = []
    with Readers(site, pause=0.02) as readers:
        time.sleep(minutes * 6)  # a tenth: everything that is kept is there
        first = len(readers.times)
        for _ in range(10):
            samples.append(
                [(memory(pid), len(os.listdir(f"/proc/{pid}/fd"))) for pid in sorted(site.workers())]
            )
            time.sleep(minutes * 5.4)
    begun, ended = samples[0], samples[-1]
    grown = max(end / start - 1 for (start, _), (end, _) in zip(begun, ended, strict=True))
    files = max(end - start for (_, start), (_, end) in zip(begun, ended, strict=True))
    half = (first + len(readers.times)) // 2
    early, late = percentile(readers.times[first:half]), percentile(readers.times[half:])

    record_property(
        "measured",
        f"{minutes:.0f} min: memory {grown:+.1%}, {files:+d} open files, p99 of the halves {early * 1000:.0f} and"
        f" {late * 1000:.0f} ms; {readers}",
    )
    assert readers.failed == []
    assert grown < 0.05
    assert files <= 4  # a connection of each thread may come and go
    assert not any(state(pid) == "Z" for pid in site.workers())
