import io
import os
import time
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import finding
from articles.models import Article, MissedSearch, Topic, searches
from tests.factory import figure, make_article, make_byline, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/tim-kiem/"


@pytest.mark.parametrize(
    "query", ["cong an tinh", "CÔNG AN", "tỉnh công", unicodedata.normalize("NFD", "Công an tỉnh")]
)
def test_marks_capitals_and_order_make_no_difference(client, query):
    story = make_article(headline="Công an tỉnh ra quân bảo đảm trật tự")
    make_article(headline="Người lái đò chở học trò qua sông")

    response = client.get(ADDRESS, {"q": query})

    assert list(response.context["page"]) == [story]


def test_words_are_found_whole_and_not_as_parts_of_others(client):
    story = make_article(headline="Công an, dân quân cùng ra quân", lead="")
    make_article(headline="Văn bản mới về công khai ngân sách", lead="")

    response = client.get(ADDRESS, {"q": "công an"})

    assert list(response.context["page"]) == [story]


def test_the_very_words_in_the_headline_come_first_then_the_newest(client):
    now = timezone.now()
    words_apart = make_article(headline="An toàn công trình", lead="", published_at=now)
    in_lead = make_article(headline="Ra quân", lead="Công an phường", published_at=now - timedelta(days=1))
    older, newer = (
        make_article(kicker="Chuyện nghề", headline="Công an xã", published_at=now - timedelta(days=days))
        for days in (3, 2)
    )

    response = client.get(ADDRESS, {"q": "cong  an"})

    assert list(response.context["page"]) == [newer, older, in_lead, words_apart]


def test_very_marks_come_first_even_from_the_text(client):
    folded = make_article(headline="Mùa chế biến", lead="", body="")
    exact = make_article(
        headline="Trên đồi mây",
        lead="",
        body="<p>Bà con hái chè.</p>",
        published_at=timezone.now() - timedelta(9),
    )

    assert _found(client, q="chè") == [exact, folded]
    assert _found(client, q="che") == [folded, exact]


def test_phrases_stand_together_and_minus_leaves_out(client):
    together = make_article(headline="Công an phường", lead="")
    apart = make_article(headline="An toàn công trình", lead="")

    assert _found(client, q="“công an”") == [together]
    assert _found(client, q="công an -trình") == [together]
    assert _found(client, q="công an -trinh") == [together]
    assert _found(client, q="công an -trính") == [together, apart]
    assert _found(client, q="-công") == []


