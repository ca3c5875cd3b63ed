"""Sitemaps and robots.txt: valid, complete, and without anything that readers do not see."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from articles.models import Article, Author, Correction, Topic
from newsportal.models import SiteIdentity
from tests.factory import figure, make_article, make_byline, make_photo, make_section
from tests.schemas import checked

pytestmark = pytest.mark.django_db

SITE = "https://tin.vi-du.vn"
SPACES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}
NOON = datetime(2024, 5, 20, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = SITE


def read(client, address):
    """The file, once it keeps the schema of the protocol and what no schema tells."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    root = checked("sitemap", response.content)
    assert len(root) <= 50_000
    assert all(location.startswith(f"{SITE}/") for location in locations(root))
    assert len(set(locations(root))) == len(root)
    return root


def locations(root):
    return root.xpath("*/s:loc/text()", namespaces=SPACES)


def paths(client, address):
    return [location.removeprefix(SITE) for location in locations(read(client, address))]


def test_index_names_the_months_with_news_by_local_time(client):
    make_article(published_at=datetime(2023, 12, 31, 18, tzinfo=UTC))  # 1 January in Vietnam
    make_article(published_at=datetime(2021, 6, 15, tzinfo=UTC))
    make_article(published_at=datetime(2021, 6, 16, tzinfo=UTC))

    names = paths(client, "/sitemap.xml")

    assert names == ["/sitemap-trang.xml", "/sitemap-thang-2024-01.xml", "/sitemap-thang-2021-06.xml"]
    assert [len(paths(client, name)) for name in names[1:]] == [1, 2]


def test_index_of_a_new_site_is_valid(client):
    assert paths(client, "/sitemap.xml") == ["/sitemap-trang.xml"]


def test_index_costs_as_little_with_many_months(client, django_assert_num_queries):
    for year in range(2015, 2024):
        make_article(published_at=datetime(year, 3, 1, tzinfo=UTC))

    # Whether there are English pages, whether there is today's news, and the months.
    with django_assert_num_queries(1 + 2):
        client.get("/sitemap.xml")


def test_month_has_its_stories_with_photos_and_last_change(client, django_assert_num_queries):
    lead, in_text = make_photo(), make_photo()
    story = make_article(published_at=NOON, lead_photo=lead, body=figure(in_text))
    corrected = make_article(published_at=NOON - timedelta(days=1))
    Correction.objects.create(article=corrected, text="Đã sửa.", made_at=NOON)
    make_article(published_at=NOON - timedelta(days=31))

    with django_assert_num_queries(1):
        client.get("/sitemap-thang-2024-05.xml")
    root = read(client, "/sitemap-thang-2024-05.xml")

    assert locations(root) == [SITE + each.get_absolute_url() for each in (story, corrected)]
    assert root.xpath("*/s:lastmod/text()", namespaces=SPACES) == ["2024-05-20T12:00:00+07:00"] * 2
    assert root.xpath("//image:loc/text()", namespaces=SPACES) == [
        SITE + photo.file.url for photo in (lead, in_text)
    ]


@pytest.mark.parametrize(
    "month", ["0001-01", "9999-12", "2024-00", "2024-13", "2024-1", "2099-12", "2024-04"]
)
def test_month_without_news_answers_404(client, month):
    make_article(published_at=NOON)

    assert client.get(f"/sitemap-thang-{month}.xml").status_code == 404


def test_december_ends_with_the_year(client):
    story = make_article(published_at=datetime(2023, 12, 31, 16, 59, tzinfo=UTC))

    assert paths(client, "/sitemap-thang-2023-12.xml") == [story.get_absolute_url()]


def test_news_sitemap_has_the_last_two_days(client):
    SiteIdentity.objects.create(name="Cổng tin <A & B>")
    with time_machine.travel(NOON, tick=False):
        story = make_article(headline="Tin < & >", published_at=NOON - timedelta(hours=47))
        make_article(published_at=NOON - timedelta(hours=49))

        root = read(client, "/sitemap-tin-moi.xml")

        assert "/sitemap-tin-moi.xml" in paths(client, "/sitemap.xml")
    assert locations(root) == [SITE + story.get_absolute_url()]
    assert root.findtext(".//news:name", namespaces=SPACES) == "Cổng tin <A & B>"
    assert root.findtext(".//news:title", namespaces=SPACES) == "Tin < & >"
    assert root.findtext(".//news:publication_date", namespaces=SPACES) == "2024-05-18T13:00:00+07:00"


def test_pages_are_those_with_something_to_read(client, hidden_articles):
    story = make_article(section=make_section("An ninh"))
    story.topics.add(Topic.objects.create(name="Mùa mưa"))
    make_byline(story, "Minh Hà")
    make_byline(hidden_articles[0], "Chưa ai biết")
    hidden_articles[0].topics.add(Topic.objects.create(name="Chưa ai hay"))

    found = paths(client, "/sitemap-trang.xml")

    assert Author.objects.count() == 2
    assert found[0] == "/"
    assert {"/an-ninh/", "/chu-de/mua-mua/", "/tac-gia/minh-ha/"} <= set(found)
    assert [path for path in found if "chua-ai" in path] == []


@pytest.mark.requirement(12)
def test_stories_that_readers_do_not_see_are_in_no_sitemap(client, hidden_articles):
    now = timezone.now()
    story = make_article()
    hidden = [
        *hidden_articles,
        make_article(embargo_until=now + timedelta(hours=1)),
        make_article(status=Article.Status.DRAFT, next_of=story, published_at=now - timedelta(hours=1)),
    ]

    found = [path for name in paths(client, "/sitemap.xml") for path in paths(client, name)]

    assert found.count(story.get_absolute_url()) == 2  # in its month, and as news
    assert {each.get_absolute_url() for each in hidden}.isdisjoint(found)


def test_hidden_stories_make_no_month(client):
    make_article(published_at=NOON, status=Article.Status.WITHDRAWN)

    assert paths(client, "/sitemap.xml") == ["/sitemap-trang.xml"]


def test_second_request_is_answered_304(client):
    make_article(published_at=NOON)

    first = client.get("/sitemap-thang-2024-05.xml")

    again = client.get("/sitemap-thang-2024-05.xml", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_robots_are_led_to_the_sitemap_and_away_from_what_is_no_page(client):
    response = client.get("/robots.txt", headers={"host": "testserver"})

    lines = response.content.decode().splitlines()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert lines[0] == "User-agent: *"
    assert [line for line in lines if line.startswith("Disallow:")] == [
        "Disallow: /admin/", "Disallow: /tim-kiem/", "Disallow: /en/tim-kiem/", "Disallow: /xem-truoc/",
    ]  # fmt: skip
    assert lines[-1] == f"Sitemap: {SITE}/sitemap.xml"
