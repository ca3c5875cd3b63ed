"""Random readers, held against figures that are worked out from the whole history: online, visits, and that no sum
ever falls. VISITS_TEST_SECONDS=60 tries many more histories."""

import os
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from visitors.keys import BOTH_KEYS
from visitors.models import Day, Hour, LabelDay, Total, Visitor
from visitors.shipper import Shipper
from visitors.spool import View

from .conftest import NOON
from .readers import CHROME
from .storm import SECONDS

pytestmark = pytest.mark.django_db
MINUTE = 60_000
ONLINE = 5 * MINUTE
IDLE = 30 * MINUTE
MIDNIGHT = timezone.localtime(NOON).replace(hour=0) + timedelta(days=1)
AT_MIDNIGHT = int(MIDNIGHT.timestamp() * 1000)
many = hypothesis_settings(
    max_examples=500 if SECONDS else 30,
    deadline=None,
    derandomize="VISITS_TEST_SEED" not in os.environ and not SECONDS,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Moments gather where something ends: a window, a visit, the day.
MOMENTS = st.one_of(
    st.integers(-90 * MINUTE, 90 * MINUTE),
    st.integers(-ONLINE, ONLINE),
    st.builds(
        lambda edge, off: edge + off,
        st.sampled_from([-IDLE, -ONLINE, 0, ONLINE, BOTH_KEYS, IDLE]),
        st.integers(-2, 2),
    ),
)


@dataclass(frozen=True)
class Read:
    at: int  # milliseconds after midnight
    reader: int

    def to_line(self) -> bytes:
        day = 1 if self.at >= 0 else 0
        previous = self.reader * 10 if day and self.at < BOTH_KEYS else None
        return View(AT_MIDNIGHT + self.at, self.reader * 10 + day, previous, "/", agent=CHROME).to_line()


READS = st.builds(Read, at=MOMENTS, reader=st.integers(1, 4))


class History:
    """A shipper with a spool of its own, in a transaction that is rolled back: nothing is left of an example."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self._clock = time_machine.travel(MIDNIGHT, tick=False)
        self._transaction = transaction.atomic()
        self.clock = self._clock.__enter__()
        self._transaction.__enter__()
        self.shipper = Shipper(Path(self._folder.name))
        self.sequences = dict.fromkeys(range(3), 0)
        return self

    def __exit__(self, *error):
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        self._clock.__exit__(*error)
        self._folder.cleanup()

    def write(self, reads: list[Read], source: int = 0) -> None:
        self.sequences[source] += 1
        name = f"{source:032x}.{self.sequences[source]:08d}.seg"
        Path(self._folder.name, name).write_bytes(b"".join(read.to_line() for read in reads))

    def ship(self, at: int) -> int:
        """The number of readers online at a moment, by the database."""
        self.clock.move_to(MIDNIGHT + timedelta(milliseconds=at))
        self.shipper.ship()
        self.shipper.refresh()
        return self.shipper.board.read().online


@many
@given(
    batches=st.lists(
        st.tuples(st.integers(0, 2), st.lists(READS, min_size=1, max_size=6)), min_size=1, max_size=6
    ),
    later=st.one_of(st.integers(0, 10 * MINUTE), st.sampled_from([ONLINE - 1, ONLINE, ONLINE + 1])),
)
@example(batches=[(0, [Read(1000, 1)]), (1, [Read(-1000, 1)])], later=0)  # what was read first comes last
def test_online_is_what_the_whole_history_says_in_whatever_order_it_is_shipped(batches, later):
    now = max(read.at for _source, reads in batches for read in reads) + later
    shipped = []
    with History() as history:
        for source, reads in batches:
            history.write(reads, source)
            shipped += reads

            online = history.ship(now)

            assert online == len({read.reader for read in shipped if read.at > now - ONLINE})


@many
@given(reads=st.lists(READS, min_size=1, max_size=25), cuts=st.sets(st.integers(0, 25)))
def test_visits_are_what_the_whole_history_says_wherever_it_is_cut_into_shippings(reads, cuts):
    reads.sort(key=lambda read: read.at)
    with History() as history:
        begun = 0
        for cut in sorted({*cuts, len(reads)}):
            if begun < len(reads[:cut]):
                history.write(reads[begun:cut])
                history.ship(100 * MINUTE)
                begun = cut

        for day in (0, 1):
            expected = whole_day([read for read in reads if (read.at >= 0) == bool(day)])
            found = Day.objects.filter(day=(MIDNIGHT + timedelta(days=day - 1)).date()).values_list(
                "views", "visits", "visitors", "one_view_visits", "seconds"
            )
            assert (found[0] if found else (0, 0, 0, 0, 0)) == expected
        sums = Total.objects.values_list("views", "visits").get()
        for rows in (Day, Hour, LabelDay.objects.filter(label__kind="page"), Visitor):
            rows = list(getattr(rows, "objects", rows).all())
            assert (sum(row.views for row in rows), sum(row.visits for row in rows)) == sums


def whole_day(reads: list[Read]) -> tuple[int, ...]:
    visits, seconds = [], 0
    for reader in {read.reader for read in reads}:
        last = None
        for read in reads:
            if read.reader == reader:
                if last is None or read.at - last > IDLE:
                    visits.append(0)
                else:
                    seconds += round((read.at - last) / 1000)
                visits[-1] += 1
                last = read.at
    return len(reads), len(visits), len({read.reader for read in reads}), visits.count(1), seconds


@many
@given(
    batches=st.lists(
        st.tuples(st.integers(0, 2), st.lists(READS, min_size=1, max_size=8)), min_size=2, max_size=6
    )
)
def test_no_sum_falls_with_any_shipping(batches):
    with History() as history:
        before = {}
        for source, reads in batches:
            history.write(reads, source)
            history.ship(100 * MINUTE)

            sums = all_sums()
            fallen = {
                name: (number, sums.get(name)) for name, number in before.items() if sums[name] < number
            }
            assert not fallen
            before = sums


def all_sums() -> dict[tuple, int]:
    sums = {}
    for model in (Total, Day, Hour, LabelDay):
        names = {"views", "visits", "visitors", "suspects", "bots", "seconds", "peak_online"}
        names &= {field.name for field in model._meta.fields}
        for row in model.objects.all():
            sums |= {(model.__name__, row.pk, name): getattr(row, name) for name in names}
    return sums
