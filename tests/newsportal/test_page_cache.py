"""What is kept, for whom, how long, and what can never get into it."""

import gzip
import math
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from articles.generation import Reading
from articles.kept_page import KeptPage
from articles.page_cache import Kept, PageCache, Room, may_be_kept, unavailable
from tests.factory import make_article, make_section, make_user
from visitors.counter import counter

pytestmark = pytest.mark.django_db
ASKED = 1  # query a request: in a test's transaction each asks for the generation, elsewhere a thread does


@pytest.fixture
def reader(settings):
    settings.PAGE_CACHE_BYTES = 4_000_000
    return Client(headers={"host": "testserver"})


@pytest.fixture
def story(reader):
    story = make_article(headline="Tin đã lưu")
    reader.get(story.get_absolute_url())
    return story


def test_kept_page_asks_the_database_nothing(reader, story, django_assert_num_queries):
    with django_assert_num_queries(ASKED):
        response = reader.get(story.get_absolute_url())

    assert "Tin đã lưu" in response.content.decode()
    assert "<!--visits:" not in response.content.decode()


def test_first_page_of_a_generation_pays_for_what_all_share(
    reader, story, ranking_kept, django_assert_num_queries
):
    make_article(headline="Trang chủ cũng cần các mục chung")
    other = make_article()
    reader.get("/")

    # The story and other news. Identity, menu, links and pages of the footer are there already.
    with django_assert_num_queries(ASKED + 2):
        reader.get(other.get_absolute_url())


@pytest.mark.requirement(36, 37)
@pytest.mark.parametrize(
    "extra",
    [
        {
            "headers": {
                "x-forwarded-host": "evil.vn",
                "x-forwarded-for": "1.2.3.4",
                "forwarded": "host=evil.vn",
            }
        },
        {"headers": {"x-forwarded-proto": "https", "x-forwarded-port": "444", "x-original-url": "/admin/"}},
        {
            "headers": {
                "cookie": "csrftoken=evil; messages=evil; django_language=en; _ga=1",
                "authorization": "Basic ZXZpbDpldmls",
            }
        },
        {"headers": {"accept-language": "en", "user-agent": "evil", "referer": "https://evil.vn/"}},
        {"headers": {"x-http-method-override": "POST", "x-requested-with": "XMLHttpRequest"}},
        {"headers": {"range": "bytes=0-9", "if-range": '"x"', "if-none-match": '"x"', "accept": "text/evil"}},
        {"query_params": {"fbclid": "evil", "utm_source": "evil", "page": "7"}},
        {"query_params": {"page ": "2", "Page": "3", "_method": "POST", "callback": "evil"}},
    ],
    ids=["forwarded", "rewritten", "logins", "languages", "methods", "ranges", "tracking", "odd names"],
)
def test_nothing_but_the_address_reaches_a_kept_page(reader, extra, django_assert_num_queries):
    story = make_article()
    address = story.get_absolute_url()
    clean = Client(headers={"host": "testserver"}).get(address)

    first = reader.get(address, **extra)

    assert first.status_code == 200
    assert first.content == clean.content
    assert not first.cookies
    with django_assert_num_queries(ASKED):
        assert reader.get(address).content == clean.content
    with django_assert_num_queries(ASKED):
        reader.get(address, **extra)


@pytest.mark.requirement(36)
@pytest.mark.requirement(38)
def test_random_queries_make_no_kept_pages(reader, story):
    cache = PageCache.newest
    before = cache.pages.size, cache.missing.size

    for number in range(1000):
        query = f"x{number}=1&utm_source={number}&page[]={number}&%70age=2"
        assert reader.get(f"{story.get_absolute_url()}?{query}").status_code == 200

    assert (cache.pages.size, cache.missing.size) == before


@pytest.mark.parametrize("host", ["evil.vn", "testserver:81", "testserver.", "TESTSERVER", "a@testserver"])
def test_forged_host_has_no_part_in_what_others_get(reader, story, host, django_assert_num_queries):
    address = story.get_absolute_url()

    forged = Client(headers={"host": host}).get(address)
    reader.get(address, headers={"host": host})

    with django_assert_num_queries(ASKED):
        assert host not in reader.get(address).content.decode()
    assert forged.status_code == (400 if "evil" in host or "@" in host else 200)


