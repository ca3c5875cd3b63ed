"""A plugin of pytest that tells by fault what was promised and what was measured: `-p tests.faults.report`.

FAULTS=3,11 tries these alone; FAULTS_REPORT names a file of Markdown that keeps the rows of faults left out.
"""

import os
import textwrap
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from .promises import PROMISES

HEAD = """# Faults

What was measured of each promise on 2 cores, over loopback: written by `FAULTS_REPORT=docs/faults.md make chaos`; rows
of faults that a run leaves out stay. Each row is made by the tests that carry the fault's number. With more than one
process to run for each core the times are those of a busy machine; 0 failed, 0 lost must hold on any.

| # | fault | promise | measured | met | on, and how much was to do for each core |
|---|---|---|---|---|---|
"""
OUTCOMES = {"passed": "yes", "failed": "NO", "skipped": "not run"}
WORST_FIRST = ("failed", "passed", "skipped")
found = defaultdict(list)  # number -> (outcome, figures) of each test
loads: dict[int, float] = {}


def pytest_collection_modifyitems(config, items):
    wanted = {int(number) for number in os.environ.get("FAULTS", "").split(",") if number} or set(PROMISES)
    left = [item for item in items if wanted & {mark.args[0] for mark in item.iter_markers("fault")}]
    config.hook.pytest_deselected(items=[item for item in items if item not in left])
    items[:] = left


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" or report.outcome != "passed":
        figures = [value for name, value in item.user_properties if name == "measured"]
        for mark in item.iter_markers("fault"):
            found[mark.args[0]].append((report.outcome, figures))
            loads[mark.args[0]] = os.getloadavg()[0] / (os.cpu_count() or 1)
        if path := os.environ.get("FAULTS_REPORT"):  # at once: a run of hours may be broken off
            write(Path(path), {number: row(number) for number in found})
    return report


def pytest_terminal_summary(terminalreporter):
    rows = {number: row(number) for number in sorted(found)}
    for number, (measured, met) in rows.items():
        fault, promise = PROMISES[number]
        terminalreporter.write_line(f"{number:2} {fault}: {met}")
        for name, words in (("promise", promise), ("measured", measured)):
            lines = textwrap.fill(words, 100, initial_indent=f"   {name:9}", subsequent_indent=" " * 12)
            terminalreporter.write_line(lines)
    left_out = [str(number) for number in PROMISES if number not in rows]
    terminalreporter.write_line(
        f"{len(rows)} of {len(PROMISES)} faults tried; not tried: {left_out or 'none'}"
    )


def row(number: int) -> tuple[str, str]:
    outcomes = {outcome for outcome, _figures in found[number]}
    worst = next(outcome for outcome in WORST_FIRST if outcome in outcomes)
    measured = [figure for _outcome, figures in found[number] for figure in figures]
    return "; ".join(measured) or f"{len(found[number])} tests {worst}", OUTCOMES[worst]


def write(path: Path, rows: dict[int, tuple[str, str]]) -> None:
    lines = {}
    if path.exists():
        table = [line for line in path.read_text().splitlines() if line[2:3].isdigit()]
        lines = {int(line.split("|")[1]): line for line in table}
    for number, (measured, met) in rows.items():
        cells = [str(number), *PROMISES[number], measured, met, f"{date.today()}, {loads[number]:.0f}"]  # noqa: DTZ011
        lines[number] = f"| {' | '.join(cells)} |"
    path.write_text(HEAD + "\n".join(lines[number] for number in sorted(lines)) + "\n")
