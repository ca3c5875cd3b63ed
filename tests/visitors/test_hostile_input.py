"""Whatever readers send and whatever lies in the spool: pages answer, and the other views are stored."""

import gzip
import shutil
import time
import uuid

import pytest
from django.conf import settings
from django.db import Error, connection
from hypothesis import given
from hypothesis import strategies as st

from visitors.counter import counter
from visitors.depot import Depot
from visitors.models import Day, Gap, LabelDay
from visitors.spool import View

from .readers import BOT, CHROME, FIREFOX, read, ship, shown_figures

pytestmark = pytest.mark.django_db
SOURCE = "0123456789abcdef0123456789abcdef"
SEGMENT = f"{SOURCE}.00000001.seg"
PACK = "00000000000000000001.0.pack"
NOW = time.time_ns() // 1_000_000
LINE = View(NOW, key=1, path="/", agent=CHROME).to_line()
ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=400)


def views() -> int:
    return sum(day.views for day in Day.objects.all())


def gaps() -> list[tuple[str, int]]:
    return [(gap.reason, gap.views) for gap in Gap.objects.order_by("began_at")]


def lay_out(name: str, content: bytes) -> None:
    settings.VISITS_SPOOL.mkdir(exist_ok=True)
    (settings.VISITS_SPOOL / name).write_bytes(content)


def packed(*lines: bytes) -> bytes:
    return gzip.compress(f"#\t{SOURCE}\t1\n".encode() + b"".join(lines))


@given(path=ANYTHING, referrer=ANYTHING, agent=ANYTHING, key=st.integers(-(2**63), 2**63 - 1))
def test_any_text_becomes_one_line_that_can_be_read_back(path, referrer, agent, key):
    line = View(NOW, key=key, path=path, referrer=referrer, agent=agent).to_line()

    assert line.count(b"\n") == 1
    assert len(line) < 4096
    view = View.from_line(line)
    assert (view.at, view.key, view.reason) == (NOW, key, "")


@pytest.mark.requirement(40)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_view_or_none(line):
    assert View.from_line(line) is None or View.from_line(line).at >= 0


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        LINE[:40],
        LINE.replace(b"1\t", b"2\t", 1),
        LINE.replace(b"\t1\t", b"\t%d\t" % 2**63, 1),
        LINE.replace(str(NOW).encode(), b"9" * 5000),
        LINE.replace(str(NOW).encode(), b""),
        LINE.replace(b"\t", b" "),
        b"\xff\xfe" * 40_000,
    ],
    ids=[
        "empty", "blank", "torn", "version", "key", "moment", "no moment", "no tabs", "binary",
    ],
)  # fmt: skip
def test_line_that_is_no_view_costs_the_others_nothing(line):
    lay_out(SEGMENT, LINE + line + b"\n" + LINE + LINE[:-3])

    ship()

    assert views() == 2


@pytest.mark.parametrize(
    "agent",
    [
        f"{CHROME}\t\r\n\0\x7f\x85\u2028",
        f"{CHROME} {'x' * 65_536}",
        CHROME.encode().decode("latin-1") + "Cốc Cốc".encode().decode("latin-1"),
        f"{CHROME} \udcff\ud800",
        f"{CHROME} \xff\xfe",
    ],
    ids=["controls", "64 KB", "UTF-8", "surrogates", "no UTF-8"],
)
def test_reader_with_a_strange_browser_counts(client, agent):
    assert read(client, agent=agent).status_code == 200
    assert read(client, agent=agent, referer="http://\udcff\t\n/").status_code == 200
    ship()

    assert views() == 2


@pytest.mark.parametrize(
    "path",
    ["/%00/", "/%ff%fe/", "/%0a%09%0d/", "/%ed%a0%80/", f"/{'x' * 8000}/"],
    ids=["NUL", "no UTF-8", "controls", "surrogate", "long"],
)
def test_strange_address_is_noted_as_not_found(client, path):
    assert read(client, path).status_code == 404
    read(client)
    ship()

    assert views() == 1
    assert LabelDay.objects.get(label__text="not-found").views == 1


STRANGE = {
    "folder": ("folder", None),
    "foreign file": ("readme.txt", b"?"),
    "nearly a segment": ("x.seg", b"?"),
    "number too short": (f"{SOURCE}.1.seg", b"?"),
    "nearly a pack": (f"{SOURCE}.00000001.pack", b"?"),
    "empty segment": (SEGMENT, b""),
    "segment of zeros": (SEGMENT, b"\0" * 5000),
    "folder as segment": (SEGMENT, None),
    "folder as open segment": (f"{SOURCE}.00000001.open", None),
    "empty open segment": (f"{SOURCE}.00000001.open", b""),
    "folder as lock": (f"{SOURCE}.lock", None),
    "folder as new file": (f"{SOURCE}.new", None),
    "folder as gap": (f"{SOURCE}.gap", None),
    "empty gap": (f"{SOURCE}.gap", b""),
    "binary gap": (f"{SOURCE}.gap", b"\xff"),
    "deep gap": (f"{SOURCE}.gap", b"[" * 100_000),
    "gap of another shape": (f"{SOURCE}.gap", b"[]"),
    "gap for no reason": (f"{SOURCE}.gap", b'{"at": 1, "until": 1, "reason": "too long a word", "views": 1}'),
    "gap of too few": (f"{SOURCE}.gap", b'{"at": 1, "until": 1, "reason": "disk", "views": -1}'),
    "gap at no time": (f"{SOURCE}.gap", b'{"at": NaN, "until": 1e400, "reason": "disk", "views": 1}'),
    "empty pack": (PACK, b""),
    "no pack": (PACK, b"?"),
    "folder as pack": (PACK, None),
    "pack of nothing": (PACK, gzip.compress(b"?\n#\tx\ty\n#\n")),
    "pack of no source": (PACK, gzip.compress(b"#\tno-uuid\t1\n?\n")),
    "pack of too high a number": (PACK, gzip.compress(f"#\t{SOURCE}\t{2**70}\n?\n".encode())),
    "pack half made": ("pack.new", b"?"),
    "nothing set aside": ("aside", None),
    "garbage as salts": ("salts", b"\xff\xfe 00\n2026-11-24 zz\n2026-11-24\n9999-99-99 00\n2026-11-24 00\n"),
    "folder as salts": ("salts", None),
    "empty figures": ("figures", b""),
    "figures of no day": ("figures", b"\xff" * 64),
    "torn figures": ("figures", b"\x7f" * 48 + b"\0" * 16),
    "highest figures": ("figures", b"\xff" * 7 + b"\x7f" + b"\1" * 40 + b"\xff" * 7 + b"\x7f"),
    "long figures": ("figures", b"\1" * 10_000),
    "folder as figures": ("figures", None),
}


