import re
from datetime import UTC, datetime

import pytest
import time_machine

from tests.factory import make_article

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)  # ten in the morning in Vietnam


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


def at(*moment, **fields):
    return make_article(published_at=datetime(*moment, tzinfo=UTC), **fields)


def statuses(client, *addresses):
    return [client.get(f"/luu-tru/{address}").status_code for address in addresses]


def test_story_stands_under_its_vietnamese_year_month_and_day(client):
    story = at(2025, 12, 31, 17, 30)  # half past midnight on New Year's Day
    other = at(2026, 2, 1, 3)

    pages = {
        address: client.get(f"/luu-tru/{address}")
        for address in ("2026/", "2026/01/", "2026/01/01/", "2026/02/")
    }

    assert [list(page.context["page"]) for page in pages.values()] == [
        [other, story],
        [story],
        [story],
        [other],
    ]
    assert statuses(client, "2025/", "2025/12/31/") == [404, 404]
    assert 'href="/luu-tru/2026/01/01/"' in client.get(story.get_absolute_url()).content.decode()


def test_calendar_links_the_days_with_stories_and_tells_how_many(client):
    at(2026, 11, 24, 3)
    at(2026, 11, 24, 4)

    html = client.get("/luu-tru/2026/11/").content.decode()

    days = r'<a class="calendar__day[^>]*href="([^"]+)"[^>]*><span class="visually-hidden">([^<]+)<'
    assert re.findall(days, html) == [("/luu-tru/2026/11/24/", "Ngày 24/11/2026: 2 tin")]
    assert html.count('scope="col"') == 7
    assert '<span class="calendar__day" aria-current="date">25</span>' in html


def test_months_lead_to_the_nearest_ones_with_stories(client):
    for month in (1, 6, 11):
        at(2026, month, 10)

    html = client.get("/luu-tru/2026/06/").content.decode()

    steps = re.findall(r'class="calendar__step[^"]*" href="([^"]+)" rel="(\w+)"', html)
    assert steps == [("/luu-tru/2026/01/", "prev"), ("/luu-tru/2026/11/", "next")]


def test_years_and_months_with_stories_are_listed(client):
    at(2024, 5, 10)
    at(2026, 11, 10)

    html = client.get("/luu-tru/").content.decode()

    assert re.findall(r'href="(/luu-tru/\d[^"]+)"', html) == [
        "/luu-tru/2026/", "/luu-tru/2026/11/", "/luu-tru/2024/", "/luu-tru/2024/05/"
    ]  # fmt: skip


def test_empty_day_between_the_first_story_and_today_says_so_and_is_not_indexed(client):
    at(2026, 5, 10)

    response = client.get("/luu-tru/2026/11/24/")

    html = response.content.decode()
    assert 'class="empty"' in html
    assert '<meta name="robots" content="noindex">' in html
    assert statuses(client, "2026/11/25/", "2026/07/") == [200, 200]


def test_periods_that_cannot_have_news_are_not_found(client):
    at(2026, 2, 10)

    never = [
        "2026/11/26/", "2026/12/", "2027/", "2026/01/31/", "2025/",  # to come, and before the first story
        "0001/", "9999/", "0001/01/01/", "9999/12/31/", "2026/13/", "2026/00/", "2026/02/31/", "2026/2/", "26/",
        "xyz/", "2026/02/10/1/", "²026/",
    ]  # fmt: skip
    assert set(statuses(client, *never)) == {404}


def test_archive_of_a_new_site_is_a_page(client):
    assert 'class="empty"' in client.get("/luu-tru/").content.decode()
    assert statuses(client, "2026/", "2026/11/") == [404, 404]


def test_hidden_stories_are_not_counted(client, hidden_articles):
    at(2026, 11, 2)

    html = client.get("/luu-tru/2026/11/").content.decode()

    assert html.count("calendar__day--filled") == 1
    assert [article for article in hidden_articles if article.headline in html] == []


def test_story_of_a_mistyped_year_is_shown_and_breaks_no_list(client):
    story = at(202, 5, 10)

    assert [client.get(address).status_code for address in (story.get_absolute_url(), "/luu-tru/", "/sitemap.xml")] == [
        200, 200, 200
    ]  # fmt: skip


def test_query_count(client, django_assert_num_queries):
    for day in range(1, 22):
        at(2026, 11, day)

    # The months, days of the month, which stories, the stories.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(4 + 4):
        response = client.get("/luu-tru/2026/11/?page=2")

    assert len(response.context["page"]) == 1
