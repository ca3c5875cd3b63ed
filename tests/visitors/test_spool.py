"""The spool's files: which process they belong to, and that each line is handed over once. No database."""

import gzip
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from visitors.depot import LIMIT, PACK_ABOVE, Depot
from visitors.keys import Salts
from visitors.spool import View

from .storm import SECONDS

# What the programs below share: numbered views, and a shipper that only collects them.
PREAMBLE = """
import os, subprocess, sys, threading, time
from pathlib import Path
from visitors.depot import Depot
from visitors.spool import Spool, View

folder = Path(sys.argv[1])
spool = Spool(folder)


def view(name):
    spool.record(View(1, path=f"/{name}/").to_line())
"""
FORK_AFTER_A_VIEW = """
view("parent-before")
if os.fork() == 0:
    view("child")
    spool.seal()
    view("child-again")
    os._exit(0)
view("parent-after")
os.wait()
spool.seal()
"""
FORKS_AMONG_THREADS = """
ending = threading.Event()


def read(name):
    number = 0
    while not ending.is_set():
        view(f"thread-{name}-{number}")
        if number % 3 == 0:
            spool.seal()
        number += 1
    sys.stdout.write(f"thread-{name} {number}" + os.linesep)


def take_turns():
    depot = Depot(folder)
    while not ending.is_set():
        depot.take()
        depot.release()


threads = [threading.Thread(target=read, args=[name]) for name in range(3)]
threads.append(threading.Thread(target=take_turns))
for thread in threads:
    thread.start()
for child in range(60):
    if os.fork() == 0:
        view(f"child-{child}")
        spool.seal()
        os._exit(0)
    os.wait()
ending.set()
for thread in threads:
    thread.join()
spool.seal()
"""
ENDS_AMONG_THREADS = """
def read(name):
    for number in range(1500):
        view(f"thread-{name}-{number}")


threads = [threading.Thread(target=read, args=[name]) for name in range(3)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    spool.end()
spool.end()
"""
BEGINS_SOURCES = """
for number in range(400):
    view(number)
    assert (folder / f"{spool.source}.lock").exists(), "a living process lost its lock"
    spool.end()
"""
LISTS_DESCRIPTORS_OF_A_CHILD = """
view("parent")
depot = Depot(folder)
depot.take()
child = "import os; print(*(os.readlink(f'/proc/self/fd/{n}') for n in (3, 4, 5, 6, 7, 8, 9) if os.path.exists(f'/proc/self/fd/{n}')))"
print(subprocess.run([sys.executable, "-c", child], close_fds=False, capture_output=True, text=True).stdout)
"""


def command(program: str, folder: Path, *arguments) -> dict:
    words = [PREAMBLE + program, folder, *arguments]
    return {
        "args": [sys.executable, "-W", "ignore::DeprecationWarning", "-c", *map(str, words)],
        "cwd": settings.BASE_DIR,
        "text": True,
    }


