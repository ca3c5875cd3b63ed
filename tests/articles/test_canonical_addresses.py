"""Whatever stands behind the question mark, search engines meet one address for each page."""

import re

import pytest
from django.contrib.flatpages.models import FlatPage

from articles import listing
from articles.models import Topic
from tests.factory import make_article, make_byline, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(monkeypatch):
    """Addresses of all kinds of pages, the lists with a second page."""
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    topic = Topic.objects.create(name="Mùa mưa")
    for _ in range(3):
        story = make_article(section=make_section("An ninh"))
        story.topics.add(topic)
        make_byline(story)
    FlatPage.objects.create(url="/gioi-thieu/", title="Giới thiệu", content="").sites.add(1)
    day = story.published_at.astimezone().strftime("/luu-tru/%Y/%m/")
    lists = ["/an-ninh/", topic.get_absolute_url(), "/tac-gia/minh-ha/", day]
    single = [
        "/", story.get_absolute_url(), "/luu-tru/", "/so-do-trang/", "/kenh-rss/", "/dinh-chinh/", "/thong-ke/cach-tinh/",
        "/trang/gioi-thieu/",
    ]  # fmt: skip
    return {"lists": lists, "single": single}


def test_spam_in_the_query_is_in_no_link_of_any_page(client, pages):
    for address in pages["lists"] + pages["single"]:
        html = client.get(address, {"x": "spam", "utm": "spam"}).content.decode()

        assert "spam" not in html, address
        assert f'<link rel="canonical" href="http://testserver{address}">' in html


def test_page_of_a_list_is_its_own_canonical_address(client, pages):
    for address in pages["lists"]:
        html = client.get(address, {"x": "spam", "page": "2"}).content.decode()

        assert f'<link rel="canonical" href="http://testserver{address}?page=2">' in html
        assert "spam" not in html
        # The first page has one address, not two.
        assert re.findall(r'<a class="pagination__number" href="([^"]+)"', html) == [
            address,
            f"{address}?page=2",
        ]


@pytest.mark.parametrize("number", ["0", "-1", "1000000", "abc", "1e3", "１", "9" * 5000])
def test_odd_page_is_not_found_in_any_list(client, pages, number):
    lists = [*pages["lists"], "/dinh-chinh/"]

    assert {client.get(address, {"page": number}).status_code for address in lists} == {404}


def test_pages_of_a_search_keep_what_was_asked_and_nothing_else(client, pages, monkeypatch):
    monkeypatch.setattr("articles.views.PER_PAGE", 2)

    html = client.get(
        "/tim-kiem/", {"q": "bờ sông", "section": "an-ninh", "sort": "date", "x": "spam"}
    ).content.decode()

    assert 'href="/tim-kiem/?q=b%E1%BB%9D+s%C3%B4ng&amp;section=an-ninh&amp;sort=date&amp;page=2"' in html
    assert "spam" not in html
    odd = [
        client.get("/tim-kiem/", {"q": "bờ sông", "page": page})
        for page in ("0", "-1", "1000000", "abc", "9" * 5000)
    ]
    assert {response.status_code for response in odd} == {200}


def test_list_is_cut_off_at_its_limit_and_leads_to_the_archive(client, pages, monkeypatch):
    monkeypatch.setattr(listing, "LISTED", 2)

    html = client.get("/an-ninh/").content.decode()

    assert "pagination__number" not in html
    assert '<p class="pagination__end"><a href="/luu-tru/">' in html
    assert client.get("/an-ninh/", {"page": "2"}).status_code == 404
