"""The database stops, crashes and loses connections while views are counted: none is lost, none is stored twice.

VISITS_TEST_SECONDS=60 runs them for long, VISITS_TEST_VIEWS=50000 tells how many views all of it at once must reach;
VISITS_TEST_SEED repeats a run's choices.
"""

import json
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.conf import settings

from visitors.counter import counter
from visitors.depot import Depot
from visitors.models import Day, Gap, Hour, LabelDay, Total, Visitor

from .database import address, left_in, wait_until
from .readers import BOT, CHROME, PHONE, read
from .readers import ship as ship_here
from .relay import Relay
from .storm import SECONDS, VIEWS, chance, reckon, storm

# Reads pages while the disk is full, as told by the test on its standard input.
FULL_DISK = """
import django, json, os, resource, sys, time
from pathlib import Path
django.setup()
from django.test import Client
from tests.visitors.database import wait_until
from tests.visitors.readers import PHONE, read
from tests.visitors.writers import address_of
from visitors import spool
from visitors.counter import counter

ballast = Path(sys.argv[1])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
spool.QUEUE = 100
client = Client()


def read_pages(numbers):
    return {read(client, "/thong-ke/cach-tinh/", agent=PHONE, address=address_of(n)).status_code for n in numbers}


def fill():
    if str(ballast) == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        return
    for size in (2**20, 2**12, 1):
        with ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


def empty():
    if str(ballast) == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    else:
        ballast.unlink()


assert read_pages(range(50)) == {200}
wait_until(lambda: not counter().shipper.depot.waiting())
read_so_far = 50
while not (counter().spool.failing_since and counter().spool.lost()):
    fill()  # again: what is shipped makes room
    assert read_pages(range(read_so_far, read_so_far + 150)) == {200}
    read_so_far += 150
troubles = counter().troubles()
empty()
wait_until(lambda: not counter().spool.failing_since and not counter().spool.lost())
assert read_pages(range(read_so_far, read_so_far + 50)) == {200}
print(json.dumps({"troubles": troubles, "views": read_so_far + 50}))
wait_until(lambda: not counter().shipper.depot.waiting() and not counter().shipper.depot.gaps())
"""
# Stops in the middle of a transaction, as a machine that has lost its network.
STANDS_STILL = """
import django, os, signal
django.setup()
from visitors import storing

storing.LONGEST_SILENCE = 1
with storing.transaction_alone() as cursor:
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def crash_again_and_again(server, random, seconds: float, pause: tuple[float, float]) -> int:
    until, crashes = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        time.sleep(random.uniform(*pause))
        server.crash()
        server.start()
        crashes += 1
    return crashes


@pytest.mark.fault(18)
def test_views_wait_while_the_database_is_stopped(database, server, tmp_path):
    chance()
    with storm(database, tmp_path, seconds=4, kills=False, pause=0.02) as program:
        time.sleep(1.5)
        server.stop()
        time.sleep(8 if SECONDS else 2)
        server.start()
        reckoning = reckon(program, database, tmp_path)

    assert (reckoning.lost, reckoning.doubled) == (0, 0)
    assert reckoning.stored == reckoning.answered > 500


def test_crashes_of_the_database_lose_and_double_nothing(database, server, tmp_path):
    random = chance()
    with storm(database, tmp_path, seconds=4, kills=True, pause=0.02) as program:
        crashes = crash_again_and_again(server, random, SECONDS or 4, pause=(2, 5) if SECONDS else (0.5, 1.5))
        reckoning = reckon(program, database, tmp_path)

    sys.stdout.write(f"{crashes} crashes\n")
    assert (reckoning.lost, reckoning.doubled) == (0, 0)
    assert reckoning.answered > 500


def test_connection_cut_at_commit_loses_and_doubles_nothing(database, server, tmp_path):
    with Relay(server.socket, chance()) as relay:
        url = address(relay.host, database.name)
        with storm(database, tmp_path, seconds=4, kills=False, url=url, pause=0.02) as program:
            reckoning = reckon(program, database, tmp_path)

    sys.stdout.write(f"{relay.cuts} cuts\n")
    assert (reckoning.lost, reckoning.doubled) == (0, 0)
    assert reckoning.stored == reckoning.answered > 500
    assert relay.cuts


def test_all_of_it_at_once(database, server, tmp_path):
    random = chance()
    with Relay(server.socket, random, one_in=10 if SECONDS else 3) as relay:
        url = address(relay.host, database.name)
        with storm(
            database, tmp_path, seconds=6, kills=True, url=url, pause=0.01 if SECONDS else 0.02
        ) as program:
            crashes = crash_again_and_again(server, random, SECONDS or 6, pause=(2, 5) if SECONDS else (1, 2))
            reckoning = reckon(program, database, tmp_path)

    sys.stdout.write(f"{crashes} crashes, {relay.cuts} cuts\n")
    assert (reckoning.lost, reckoning.doubled) == (0, 0)
    assert reckoning.answered > (VIEWS if SECONDS else 500)
    assert relay.cuts


@contextmanager
def small_disk(folder):
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(params=["tmpfs of 16 MB", "limit of the process"])
def disk(request, tmp_path):
    """A folder on a disk that can be filled, and what fills it."""
    if request.param == "limit of the process":
        yield tmp_path, "limit"
    else:
        with small_disk(tmp_path / "disk") as folder:
            yield folder, folder / "ballast"


@pytest.mark.fault(11)
def test_full_disk_raises_the_alarm_and_pages_answer_on(database, disk, tmp_path):
    folder, ballast = disk
    (tmp_path / "static").symlink_to(settings.BASE_DIR / "static")
    environment = database.environment(
        folder / "visits", DATA_DIR=tmp_path, VISITS_SHIP_EVERY=0.1, ALLOWED_HOSTS="testserver"
    )

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(ballast)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    assert "disk" in told["troubles"]
    lost = database.ask("SELECT coalesce(sum(views), 0) FROM visitors_gap WHERE reason = 'disk'")[0][0]
    assert 0 < lost < told["views"]
    assert database.check_sums() == told["views"] - lost
    assert not left_in(folder / "visits")


def test_machine_that_vanishes_within_a_transaction_frees_the_others(database, tmp_path):
    environment = database.environment(tmp_path / "visits", DATA_DIR=tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", STANDS_STILL],
        cwd=settings.BASE_DIR,
        env=environment,
        stderr=subprocess.DEVNULL,
    ) as standing:
        holders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        wait_until(lambda: database.ask(holders) == [(1,)])

        wait_until(lambda: database.ask(holders) == [(0,)], seconds=20)

        standing.kill()


@pytest.mark.django_db
@pytest.mark.parametrize("thinnings", [0, 1, 2, 3, 4])
def test_thinned_packs_keep_views_of_hours_and_days_and_tell_what_is_missing(client, clock, thinnings):
    depot = Depot(settings.VISITS_SPOOL, pack_above=0)
    for minute in range(12):
        clock.shift(600)
        read(client, "/" if minute % 2 else "/tim-kiem/", agent=CHROME if minute % 3 else PHONE)
        read(client, agent=BOT)
    counter().spool.seal()
    depot.pack()
    for _ in range(thinnings):
        depot._thin(*depot.waiting())

    ship_here()
    clock.shift(10)
    ship_here()

    views = 0 if thinnings == 4 else 12
    for rows in (Day.objects, Hour.objects, Total.objects):
        assert sum(row.views for row in rows.all()) == views
    assert Hour.objects.count() == (3 if views else 0)
    assert sum(day.bots for day in Day.objects.all()) == views
    assert LabelDay.objects.filter(label__kind="browser").exists() == (thinnings == 0)
    assert LabelDay.objects.filter(label__kind="page").count() == {0: 2, 1: 2, 2: 1, 3: 1, 4: 0}[thinnings]
    assert sum(row.views for row in Visitor.objects.all()) == (12 if thinnings < 3 else 0)
    gaps = sorted((gap.reason, gap.views) for gap in Gap.objects.all())
    assert gaps == [("dropped", 24)] * (thinnings == 4) + [("thinned", 0)] * min(thinnings, 3)
