"""The open data interface: what programs are told, that it is no more than readers see, and odd requests."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError
from django.utils import timezone

from articles import workflow
from articles.api import cursors, stories, throttle
from articles.api.parameters import StoryFilters
from articles.models import Article, Attachment, Author, Correction, RelatedLink, Topic
from tests.factory import figure, make_article, make_byline, make_photo, make_section, make_user, picture_file

pytestmark = pytest.mark.django_db

LISTS = ["stories", "sections", "topics", "authors"]


@pytest.fixture(autouse=True)
def own_site(settings, monkeypatch):
    settings.SITE_URL = "https://tin.vi-du.vn"
    monkeypatch.setattr("articles.api.answering.allowance", throttle.Allowance())


def get(client, path, status=200, **query):
    response = client.get(f"/api/v1/{path}", query)
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (status, "application/json")
    return response.json()


def listed(client, **query):
    return [item["id"] for item in get(client, "stories", **query)["items"]]


def followed(client, path, **query):
    """The items of all pages, one after the other."""
    answer = get(client, path, **query)
    yield from answer["items"]
    while answer["next"]:
        assert answer["next"].startswith("https://tin.vi-du.vn/api/v1/")
        parts = urlsplit(answer["next"])
        answer = client.get(f"{parts.path}?{parts.query}").json()
        assert answer["items"]
        yield from answer["items"]


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def test_story_tells_all_that_its_page_shows(client):
    first, second = (
        make_photo(credit="Lê Vân", alt="Hội trường", upload=picture_file(size=(1300, 800))) for _ in "12"
    )
    story = make_article(
        kicker="Hội thi", dateline="Hà Nội", lead_photo=second, source_name="Báo tỉnh", updated_at=timezone.now(),
        section=make_section("Tin cơ sở", parent=make_section()),
        body=f'<p>Mở đầu <a href="/trang/gioi-thieu/">xem</a>.</p>{figure(first, "Quang cảnh sáng nay")}',
    )  # fmt: skip
    story.topics.add(Topic.objects.create(name="Mùa mưa"))
    make_byline(story, "Minh Hà", role="text")
    Correction.objects.create(article=story, text="Số đúng là 75 hộ.")
    Attachment.objects.create(article=story, title="Quyết định", file="attachments/quyet-dinh.pdf", size=4)
    RelatedLink.objects.create(article=story, url="https://bao.vi-du.vn/1", title="Bài trên báo tỉnh")

    answer = get(client, f"stories/{story.pk}")

    assert answer["url"] == f"https://tin.vi-du.vn{story.get_absolute_url()}"
    assert answer["api_url"] == f"https://tin.vi-du.vn/api/v1/stories/{story.pk}"
    assert (answer["headline"], answer["kicker"], answer["lead"]) == (story.headline, "Hội thi", story.lead)
    assert answer["section"]["slug"] == "tin-co-so"
    assert answer["dateline"] == "Hà Nội"
    assert answer["body_text"].startswith("Mở đầu xem.\n")
    assert 'href="https://tin.vi-du.vn/trang/gioi-thieu/"' in answer["body_html"]
    assert f'src="https://tin.vi-du.vn{first.picture.url}"' in answer["body_html"]
    assert "data-photo" not in answer["body_html"]
    assert [photo["url"] for photo in answer["photos"]] == [
        f"https://tin.vi-du.vn{photo.picture.url}" for photo in (second, first)
    ]
    assert [photo["caption"] for photo in answer["photos"]] == ["Quang cảnh hội nghị", "Quang cảnh sáng nay"]
    assert answer["photos"][1]["credit"] == "Lê Vân"
    assert answer["photos"][1]["alt"] == "Hội trường"
    assert answer["photos"][1]["renditions"][0]["type"] == "image/webp"
    assert answer["lead_photo"]["url"] == answer["photos"][0]["url"]
    assert answer["bylines"] == [
        {
            "pen_name": "Minh Hà", "unit": "", "role": "text", "role_name": "Bài", "slug": "minh-ha",
            "url": "https://tin.vi-du.vn/tac-gia/minh-ha/",
        }
    ]  # fmt: skip
    assert answer["topics"][0]["slug"] == "mua-mua"
    assert answer["source"] == {"name": "Báo tỉnh", "url": ""}
    assert answer["corrections"][0]["text"] == "Số đúng là 75 hộ."
    assert answer["attachments"][0]["title"] == "Quyết định"
    assert answer["related"] == [{"title": "Bài trên báo tỉnh", "url": "https://bao.vi-du.vn/1"}]
    assert datetime.fromisoformat(answer["published_at"]).utcoffset() == timedelta(hours=7)


@pytest.mark.requirement(12)
def test_nothing_is_told_that_readers_do_not_see(client, hidden_articles):
    story = make_article(headline="Ai cũng thấy", section=hidden_articles[0].section)
    hidden = [
        *hidden_articles,
        make_article(headline="Cấm vận không ai thấy", embargo_until=timezone.now() + timedelta(hours=1)),
        make_article(headline="Bản sau không ai thấy", status=Article.Status.DRAFT, next_of=story),
        make_article(headline="Thùng rác không ai thấy", status=Article.Status.TRASHED),
    ]
    secret = Topic.objects.create(name="Chủ đề không ai thấy")
    for each in hidden:
        each.topics.add(secret)
        make_byline(each, "Tác giả không ai thấy")
        RelatedLink.objects.create(article=story, target=each)

    answers = [
        *(client.get(f"/api/v1/{name}") for name in [*LISTS, f"stories/{story.pk}"]),
        client.get("/api/v1/stories", {"topic": secret.slug}),
        client.get("/api/v1/stories", {"changed_since": "2000-01-01T00:00:00Z", "order": "oldest"}),
        *(client.get(f"/api/v1/stories/{each.pk}") for each in hidden),
    ]

    assert listed(client) == [story.pk]
    assert "không ai thấy" not in "".join(answer.content.decode() for answer in answers)
    assert [answer.status_code for answer in answers[-len(hidden) :]] == [404, 404, 404, 410, 404, 404, 404]


def test_withdrawn_story_is_gone_with_its_day(client):
    story = make_article(status=Article.Status.WITHDRAWN, withdrawn_at=datetime(2026, 3, 2, 20, tzinfo=UTC),
                         published_at=datetime(2026, 3, 1, tzinfo=UTC))  # fmt: skip

    answer = get(client, f"stories/{story.pk}", 410)

    assert answer == {
        "code": "withdrawn",
        "message": "Tòa soạn đã gỡ tin này ngày 03/03/2026.",
        "withdrawn_at": "2026-03-03T03:00:00+07:00",
    }


def test_stories_are_filtered(client):
    above = make_section("An ninh")
    below = make_article(section=make_section("Cơ sở", parent=above), published_at=days_ago(3))
    filed = make_article(section=above, published_at=days_ago(2))
    other = make_article(section=make_section("Đời sống"), published_at=days_ago(1))
    filed.topics.add(Topic.objects.create(name="Mùa mưa"))
    make_byline(other, "Minh Hà")
    make_byline(other, "Minh Hà", role="photo")
    day = timezone.localtime(filed.published_at).date().isoformat()

    assert listed(client) == [other.pk, filed.pk, below.pk]
    assert listed(client, order="oldest") == [below.pk, filed.pk, other.pk]
    assert listed(client, section="an-ninh") == [filed.pk, below.pk]
    assert listed(client, section="co-so") == [below.pk]
    assert listed(client, topic="mua-mua") == [filed.pk]
    assert listed(client, author="minh-ha") == [other.pk]
    assert listed(client, author="minh-ha", section="an-ninh") == []
    assert listed(client, published_from=day) == [other.pk, filed.pk]
    assert listed(client, published_to=day) == [filed.pk, below.pk]
    assert listed(client, published_from=day, published_to=day) == [filed.pk]


@pytest.mark.parametrize("query", [{}, {"order": "oldest"}, {"changed_since": "2000-01-01T00:00:00Z"}])
def test_pages_hold_every_story_once_though_times_are_equal(client, query):
    Article.objects.bulk_create(
        Article(section=make_section(), headline=f"Tin {n}", slug="tin", status="published", published_at=days_ago(1 + n // 4))
        for n in range(9)
    )  # fmt: skip

    items = list(followed(client, "stories", limit=2, **query))

    expected = Article.objects.order_by("published_at", "id").values_list("pk", flat=True)
    found = [item["id"] for item in items]
    assert found == (list(expected) if query else list(expected)[::-1])


def test_story_that_comes_meanwhile_neither_repeats_nor_hides_another(client):
    old = [make_article(published_at=days_ago(days)) for days in (1, 2, 3)]
    answer = get(client, "stories", limit=2)
    make_article()

    rest = client.get(answer["next"].removeprefix("https://tin.vi-du.vn")).json()

    assert [item["id"] for item in answer["items"] + rest["items"]] == [story.pk for story in old]


def test_changes_are_told_in_their_order(client, settings):
    photo, superuser = make_photo(), make_user(is_superuser=True)
    unchanged, corrected, edited, shown = (
        make_article(body=figure(photo) if n == 3 else "<p>Tin.</p>") for n in range(4)
    )
    make_article(status=Article.Status.DRAFT, published_at=None)
    start = timezone.now().isoformat()

    photo.replace(picture_file())
    workflow.correct(corrected, "Số đúng là 75 hộ.", user=superuser)
    edited.lead = "Sửa một chữ."
    edited.save()

    assert listed(client, changed_since=start) == [shown.pk, corrected.pk, edited.pk]
    workflow.remove_correction(corrected.corrections.get(), user=superuser)
    assert listed(client, changed_since=start) == [shown.pk, edited.pk, corrected.pk]
    changed_at = get(client, f"stories/{corrected.pk}")["changed_at"]
    assert corrected.pk in listed(client, changed_since=changed_at)


def test_scheduled_story_counts_as_changed_when_its_time_comes(client, time_machine):
    story = make_article(published_at=timezone.now() + timedelta(hours=2))
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    since = timezone.now().isoformat()

    assert listed(client, changed_since=since) == []
    time_machine.shift(timedelta(hours=2))
    assert listed(client, changed_since=since) == [story.pk]


def test_sections_topics_and_authors_are_listed_in_pages(client):
    make_section("Cơ sở", parent=make_section("An ninh"), description="Tin của xã.")
    story = make_article(section=make_section("Cơ sở"))
    for number in range(3):
        story.topics.add(Topic.objects.create(name=f"Chủ đề {number}"))
        make_byline(story, f"Tác giả {number}")
    Topic.objects.create(name="Chưa có tin")
    Author.objects.create(pen_name="Chưa viết")

    assert get(client, "sections")["items"] == [
        {"slug": "an-ninh", "name": "An ninh", "description": "", "parent": None, "url": "https://tin.vi-du.vn/an-ninh/"},
        {"slug": "co-so", "name": "Cơ sở", "description": "Tin của xã.", "parent": "an-ninh", "url": "https://tin.vi-du.vn/co-so/"},
    ]  # fmt: skip
    assert [topic["name"] for topic in followed(client, "topics", limit=2)] == [
        "Chủ đề 0",
        "Chủ đề 1",
        "Chủ đề 2",
    ]
    assert [author["pen_name"] for author in followed(client, "authors", limit=2)] == [
        "Tác giả 0",
        "Tác giả 1",
        "Tác giả 2",
    ]


def test_queries_do_not_grow(client, django_assert_num_queries):
    photo = make_photo()
    for _ in range(4):
        story = make_article(section=make_section("An ninh"), body=figure(photo))
        story.topics.add(Topic.objects.get_or_create(name="Mùa mưa")[0])
        make_byline(story, "Minh Hà")
    filters = {"section": "an-ninh", "topic": "mua-mua", "author": "minh-ha"}
    cursor = urlsplit(get(client, "stories", limit=1)["next"]).query.rpartition("=")[2]

    with django_assert_num_queries(1):
        get(client, "stories", cursor=cursor)
    with django_assert_num_queries(4):  # the section and those below it, topic, author, stories
        get(client, "stories", **filters)
    with django_assert_num_queries(2):  # the story with all that belongs to it, photos
        get(client, f"stories/{story.pk}")
    for name in ("sections", "topics", "authors"):
        with django_assert_num_queries(1):
            get(client, name)
    with django_assert_num_queries(2):  # published? once so?
        get(client, "stories/123456789", 404)


ODD = [
    *({"cursor": text} for text in ("", "x", "é", "a" * 10_000, "\x00", "AAAA", "=" * 24, str(10**30))),
    {"cursor": str(cursors.Cursor("t", cursors.EPOCH, 1))},
    {"cursor": str(cursors.Cursor("o", cursors.EPOCH, 1))},
    {"cursor": str(cursors.Cursor("N", cursors.EPOCH, 1)) + "="},
    *({"limit": text} for text in ("0", "101", "-1", "x", "", "9" * 5000, "1\x00")),
    *({name: text} for name in ("section", "topic", "author") for text in ("", "a b", "\x00", "a" * 121, "đ", "' OR 1=1")),
    *({"published_from": text} for text in ("", "0", "2026-13-01", "2026-02-30", "25/11/2026", "20261125", "2026-11-25\x00")),
    *({"changed_since": text} for text in ("", "0", "2026-11-25", "2026-11-25T08:00:00", "9" * 5000, "2026-11-25T25:00:00Z")),
    {"order": "relevance"},
    {"sectoin": "an-ninh"},
    {"x" * 5000: "\x00"},
]  # fmt: skip


def test_odd_parameters_are_refused_in_clear_words(client, django_assert_num_queries):
    for query in ODD:
        with django_assert_num_queries(0):
            answer = get(client, "stories", 400, **query)

        (name,) = query
        expected = {"cursor": "invalid_cursor"}.get(name, "invalid_parameter")
        assert answer["code"] == (expected if name in StoryFilters.model_fields else "unknown_parameter"), (
            query
        )
        assert len(answer["message"]) < 400
        assert "\x00" not in answer["message"]


def test_farthest_times_are_understood(client):
    story = make_article()

    assert listed(client, published_from="0001-01-01", published_to="9999-12-31") == [story.pk]
    assert listed(client, changed_since="0001-01-01T00:00:00+23:59") == [story.pk]
    assert listed(client, changed_since="9999-12-31T23:59:59-23:59") == []
    assert listed(client, changed_since="2024-02-29T08:00:00.123456789+07:00", limit="100") == [story.pk]
    assert listed(client, changed_since="2024-02-29t08:00:00z") == [story.pk]


def test_plus_of_a_time_zone_may_come_as_a_space(client):
    story = make_article()

    response = client.get("/api/v1/stories?changed_since=2024-02-29T08:00:00+07:00")

    assert response.json()["items"][0]["id"] == story.pk


UNKNOWN = [
    "stories/0", "stories/999999999999999999999", f"stories/{'9' * 5000}", "stories/x", "stories/-1", "stories/1/",
    "khong-co", "", "stories/%00", "stories?section=khong-co", "stories?topic=khong-co", "stories?author=khong-co",
]  # fmt: skip


def test_unknown_address_answers_404_as_json(client):
    for path in UNKNOWN:
        response = client.get(f"/api/v1/{path}")

        assert response.status_code == 404, path
        assert set(response.json()) == {"code", "message"}


def test_nothing_can_be_written(client):
    for method in ("post", "put", "patch", "delete", "trace"):
        for path in (*LISTS, "stories/1", "openapi.json", "khong-co"):
            response = getattr(client, method)(f"/api/v1/{path}")

            assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
            assert response.json()["code"] == "method_not_allowed"


def test_unchanged_answer_is_not_sent_again(client):
    make_article()
    first = client.get("/api/v1/stories")

    again = client.get("/api/v1/stories", headers={"if-none-match": first["ETag"]})
    make_article()
    newer = client.get("/api/v1/stories", headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert newer.status_code == 200
    for response in (first, again, newer):
        assert response["Cache-Control"] == "public, max-age=60"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


def test_head_answers_as_get_without_the_body(client):
    make_article()

    head, whole = client.head("/api/v1/stories"), client.get("/api/v1/stories")

    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])


def test_page_of_another_site_may_ask_with_an_etag(client):
    response = client.options("/api/v1/stories", headers={"origin": "https://khac.vi-du.vn"})

    assert response.status_code == 204
    assert response["Access-Control-Allow-Headers"] == "If-None-Match"


def test_whoever_asks_too_often_waits_until_the_minute_is_over(client, settings, time_machine):
    settings.API_REQUESTS_PER_MINUTE = 2
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    time_machine.move_to(datetime(2026, 11, 25, 8, 0, 50, tzinfo=UTC), tick=False)
    ask = lambda address: client.get("/api/v1/sections", headers={"x-forwarded-for": address})  # noqa: E731

    statuses = [ask("203.0.113.5").status_code for _ in range(3)]
    refused, other = ask("203.0.113.5"), ask("203.0.113.6")
    time_machine.shift(10)

    assert statuses == [200, 200, 429]
    assert (refused["Retry-After"], refused["Cache-Control"]) == ("10", "no-store")
    assert refused.json()["code"] == "too_many_requests"
    assert other.status_code == 200
    assert ask("203.0.113.5").status_code == 200


def test_no_limit_where_the_setting_is_zero(client, settings):
    settings.API_REQUESTS_PER_MINUTE = 0

    assert {client.get("/api/v1/sections").status_code for _ in range(130)} == {200}


def test_answers_are_no_views_of_readers(client, settings):
    story = make_article()
    etag = client.get("/api/v1/stories")["ETag"]

    client.get(f"/api/v1/stories/{story.pk}", headers={"user-agent": "Mozilla/5.0 Firefox/140.0"})
    client.get("/api/v1/stories", headers={"if-none-match": etag})
    client.get("/api/v1/khong-co")

    assert not settings.VISITS_SPOOL.exists()


def test_database_that_is_away_is_told_as_json(client, monkeypatch):
    def fail(*arguments):
        raise OperationalError("connection refused")

    monkeypatch.setattr(stories, "listed", fail)

    response = client.get("/api/v1/stories")

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response.json()["code"] == "unavailable"


@pytest.mark.requirement(47)
def test_own_mistake_is_told_as_json(client, monkeypatch):
    monkeypatch.setattr(stories, "listed", None)
    client.raise_request_exception = False

    response = client.get("/api/v1/stories")

    assert response.status_code == 500
    assert response.json()["code"] == "server_error"


def test_page_and_description_tell_of_every_address(client):
    page = client.get("/api/").content.decode()
    description = get(client, "openapi.json")

    assert description["servers"] == [{"url": "https://tin.vi-du.vn"}]
    assert set(description["paths"]) == {f"/api/v1/{name}" for name in [*LISTS, "stories/{id}"]}
    for path in description["paths"]:
        assert f"GET {path}" in page
    assert "Chỉ những tin đăng hoặc thay đổi" in page
    assert "Chỉ những tin đăng hoặc thay đổi" in json.dumps(description, ensure_ascii=False)
    assert 'href="/api/"' in client.get("/").content.decode()
    assert "<script>" not in page
    assert " style=" not in page