@pytest.mark.requirement(36)
def test_folder_named_by_the_server_is_never_kept(reader):
    assert not reader.get("/", SCRIPT_NAME="/evil").has_header("ETag")
    assert reader.get("/").has_header("ETag")


@pytest.mark.requirement(37)
def test_session_cookie_is_neither_served_from_nor_stored_in_the_cache(reader):
    staff = Client(headers={"host": "testserver"})
    staff.force_login(make_user())
    page = make_article().get_absolute_url()

    response = reader.get(page, headers={"cookie": staff.cookies.output(header="", sep=";").strip()})

    assert response["Cache-Control"] == "private"
    assert not response.has_header("ETag")
    assert reader.get(page)["Cache-Control"] == "no-cache"


@pytest.mark.requirement(37)
def test_other_methods_pass_by(reader, story):
    for method in ("post", "put", "delete", "options", "patch"):
        getattr(reader, method)(story.get_absolute_url())

    head = reader.head(story.get_absolute_url())

    page = reader.get(story.get_absolute_url())
    assert head["Content-Length"] == page["Content-Length"] == str(len(page.content))
    assert head.content == b""
    assert "Tin đã lưu" in page.content.decode()


def test_requests_that_lead_nowhere_ask_for_nothing_that_others_have_asked_for(
    reader, ranking_kept, django_assert_num_queries
):
    reader.get("/")

    with django_assert_num_queries(ASKED):
        assert reader.post("/khong-co/nua/").status_code == 404


@pytest.mark.requirement(37)
def test_head_before_get_stores_nothing(reader):
    story = make_article()

    reader.head(story.get_absolute_url())

    assert story.headline in reader.get(story.get_absolute_url()).content.decode()


