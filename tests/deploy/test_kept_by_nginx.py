"""nginx answers from its cache with the shipped configuration; each view is counted once, by whomever answered it."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest

from newsportal import embedded

from .site import HOST, ROOT, running
from .test_nginx import BROWSER, WITHDRAW, headers_of

SECONDS = float(os.environ.get("VISITS_TEST_SECONDS", 20))
SUMS = {
    "views": "SELECT coalesce(sum(views), 0) FROM visitors_day",
    "visits": "SELECT coalesce(max(visits), 0) FROM visitors_total",
    "programs": "SELECT coalesce(sum(bots), 0) FROM visitors_day",
    "prefetch": "SELECT coalesce(sum(d.views), 0) FROM visitors_labelday d JOIN visitors_label l ON l.id = label_id"
    " WHERE kind = 'excluded' AND text = 'prefetch'",
}


STEPS = "\n".join(
    f"{step}\nprint(time.time(), flush=True)\ntime.sleep(2)"
    for step in [f"import time\n{WITHDRAW}", WITHDRAW.replace("withdraw", "publish")]
)


@pytest.fixture(scope="module")
def site():
    with TemporaryDirectory(prefix="newsportal-test-") as folder:
        os.chmod(folder, 0o711)
        with running(Path(folder), nginx_keeps_pages=True) as site:
            start_follower(site)
            for _ in range(3):  # the first is rendered, the second may be kept
                site.ask(site.story, headers={"User-Agent": BROWSER})
            yield site


def start_follower(site) -> subprocess.Popen:
    site.follower = subprocess.Popen(
        [sys.executable, "manage.py", "count_from_log"], cwd=ROOT, env=site.environment, start_new_session=True
    )  # fmt: skip
    site.processes.append(site.follower)
    return site.follower


def kill_follower(site) -> None:
    site.follower.kill()
    site.follower.wait()
    site.processes.remove(site.follower)


def is_stored(site) -> bool:
    position = site.views / "state/position"
    spans = json.loads(position.read_bytes())["spans"] if position.exists() else {}
    logs = [path.stat() for path in site.views.glob("views.log*")]
    is_read = all(spans.get(str(log.st_ino), [0, 0]) == [log.st_size] * 2 for log in logs)
    return is_read and not any((site.data / "visits").glob("*.seg"))


def sums(site) -> dict[str, int]:
    """Once the log is read, the spool stored, and nothing has come in for three seconds."""
    told, unchanged, database = {}, 0, embedded.database(site.data)
    where = {
        "dbname": database["NAME"],
        **{name.lower(): database[name] for name in ("USER", "HOST", "PORT")},
    }
    with closing(psycopg2.connect(**where)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        while unchanged < 3:
            time.sleep(1)
            last, told = told, {}
            for name, question in SUMS.items():
                cursor.execute(question)
                told[name] = cursor.fetchone()[0]
            unchanged = unchanged + 1 if told == last and is_stored(site) else 0
    return told


def answered_by_nginx(site) -> list[bool]:
    """Of each line of the log so far; there, the time of the site's answer is “-”."""
    return [
        line.split('"')[0].split()[-1] == "-" for line in (site.log / "access.log").read_text().splitlines()
    ]


def from_nginx(site, path, **headers):
    """The first of ten answers that came from there; None if none did."""
    for _ in range(10):
        answer = site.ask(path, headers=headers)
        assert answer.status == 200
        if answered_by_nginx(site)[-1]:
            return answer
    return None


def test_only_pages_of_readers_without_a_session_are_kept(site):
    story, search = site.story, "/tim-kiem/?q=a"
    kept = from_nginx(site, story)
    assert kept.headers["X-Accel-Expires"] is None
    assert from_nginx(site, story, Cookie="_ga=1; csrftoken=x")
    assert from_nginx(site, f"{story}?fbclid=x")
    assert not from_nginx(site, "/?page=2")
    assert not from_nginx(site, story, Cookie="a=b; __Host-session=x")
    assert not from_nginx(site, f"{story}?page=2&page=3")
    assert not from_nginx(site, f"{story}?page=0")
    assert not from_nginx(site, search)
    assert not from_nginx(site, "/admin/login/")


@pytest.mark.requirement(4)
@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "br, gzip"}], ids=["plain", "packed"])
def test_kept_answer_is_the_sites_own(site, headers):
    kept = from_nginx(site, site.story, **headers)
    own = site.ask(f"{site.story}?page=1&page=1", headers=headers)

    assert headers_of(kept) == headers_of(own)
    for name in ("ETag", "Content-Encoding", "Content-Type", "Vary"):
        assert kept.headers[name] == own.headers[name]
    assert b"<!--visits:" not in kept.content