@pytest.mark.parametrize(("name", "content"), STRANGE.values(), ids=STRANGE)
def test_strange_thing_in_the_spool_does_not_stop_the_counting(client, name, content):
    if content is None:
        (settings.VISITS_SPOOL / name / "within").mkdir(parents=True)
    else:
        lay_out(name, content)

    assert read(client).status_code == 200
    for _ in range(4):
        ship()

    assert views() == 1
    assert read(client).status_code == 200
    ship()
    assert views() == 2


def test_link_in_the_spool_is_left_alone(client, tmp_path):
    lay_out("victim", LINE)
    (settings.VISITS_SPOOL / SEGMENT).symlink_to(settings.VISITS_SPOOL / "victim")

    ship()

    assert views() == 0
    assert (settings.VISITS_SPOOL / SEGMENT).is_symlink()


def test_truncated_pack_gives_what_is_left_of_it(client):
    whole = packed(*(View(NOW, key=key, path="/", agent=uuid.uuid4().hex).to_line() for key in range(1000)))
    lay_out(PACK, whole[: len(whole) // 2])

    ship()

    assert 0 < sum(day.views + day.bots for day in Day.objects.all()) < 1000
    assert not Depot(settings.VISITS_SPOOL).waiting()


def test_figures_that_are_cut_short_become_dashes_until_the_next_shipping(client):
    read(client)
    ship()
    assert shown_figures(client)["Tổng số"] == "1"

    (settings.VISITS_SPOOL / "figures").write_bytes(b"")
    read(client, agent=FIREFOX)
    ship()

    assert shown_figures(client)["Tổng số"] == "2"


def test_counting_goes_on_in_a_folder_that_somebody_has_removed(client):
    for number in range(3):
        read(client)
        if number == 0:
            shutil.rmtree(settings.VISITS_SPOOL)
        counter().spool.seal()
    ship()

    assert views() == 2
    assert counter().troubles() == []


@pytest.fixture
def refusal():
    """The database takes no page called /doc-hai/."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.text = '/doc-hai/' THEN
                    RAISE EXCEPTION 'poison' USING ERRCODE = 'data_exception';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON visitors_label FOR EACH ROW EXECUTE FUNCTION refuse();
        """)


def test_segment_that_cannot_be_stored_is_set_aside_after_three_failures_and_told(client, refusal):
    read(client)
    counter().spool.seal()
    read(client, "/doc-hai/")
    counter().spool.seal()
    read(client, agent=FIREFOX)
    ship()

    assert views() == 2
    (aside,) = (settings.VISITS_SPOOL / "aside").iterdir()
    assert b"/doc-hai/" in aside.read_bytes()
    ship()
    assert gaps() in ([("aside", 1)], [])  # stored with what is shipped next, or within seconds
    read(client)
    ship()
    assert gaps() == [("aside", 1)]
    assert views() == 3


def test_pack_with_a_segment_that_cannot_be_stored_gives_all_others(client, refusal):
    depot = Depot(settings.VISITS_SPOOL, pack_above=0)
    for path in ("/", "/doc-hai/", "/", "/", "/doc-hai/"):
        read(client, path)
        counter().spool.seal()
    depot.pack()
    (pack,) = depot.waiting()

    ship()
    read(client)
    ship()

    assert views() == 4
    assert (settings.VISITS_SPOOL / "aside" / pack).exists()
    assert gaps() == [("aside", 2)]


@pytest.mark.django_db(transaction=True)
def test_database_that_takes_nothing_makes_views_wait_and_sets_none_aside(client):
    """As between the start of new code and its migration, or where a standby may only be read."""
    read(client)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE visitors_hour RENAME TO visitors_hour_of_old")
    try:
        for _ in range(5):
            with pytest.raises(Error):
                ship()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE visitors_hour_of_old RENAME TO visitors_hour")
    ship()

    assert views() == 1
    assert not (settings.VISITS_SPOOL / "aside").exists()


def test_program_with_a_strange_name_is_one(client):
    read(client, agent=f"{BOT}\0\t\n")
    ship()

    assert Day.objects.get().bots == 1