def test_compressed_page_is_the_same_with_the_figures_in_it(reader, story):
    plain = reader.get(story.get_absolute_url())
    packed = reader.get(story.get_absolute_url(), headers={"accept-encoding": "br, gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content)


def test_reader_who_has_the_page_gets_304_and_is_counted(reader, story, settings):
    tag = reader.get(story.get_absolute_url())["ETag"]
    before = views(settings)

    known = reader.get(story.get_absolute_url(), headers={"if-none-match": f'"other", {tag}'})
    unknown = reader.get(story.get_absolute_url(), headers={"if-none-match": 'W/"other"'})

    assert (known.status_code, known.content, known["ETag"]) == (304, b"", tag)
    assert tag.startswith('W/"')
    assert unknown.status_code == 200
    assert views(settings) == before + 2


def views(settings) -> int:
    counter().spool.seal()
    return sum(len(path.read_bytes().splitlines()) for path in settings.VISITS_SPOOL.glob("*.seg"))


@pytest.mark.fault(14)
def test_scheduled_story_appears_at_its_time_and_leaves_at_its_end(reader):
    now = timezone.now()
    make_article(
        headline="Tin hẹn giờ",
        published_at=now + timedelta(minutes=2),
        expires_at=now + timedelta(minutes=4),
    )
    make_article(headline="Cấm đến giờ", embargo_until=now + timedelta(minutes=3))

    def seen(minutes):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            html = reader.get("/").content.decode()
        return "Tin hẹn giờ" in html, "Cấm đến giờ" in html

    assert [seen(0), seen(1.99), seen(2), seen(2.99), seen(3), seen(3.99), seen(4)] == [
        (False, False), (False, False), (True, False), (True, False), (True, True), (True, True), (False, True),
    ]  # fmt: skip


@pytest.mark.fault(14)
def test_page_does_not_outlive_its_day(reader):
    evening = timezone.make_aware(datetime(2031, 5, 1, 23, 59, 30))  # noqa: DTZ001
    with time_machine.travel(evening, tick=False) as clock:
        assert "Thứ Năm, </span>01/05/2031" in reader.get("/").content.decode()
        clock.shift(31)
        assert "Thứ Sáu, </span>02/05/2031" in reader.get("/").content.decode()


def test_missing_page_is_kept_for_seconds(reader, django_assert_num_queries):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        assert reader.get("/khong-co/").status_code == 404
        with django_assert_num_queries(ASKED):
            assert reader.get("/khong-co/?x=1").status_code == 404
        make_section("Không có")
        assert reader.get("/khong-co/").status_code == 200
        clock.shift(6)
        assert reader.get("/khong-co/").status_code == 200


@pytest.mark.requirement(38)
def test_junk_addresses_leave_the_room_of_real_pages_alone(settings, django_assert_num_queries):
    settings.PAGE_CACHE_BYTES = 60_000
    reader, story = Client(headers={"host": "testserver"}), make_article()
    reader.get(story.get_absolute_url())

    for number in range(5):  # 20 kB each
        reader.get(f"/{number}/{'x' * 100}/")

    with django_assert_num_queries(ASKED):
        reader.get(story.get_absolute_url())


def test_pages_of_lists_are_kept_apart_and_odd_numbers_not_at_all(reader):
    section = make_section("Tin hoạt động")
    for _ in range(21):
        make_article(section=section)
    address = section.get_absolute_url()

    first, second = (reader.get(address, {"page": page}).content for page in (1, 2))

    assert first != second
    assert reader.get(f"{address}?x=1&page=2&y=3").content == second
    assert reader.get(f"{address}?page=2&page=1").content == first
    assert [reader.get(address, {"page": odd}).status_code for odd in ("0", "x", "02", "3")] == [404] * 4


def test_search_and_shared_drafts_are_not_kept(reader):
    for query in ("nước sạch", "điện"):
        assert f'value="{query}"' in reader.get("/tim-kiem/", {"q": query}).content.decode()
    assert reader.get("/xem-truoc/abc/")["Cache-Control"] == "no-store"


def test_feed_is_kept_and_says_how_long_others_may_keep_it(reader, story, django_assert_num_queries):
    first = reader.get("/rss/")

    with django_assert_num_queries(ASKED):
        again = reader.get("/rss/")

    assert again.content == first.content
    assert "max-age=60" in again["Cache-Control"]
    assert reader.get("/rss/", headers={"if-none-match": again["ETag"]}).status_code == 304


@pytest.mark.requirement(5)
def test_public_pages_hold_no_token_of_a_form(reader, story):
    for address in ("/", story.get_absolute_url(), "/tim-kiem/", "/khong-co/", "/kenh-rss/"):
        response = reader.get(address)
        assert "csrfmiddlewaretoken" not in response.content.decode()
        assert not response.cookies


@pytest.mark.requirement(37)
@pytest.mark.parametrize(
    ("status", "headers", "cookie", "expected"),
    [
        (200, {}, False, True),
        (404, {}, False, True),
        (410, {}, False, True),
        (301, {}, False, False),
        (500, {}, False, False),
        (206, {}, False, False),
        (200, {"Cache-Control": "no-store"}, False, False),
        (200, {"Cache-Control": "private, max-age=9"}, False, False),
        (200, {"Vary": "Cookie"}, False, False),
        (200, {}, True, False),
    ],
)
def test_only_what_belongs_to_everybody_is_kept(status, headers, cookie, expected):
    response = HttpResponse("x", status=status, headers=headers)
    if cookie:
        response.set_cookie("a", "b")

    assert may_be_kept(response) is expected


def test_room_holds_no_more_bytes_than_it_may_and_drops_what_nobody_asks_for():
    room = Room(10_000)
    pages = [Kept(HttpResponse("x" * 500), number=1, until=0) for _ in range(5)]
    for name, page in zip("abc", pages, strict=False):
        room.put((name,), page)

    room.get(("a",))
    room.put(("d",), pages[3])

    assert room.size <= room.limit
    assert [bool(room.get((name,))) for name in "abcd"] == [True, False, True, True]
    room.put(("large",), Kept(HttpResponse("x" * 20_000), number=1, until=0))
    assert room.get(("large",)) is None


@pytest.mark.parametrize("text", ["", "chữ", "<!--a:b-->", "đầu<!--a:b-->giữa<!--c:d-->", "x" * 70_000])
def test_what_is_filled_in_is_the_same_plain_and_compressed(text):
    page, values = KeptPage(text.encode()), {"a:b": b"1.234", "c:d": b""}

    assert gzip.decompress(page.compressed(values)) == page.plain(values)
    assert page.plain(values).decode() == text.replace("<!--a:b-->", "1.234").replace("<!--c:d-->", "")


def test_page_tells_that_the_database_is_away_and_is_kept_by_nobody():
    morning = timezone.make_aware(datetime(2031, 5, 1, 8, 5)).timestamp()  # noqa: DTZ001
    html = "<header></header><main><!--visits:total--></main>"
    page = Kept(HttpResponse(html), number=1, until=0, made_at=morning)

    response = page.answer_with_note()

    html = response.content.decode()
    assert html.index("Đây là bản lưu lúc 08:05 ngày 01/05/2031") < html.index("<main>")
    assert "<!--visits:total-->" in html  # the counter fills it in
    assert response["Cache-Control"] == "no-store"
    assert not response.has_header("ETag")


@pytest.mark.fault(9)
def test_of_many_who_ask_for_a_cold_page_one_renders_it(settings, rf):
    settings.PAGE_CACHE_BYTES = 4_000_000
    rendered, answers = [], []

    def render(request):
        rendered.append(request.path)
        time.sleep(0.05)  # a page takes its time, in which all the others come
        return HttpResponse("<main>Chữ</main>")

    cache = PageCache(render)
    cache.generation.last = Reading(number=1, changes_at=math.inf, read_at=time.monotonic() + 60)

    def ask():
        answers.append(cache(rf.get("/", headers={"host": "testserver"})).content)

    threads = [threading.Thread(target=ask) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rendered == ["/"]
    assert answers == [b"<main>Ch\xe1\xbb\xaf</main>"] * 100


@pytest.mark.parametrize(
    ("reading_age", "changes_in", "policy", "is_kept"),
    [
        (0.0, math.inf, "default-src 'self'", True),
        (0.7, math.inf, "default-src 'self'", False),  # over before the second is
        (0.0, 0.5, "default-src 'self'", False),  # and so is the page
        (0.0, math.inf, "script-src 'nonce-<!--visits:nonce-->'", False),
    ],
    ids=["fresh", "late", "scheduled change", "nonce"],
)
def test_nginx_keeps_a_page_no_longer_than_the_site(settings, rf, reading_age, changes_in, policy, is_kept):
    settings.PAGE_CACHE_BYTES = 4_000_000
    page = HttpResponse("Tin", headers={"Content-Security-Policy": policy})
    cache = PageCache(lambda request: page)
    request = rf.get("/", headers={"host": "testserver"})
    cache.generation.last = Reading(number=1, changes_at=math.inf, read_at=time.monotonic() + 60)
    with time_machine.travel(datetime(2031, 5, 1, 12, 0, 0, 400_000, tzinfo=UTC), tick=False):
        cache(request)
        assert "X-Accel-Expires" not in cache.kept_answer(request).headers
        settings.VISITS_LOG = "/run/newsportal-views"
        changes_at = time.time() + changes_in
        cache.generation.last = Reading(1, changes_at=changes_at, read_at=time.monotonic() - reading_age)

        told = cache.kept_answer(request).headers.get("X-Accel-Expires")

        assert told == (f"@{math.floor(time.time())}" if is_kept else None)
        tag = cache.kept_answer(request).get("ETag")
        known = rf.get("/", headers={"host": "testserver", "if-none-match": tag})
        assert cache.kept_answer(known).status_code == 304
        assert "X-Accel-Expires" not in cache.kept_answer(known).headers


def test_page_from_before_is_read_while_the_database_goes(settings, rf):
    settings.PAGE_CACHE_BYTES = 4_000_000
    cache = PageCache(lambda request: HttpResponse("Trang đã lưu"))
    cache.generation.last = Reading(number=1, changes_at=math.inf, read_at=time.monotonic() + 60)
    request = rf.get("/", headers={"host": "testserver"})
    cache(request)

    cache.get_response = unavailable
    cache.generation.last = Reading(number=2, changes_at=math.inf, read_at=time.monotonic() + 60)

    assert cache(request).content.decode() == "Trang đã lưu"
    assert cache(rf.get("/kenh-rss/", headers={"host": "testserver"})).status_code == 503