@pytest.mark.parametrize("query", ["sương", "biên tập viên", "hạ lan", "bão lũ", '"đò ngang"'])
def test_finds_what_stands_beside_the_text(client, query, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        story = make_article(body=figure(make_photo(), "Sương trên đò ngang"), kicker="Biên tập viên kể")
        make_byline(story, "Hạ Lan")
        story.topics.add(Topic.objects.create(name="Bão lũ"))
    make_article()

    assert _found(client, q=query) == [story]


def test_new_names_of_authors_and_topics_are_found(client, django_capture_on_commit_callbacks):
    story = make_article()
    author, topic = make_byline(story, "Hạ Lan").author, Topic.objects.create(name="Bão lũ")
    story.topics.add(topic)

    with django_capture_on_commit_callbacks(execute=True):
        author.pen_name = "Mộc Miên"
        author.save()
        topic.name = "Hạn mặn"
        topic.save()

    assert _found(client, q="mộc miên hạn mặn") == [story]


def test_rebuilding_finds_stories_that_were_stored_without_words(client):
    story = make_article(headline="Mưa sao băng")
    Article.objects.update(search_document=None, search_recipe=1)
    assert _found(client, q="sao băng") == []

    call_command("rebuild_search", "--missing", stdout=io.StringIO())

    assert _found(client, q="sao băng") == [story]


def test_filters_narrow_by_section_author_and_period(client):
    parent = make_section("Tin hoạt động")
    below = make_section("Tin cơ sở", parent=parent)
    new = make_article(headline="Mưa", section=below, published_at=datetime(2026, 5, 1, 1, tzinfo=UTC))
    old = make_article(
        headline="Mưa", section=make_section("Cảnh báo"), published_at=datetime(2025, 3, 2, tzinfo=UTC)
    )
    author = make_byline(old).author
    old.save()

    assert _found(client, q="mưa") == [new, old]
    assert _found(client, q="mưa", section=parent.slug) == [new]
    assert _found(client, q="mưa", author=author.slug) == [old]
    assert _found(client, q="mưa", **{"from": "2025", "to": "2025"}) == [old]
    assert _found(client, q="mưa", **{"from": "2026-05-01", "to": "01/05/2026"}) == [new]
    assert _found(client, q="mưa", to="2026-04-30") == [old]


def test_order_by_date_leaves_the_place_of_the_words_aside(client):
    best = make_article(headline="Mưa lớn", published_at=timezone.now() - timedelta(days=3))
    newest = make_article(headline="Nắng", lead="Hết mưa.")

    assert _found(client, q="mưa") == [best, newest]
    assert _found(client, q="mưa", sort="date") == [newest, best]


def test_nothing_found_offers_the_nearest_spelling(client):
    make_article(headline="Công an tỉnh ra quân")

    html = client.get(ADDRESS, {"q": "coong an"}).content.decode()

    assert 'href="/tim-kiem/?q=c%C3%B4ng%20an"' in html


def test_every_page_offers_the_search(client):
    assert f'action="{reverse("articles:search")}"' in client.get("/").content.decode()


def test_pages_keep_the_query(client):
    for _ in range(21):
        make_article()

    html = client.get(ADDRESS, {"q": "ra quân"}).content.decode()

    assert f'href="{ADDRESS}?q=ra+qu%C3%A2n&amp;page=2"' in html


def test_nothing_found_says_so_and_keeps_the_words(client):
    html = client.get(ADDRESS, {"q": '"><script>không có'}).content.decode()

    assert 'class="empty"' in html
    assert "&quot;&gt;&lt;script&gt;không có" in html


@pytest.mark.parametrize("query", ["", "   ", None])
def test_without_words_the_page_asks_for_some(client, query):
    response = client.get(ADDRESS, {} if query is None else {"q": query})

    assert response.status_code == 200
    assert response.context["page"] is None


@pytest.mark.parametrize("query", ["%", "_", "\\", "[", ".*", "\x00", "zq " * 5000])
def test_odd_input_finds_nothing(client, query):
    make_article(headline="Ra quân làm sạch bờ sông", lead="", body="")

    response = client.get(ADDRESS, {"q": query})

    assert response.status_code == 200
    assert not response.context["page"] or list(response.context["page"]) == []


BAD_INPUT = {
    "long": "công an " * 1250,
    "signs": "!@#$%^&*()_+-=[]{};':,./<>?" * 5,
    "operators": "& | ! <-> <2> :* :A ( ) ' \\ ''' !!a &&b |c d:* 'e' <-> -",
    "quotes": '"""“”\'`´" -" -"-',
    "emoji": "🎉👩‍👩‍👧‍👦 🇻🇳",
    "scripts": "新闻 ข่าว новости أخبار समाचार 뉴스 ᠮᠣᠩᠭᠣᠯ ﷺ İıſßŉ",
    "sql": "'; DROP TABLE articles_article; -- ' OR '1'='1",
    "controls": "\x00\x01\u202e\ufeff\uffffa\x00b",
    "marks": "a" + "\u0301" * 190,
    "word": "ữ" * 200,
    "twenty": '"a b c d e f g h i j" -k -l m n o p q r s t u v',
    "nested quotes": '"công "an "' * 500,
    "tags": '<b class="công">' * 500,
}


@pytest.mark.requirement(41)
def test_bad_input_is_answered_at_once_among_many_stories(client):
    """By readers, by programs and by the desk; the stories hold what is asked for."""
    story = make_article(headline="Công an tỉnh, 新闻 новости a b c d e f g h i j k l m n o p q r s t u v")
    make_alike(story, 2000)
    client.get(ADDRESS)  # templates are read
    desk = Client()
    desk.force_login(make_user(is_superuser=True))
    asked = {name: (client, ADDRESS, {"q": query}) for name, query in BAD_INPUT.items()}
    many = [story.section_id] * 500
    asked["500 sections"] = (client, ADDRESS, {"q": "công an", "section": many, "author": many})
    for name in ("articles_article_link_choices", "articles_photo_choices", "articles_author_changelist"):
        for query in ("long", "nested quotes", "twenty"):
            asked[f"{name}, {query}"] = (desk, reverse(f"admin:{name}"), {"q": BAD_INPUT[query]})
    desk.get(reverse("admin:articles_author_changelist"))
    failed = {}

    for name, (who, address, query) in asked.items():
        start = seconds_of_work()
        response = who.get(address, query)
        if (took := seconds_of_work() - start) > 0.2 or response.status_code not in (200, 302):
            failed[name] = response.status_code, took

    assert failed == {}


def seconds_of_work():
    """Of this process and of the database's for it: the clock on the wall tells how busy the machine is."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
    except FileNotFoundError:  # on another machine
        return time.process_time()
    return time.process_time() + sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf(
        "SC_CLK_TCK"
    )


def make_alike(story, count):
    """Copies of a row, which the database makes by itself."""
    names = ", ".join(f'"{field.column}"' for field in Article._meta.concrete_fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO articles_article ({names}) SELECT {names} FROM articles_article, generate_series(1, %s)"
            " WHERE id = %s",
            [count, story.pk],
        )


@pytest.mark.parametrize("page", ["0", "-1", "1000000", "abc", "9" * 5000, "²", ""])
def test_pages_that_are_not_there_show_one_that_is(client, page):
    story = make_article()

    assert _found(client, q="ra quân", page=page) == [story]


@pytest.mark.parametrize(
    "value", ["", "xyz", "\x00", "0001-01-01", "9999-12-31", "31/02/2026", "2026-13-01", "9" * 999]
)
def test_filters_that_mean_nothing_are_as_if_not_there(client, value):
    story = make_article()

    found = _found(
        client, q="ra quân", section=value, author=value, sort=value, **{"from": value, "to": value}
    )

    assert found == [story]


def test_searches_without_result_are_noted_once_and_without_private_numbers(client, monkeypatch):
    monkeypatch.setattr(searches, "MOST_MISSED", 2)
    make_article()
    for query in (
        "trung thu",
        "ra quân",
        "Trung thu",
        "0912 345 678",
        "a@b.vn",
        "đèn kéo quân",
        "đèn ông sao",
    ):
        client.get(ADDRESS, {"q": query})

    assert list(MissedSearch.objects.values_list("words", "count")) == [("trung thu", 2), ("đèn ông sao", 1)]


def test_only_reading_is_allowed(client):
    assert client.post(ADDRESS, {"q": "công an"}).status_code == 405


def test_more_than_a_thousand_are_not_counted(client, monkeypatch):
    monkeypatch.setattr(finding, "COUNTED", 2)
    for _number in range(4):
        make_article()

    response = client.get(ADDRESS, {"q": "ra quân"})

    assert response.context["has_more"]
    assert len(response.context["page"]) == 2


@pytest.mark.requirement(12)
def test_draft_scheduled_expired_and_withdrawn_are_not_found(client, hidden_articles):
    next_of = make_article(headline="Tin đã đăng")
    make_article(
        headline="Bản sau không ai thấy", status=Article.Status.DRAFT, published_at=None, next_of=next_of
    )
    make_article(headline="Chưa tới giờ không ai thấy", embargo_until=timezone.now() + timedelta(hours=1))

    response = client.get(ADDRESS, {"q": "không ai thấy"})

    assert list(response.context["page"]) == []


def test_query_count(client, django_assert_num_queries):
    for _ in range(3):
        make_article(lead_photo=make_photo())

    # The limit in time within its savepoint (3), the matches of the last months, as they are few those of all years,
    # their order, the stories, the authors to choose from.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(3 + 5 + 4):
        client.get(ADDRESS, {"q": "ra quan"})


def _found(client, **wanted):
    return list(client.get(ADDRESS, wanted).context["page"])