def test_rules_are_the_sites_own(site):
    before = sums(site)
    tag = site.ask(site.story, headers={"User-Agent": BROWSER}).headers["ETag"]
    mine = {"User-Agent": BROWSER}
    cases = [
        mine,
        mine | {"If-None-Match": tag},
        mine | {"Sec-Purpose": "prefetch"},
        {"User-Agent": "curl/8.0"},
    ]
    statuses = []
    for _ in range(10):
        for headers in cases:
            statuses.append(site.ask(site.story, headers=headers).status)
        site.ask(site.story, "HEAD", headers=mine)
        site.ask(site.story, headers=mine | {"Range": "bytes=0-9"})
        time.sleep(0.1)
    after = sums(site)

    assert statuses.count(304) == 10
    assert after["views"] - before["views"] == 31
    assert after["prefetch"] - before["prefetch"] == 10
    assert after["programs"] - before["programs"] == 10
    assert sum(answered_by_nginx(site)[-50:]) > 10


def test_withdrawn_story_is_gone_and_back_within_a_second(site, record_property):
    stop, answers = threading.Event(), []

    def read():
        while not stop.wait(0.01):
            began = time.time()
            answers.append((began, site.ask(site.story).status))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        told = site.manage("shell", "-v0", "-c", STEPS)
    finally:
        stop.set()
        reader.join()

    withdrawn_at, published_at = map(float, told.split())
    gone_after = max(at for at, status in answers if status == 200 and at < published_at) - withdrawn_at
    back_after = max(at for at, status in answers if status == 410) - published_at
    told = f"withdrawn: seen for {max(gone_after, 0):.2f} s more; published: after {max(back_after, 0):.2f} s"
    print(f"\n{told}")
    record_property("measured", told)
    assert gone_after < 1.1
    assert back_after < 1.1
    assert {status for _at, status in answers} == {200, 410}


def test_counted_is_what_was_answered_whatever_is_killed(site, record_property):
    seed = int(os.environ.get("VISITS_TEST_SEED", random.randrange(1_000_000)))
    chance = random.Random(seed)
    before, lines = sums(site), len(answered_by_nginx(site))
    counted, stop = [0] * 6, threading.Event()

    def read(number):
        client, sent = site.connect(f"127.0.2.{number + 1}"), 0
        while not stop.wait(0.01):
            sent += 1
            if client.sock is None:  # nginx closes a connection after 1,000 answers
                client = site.connect(f"127.0.2.{number + 1}")
            agent = BROWSER.replace("140.0", f"{number}.{sent}")  # a reader each: 60 views of one are suspect
            client.request("GET", site.story, headers={"Host": HOST, "User-Agent": agent})
            answer = client.getresponse()
            answer.read()
            counted[number] += answer.status == 200
        client.close()

    readers = [threading.Thread(target=read, args=[number]) for number in range(6)]
    for reader in readers:
        reader.start()
    until, kills, renamed = time.monotonic() + SECONDS, 0, 0
    nginx = next(process for process in site.processes if "nginx" in str(process.args))
    while time.monotonic() < until:
        time.sleep(chance.uniform(0, 4))
        kill_follower(site)
        kills += 1
        if chance.random() < 0.5:
            (site.views / "views.log").rename(site.views / f"views.log.{renamed}")
            nginx.send_signal(signal.SIGUSR1)
            renamed += 1
        start_follower(site)
    stop.set()
    for reader in readers:
        reader.join()
    after = sums(site)

    by_nginx = sum(answered_by_nginx(site)[lines:])
    told = f"{sum(counted)} answers, {by_nginx} of them nginx's, {kills} kills, {renamed} renamed logs, seed {seed}"
    print(f"\n{told}: {after['views'] - before['views']} counted")
    record_property("measured", f"{told}: 0 lost, 0 doubled")
    assert after["views"] - before["views"] == sum(counted), told
    assert by_nginx > sum(counted) / 2
    page = site.ask(site.story).content.decode()
    assert f"{after['visits']:,}".replace(",", ".") in page


def test_no_address_stays(site):
    sums(site)
    assert not any(b"127.0." in path.read_bytes() for path in site.views.glob("views.log*"))
    with pytest.raises(AssertionError, match="đang đọc|followed"):
        site.manage("count_from_log")  # another follows already