def run(program: str, folder: Path, *arguments) -> str:
    done = subprocess.run(
        **command(program, folder, *arguments), capture_output=True, timeout=60 + 10 * SECONDS
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def collect(folder: Path) -> list[str]:
    """Takes what waits out of the spool, as the shipper does, in its order."""
    depot = Depot(folder)
    depot.adopt()
    names = depot.waiting()
    views = [View.from_line(line) for name in names for segment in depot.read(name) for line in segment.lines]
    depot.remove(names)
    return [view.path.strip("/") for view in views]


def collect_until(is_over, folder: Path) -> list[str]:
    """Collects beside programs that write; once they are over, for the last time."""
    found = []
    while not is_over():
        found += collect(folder)
    return found + collect(folder)


def test_parent_and_child_are_sources_of_their_own(tmp_path):
    run(FORK_AFTER_A_VIEW, tmp_path)

    assert sorted(collect(tmp_path)) == ["child", "child-again", "parent-after", "parent-before"]


def test_fork_while_other_threads_write_loses_and_blocks_nothing(tmp_path):
    printed = run(FORKS_AMONG_THREADS, tmp_path)

    wanted = {f"child-{child}" for child in range(60)}
    for name, numbers in map(str.split, printed.splitlines()):
        wanted |= {f"{name}-{number}" for number in range(int(numbers))}
    assert Counter(collect(tmp_path)) == Counter(wanted)


def test_source_that_ends_while_threads_write_leaves_every_line_to_the_shipper(tmp_path):
    with subprocess.Popen(**command(ENDS_AMONG_THREADS, tmp_path)) as program:
        found = collect_until(lambda: program.poll() is not None, tmp_path)

    assert program.returncode == 0
    assert Counter(found) == Counter(f"thread-{name}-{number}" for name in range(3) for number in range(1500))
    assert not list(tmp_path.iterdir())


def test_process_that_begins_is_never_taken_for_a_dead_one(tmp_path):
    programs = [subprocess.Popen(**command(BEGINS_SOURCES, tmp_path)) for _ in range(2)]

    found = collect_until(lambda: all(program.poll() is not None for program in programs), tmp_path)

    assert [program.returncode for program in programs] == [0, 0]
    assert Counter(found) == Counter([str(number) for number in range(400)] * 2)


def test_subprocess_inherits_no_descriptor(tmp_path):
    assert str(tmp_path) not in run(LISTS_DESCRIPTORS_OF_A_CHILD, tmp_path)


# An outage: 500 views a second, and a shipper that tries and packs.
OUTAGE = """
import django, json, random, resource
django.setup()
from tests.visitors.readers import BOT, CHROME, FIREFOX, PHONE

seconds, pack_above, limit = map(int, sys.argv[2:])
depot = Depot(folder, pack_above=pack_above, limit=limit)
chance = random.Random(1)
largest = memory_then = 0
for second in range(seconds):
    for source in ("a" * 32, "b" * 32):
        lines = (
            View(
                1_700_000_000_000 + second * 1000 + n, key=chance.getrandbits(62), referrer="l.facebook.com",
                path=f"/tin-hoat-dong/mot-tin-co-ten-kha-dai-nhu-tin-that-{chance.randrange(2000)}/",
                agent=chance.choice([BOT, CHROME, CHROME, FIREFOX, PHONE, PHONE]),
            ).to_line()
            for n in range(250)
        )
        (folder / f"{source}.{second:08d}.seg").write_bytes(b"".join(lines))
    if second % 15 == 14:
        depot.pack()
        largest = max(largest, depot.size())
    if second == seconds // 4:
        memory_then = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_then
print(json.dumps({"largest": largest, "megabytes more": memory // 1024}))
"""


@pytest.mark.parametrize(
    ("seconds", "pack_above", "limit", "thins"),
    [(1800, PACK_ABOVE, LIMIT, False), (1800, PACK_ABOVE // 16, LIMIT // 16, True)] if SECONDS
    else [(90, 2**16, 2**19, True)],
)  # fmt: skip
def test_long_outage_keeps_the_spool_and_the_memory_within_bounds(
    tmp_path, seconds, pack_above, limit, thins
):
    found = json.loads(run(OUTAGE, tmp_path, seconds, pack_above, limit))

    sys.stdout.write(f"{seconds} s at 500 views a second: {found}\n")
    assert found["largest"] <= limit
    assert found["megabytes more"] < 24
    depot = Depot(tmp_path)
    left = sum(len(segment.lines) for name in depot.waiting() for segment in depot.read(name))
    dropped = sum(gap["views"] for gap in depot.gaps().values() if gap["reason"] == "dropped")
    assert left + dropped == seconds * 500
    assert dropped == 0
    assert any(gap["reason"] == "thinned" for gap in depot.gaps().values()) == thins


def segments(folder: Path, *lines: bytes) -> None:
    folder.mkdir(exist_ok=True)
    for number, line in enumerate(lines, 1):
        (folder / f"{'c' * 32}.{number:08d}.seg").write_bytes(line)


def test_pack_that_comes_when_the_clock_was_set_back_stays_behind_older_ones(tmp_path):
    (tmp_path / f"{time.time_ns() + 10**15:020d}.0.pack").write_bytes(gzip.compress(b""))
    segments(tmp_path, View(1).to_line())

    Depot(tmp_path, pack_above=0).pack()

    older, newer = Depot(tmp_path).waiting()
    assert list(Depot(tmp_path).read(older)) == []
    assert [segment.sequence for segment in Depot(tmp_path).read(newer)] == [1]


def test_shipper_killed_between_packing_and_removing_leaves_each_segment_to_be_stored_once(tmp_path):
    segments(tmp_path, View(1).to_line(), View(2).to_line())
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    Depot(tmp_path, pack_above=0).pack()
    for path, content in files.items():  # as if it had not come to removing them
        path.write_bytes(content)

    found = [segment.sequence for name in Depot(tmp_path).waiting() for segment in Depot(tmp_path).read(name)]

    assert found == [1, 2, 1, 2]  # of which the ledger takes the first two


def test_what_killed_processes_left_half_made_goes(tmp_path):
    for name in ("pack.new", f"{'d' * 32}.new", f"{'e' * 32}.lock"):
        (tmp_path / name).touch()
    os.utime(tmp_path / f"{'d' * 32}.new", (0, 0))

    Depot(tmp_path).adopt()

    assert not list(tmp_path.iterdir())


def test_full_disk_leaves_no_half_written_salts(tmp_path):
    salts, today = Salts(tmp_path), date(2026, 11, 29)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        used = salts.of(today)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert salts.known(today) == used
    assert os.listdir(tmp_path) == ["salts.lock"]
