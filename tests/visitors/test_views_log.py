"""Views that nginx answered by itself: counted by the same rules, each once, and no address left behind."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter as Counts
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from visitors import checks, middleware
from visitors.checks import check_visits
from visitors.counter import Counter, counter
from visitors.models import Day, Label, LabelDay
from visitors.spool import View
from visitors.views_log import Follower

from .followers import line
from .readers import BOT, CHROME, PHONE, ship
from .storm import SECONDS

STORY = "/tin-hoat-dong/khanh-thanh-cau-71/"
SEED = int(os.environ.get("VISITS_TEST_SEED", random.randrange(1_000_000)))


@pytest.fixture
def log(settings, tmp_path):
    settings.VISITS_LOG = tmp_path / "log"
    return settings.VISITS_LOG


def follow(log, *lines: bytes) -> Follower:
    follower = Follower(log, counter())
    assert follower.take()
    with (log / "views.log").open("ab") as file:
        file.writelines(lines)
    while follower.step():
        pass
    return follower


def views_in(folder) -> list[View]:
    found = []
    for path in sorted(folder.glob("*.seg")):
        found += map(View.from_line, path.read_bytes().splitlines())
        path.unlink()
    return found


def as_logged(request, response) -> bytes:
    """As nginx writes it: bytes above ASCII as they came, and what is absent empty."""
    told = {
        "at": 0,
        "status": response.status_code,
        "method": request.method,
        "type": response["Content-Type"],
    }
    told |= {"path": request.get_full_path().partition("?")[0], "HTTP_SEC_GPC": ""}
    told |= {name: value for name, value in request.META.items() if name.startswith("HTTP_")}
    told["REMOTE_ADDR"] = request.META["REMOTE_ADDR"]
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode("latin-1") + b"\n"


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"path": "/chuyên-mục/tin%20mới/"},
        {"status": 304, "type": ""},
        {"status": 304, "type": "", "path": "/rss/"},
        {"method": "head"},
        {"type": "application/rss+xml"},
        {"address": "2001:db8:1:2:3:4:5:6"},
        {"address": "not an address"},
        {"headers": {"user-agent": BOT}},
        {"headers": {"user-agent": "Đọc tin".encode().decode("latin-1") + ' "\\\t' + "x" * 400}},
        {"headers": {"user-agent": ""}},
        {"headers": {"sec-purpose": "prefetch;prerender"}},
        {"headers": {"sec-fetch-dest": "iframe"}},
        {"headers": {"x-requested-with": "XMLHttpRequest"}},
        {"headers": {"dnt": "1", "referer": "https://l.facebook.com/l.php?u=x"}},
        {"headers": {"referer": "http://testserver/"}},
        {"headers": {"referer": "http://[hong/"}},
        {"headers": {"x-forwarded-for": "198.51.100.9"}},
    ],
    ids=str,
)
def test_a_line_counts_as_the_site_would_count_the_answer(log, settings, case):
    headers = {"user-agent": PHONE} | case.get("headers", {})
    make = getattr(RequestFactory(headers=headers), case.get("method", "get"))
    request = make(case.get("path", STORY), REMOTE_ADDR=case.get("address", "203.0.113.7"))
    response = HttpResponse(status=case.get("status", 200), content_type=case.get("type", "text/html"))
    middleware.record(request, response)
    counter().spool.seal()
    by_the_site = views_in(settings.VISITS_SPOOL)

    follow(log, as_logged(request, response).replace(b'"at":0', b'"at":%.3f' % time.time()))

    by_nginx = views_in(settings.VISITS_SPOOL)
    assert [view.to_line().split(b"\t")[2:] for view in by_nginx] == [
        view.to_line().split(b"\t")[2:] for view in by_the_site
    ]


@pytest.mark.django_db(transaction=True)
def test_views_of_the_log_are_in_the_figures_whatever_stands_between_them(log, caplog):
    torn = line(3)[:40]  # a memory that ran full; the next line follows at once
    follow(
        log, line(1), b"\n", b"\0\0\0\n", b"{}\n", b"null\n", b'{"at":1}\n', b'{"at":"x","path":[]}\n', b"\xff\xfe\n",
        b'{"at":1e300,"status":200,"method":"GET","path":"/","type":"text/html","REMOTE_ADDR":"203.0.113.7"}\n',
        torn, line(2), line(4).replace(PHONE.encode(), BOT.encode()), line(5).replace(PHONE.encode(), CHROME.encode()),
        line(6).rstrip(b"\n"),
    )  # fmt: skip
    assert "cannot be read: 8" in caplog.text

    ship()
    assert (Day.objects.get().views, Day.objects.get().visits) == (3, 2)
    assert LabelDay.objects.get(label__kind=Label.Kind.BOT).views == 1
    follow_on = Follower(log, counter())
    assert not follow_on.take()  # one of a machine
    assert "203.0.113.7" not in (log / "views.log").read_bytes()[: -len(line(6))].decode()


def test_a_batch_is_made_again_after_a_kill_and_a_full_disk_loses_nothing(log, settings, monkeypatch):
    follower = Follower(log, Counter(settings.VISITS_SPOOL))
    follower.take()
    (log / "views.log").write_bytes(line(1) + line(2))
    settings.VISITS_SPOOL.write_text("no folder, as on a disk that takes nothing")
    with pytest.raises(FileExistsError):
        follower.step()
    settings.VISITS_SPOOL.unlink()
    with (log / "views.log").open("ab") as file:
        file.write(line(3))
    os.close(follower._lock)  # as its death does

    follow(log)
    segments = [path.read_bytes().splitlines() for path in sorted(settings.VISITS_SPOOL.glob("*.seg"))]
    assert [[View.from_line(view).path for view in lines] for lines in segments] == [["/1/", "/2/"], ["/3/"]]
    assert counter().troubles() == []


def test_log_that_is_renamed_or_cut_short_is_read_to_its_end(log, settings):
    follower = follow(log, line(1))
    with (log / "views.log").open("ab") as old:
        (log / "views.log").rename(log / "views.log.1")
        (log / "views.log").write_bytes(line(2))
        old.write(line(3))
    follower.step()
    (log / "views.log").write_bytes(b"")
    follower.step()
    (log / "views.log").write_bytes(line(4))
    os.utime(log / "views.log.1", (0, 0))
    follower.step()

    assert sorted(view.path for view in views_in(settings.VISITS_SPOOL)) == ["/1/", "/2/", "/3/", "/4/"]
    assert not (log / "views.log.1").exists()


def test_nothing_is_lost_or_doubled_when_followers_are_killed(tmp_path):
    seconds = SECONDS if SECONDS > 10 else 2
    done = subprocess.run(
        [sys.executable, "-m", "tests.visitors.followers", str(tmp_path), str(seconds), str(SEED)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "newsportal.settings", "VISITS_SHIP_EVERY": "0"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert told["kills"] > 10, f"seed {SEED}"
    assert told["renamed"]
    assert told["answered"] > 1000
    counts = Counts(told["stored"])
    assert counts.most_common(1)[0][1] == 1, f"seed {SEED}: doubled"
    assert len(counts) == told["answered"], f"seed {SEED}: lost"
    assert told["addresses"] == 0


def test_log_on_a_disk_is_told_of(settings, tmp_path):
    settings.VISITS_LOG = tmp_path
    on_disk = {found.id for found in check_visits(None)}
    settings.VISITS_LOG = type(tmp_path)("/dev/shm/newsportal-views")

    assert "visitors.W002" in on_disk
    assert "visitors.W002" not in {found.id for found in check_visits(None)}


def test_folder_that_nginx_does_not_log_to_is_told_of(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "NGINX", tmp_path / "kept-pages-location.conf")

    def told_of(folder):
        settings.VISITS_LOG = Path(folder)
        return "visitors.W003" in {found.id for found in check_visits(None)}

    before = told_of("/dev/shm/views")  # another server, or none yet
    checks.NGINX.write_text((settings.BASE_DIR / "deploy/nginx/kept-pages-location.conf").read_text())

    assert (before, told_of("/dev/shm/views"), told_of("/run/newsportal-views")) == (False, True, False)
