"""Views, visits and visitors, through pages that readers open."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import Client

from tests.factory import make_article, make_user
from visitors import models
from visitors.models import Day, Salt, StartValue, Visitor

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12:00 in Vietnam


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as travel:
        yield travel


def read(client, path="/", agent=CHROME, **headers):
    return client.get(path, headers={"user-agent": agent, **headers})


def shown_figures(client) -> dict[str, str]:
    html = client.get("/", headers={"user-agent": "curl/8.0"}).content.decode()
    return dict(re.findall(r"<dt>(Tổng số|Trực tuyến|Hôm nay)</dt>\s*<dd[^>]*>([^<]*)</dd>", html))


@pytest.mark.django_db
def test_block_shows_total_online_and_today_grouped_with_dots(client, clock):
    StartValue.objects.create(visits=1_677_389, source="Cổng cũ")
    Day.objects.create(day="2026-11-22", visits=100, views=300, visitors=90)

    read(client)

    assert shown_figures(client) == {"Tổng số": "1.677.490", "Trực tuyến": "1", "Hôm nay": "1"}


@pytest.mark.django_db
def test_a_visit_holds_until_half_an_hour_passes_without_a_view(client, clock):
    for minutes in (0, 30, 29, 31):
        clock.shift(timedelta(minutes=minutes))
        read(client)

    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (4, 2, 1)


@pytest.mark.django_db
def test_views_at_the_same_instant_are_one_visit(client, clock):
    for _ in range(3):
        read(client)

    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (3, 1, 1)


@pytest.mark.django_db
def test_day_changes_at_midnight_in_vietnam(client, clock):
    for moment in (
        datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 23, 17, 0, 0, tzinfo=UTC),
    ):
        clock.move_to(moment)
        read(client)

    assert [(f"{day.day}", day.visits) for day in Day.objects.order_by("day")] == [
        ("2026-11-23", 1),
        ("2026-11-24", 1),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "online"), [(299, "1"), (300, "0")])
def test_online_counts_the_last_five_minutes(client, clock, seconds, online):
    read(client)
    clock.shift(timedelta(seconds=seconds))

    assert shown_figures(client)["Trực tuyến"] == online


@pytest.mark.django_db
def test_other_browser_and_other_address_are_other_visitors(client, clock):
    read(client)
    read(client, agent=FIREFOX)
    client.get("/", headers={"user-agent": CHROME}, REMOTE_ADDR="203.0.113.9")

    assert Day.objects.get().visitors == 3


@pytest.mark.django_db
def test_neither_address_nor_page_is_kept_and_rows_go_after_two_days(client, clock):
    read(client, make_article().get_absolute_url())
    stored = {field.name for field in Visitor._meta.fields}
    assert stored == {"id", "day", "key", "last_seen_at", "views", "visits"}

    for _ in range(2):
        clock.shift(timedelta(days=1))
        read(client)

    days = {"2026-11-24", "2026-11-25"}
    assert {f"{visitor.day}" for visitor in Visitor.objects.all()} == days
    assert {f"{salt.day}" for salt in Salt.objects.all()} == days
    assert Day.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["dnt", "sec-gpc"])
@pytest.mark.parametrize(
    ("referrer", "visits"),
    [("https://zalo.me/", 1), ("http://testserver/", 0)],
    ids=["from elsewhere", "from here"],
)
def test_who_asks_not_to_be_tracked_leaves_no_key(client, header, referrer, visits):
    read(client, **{header: "1", "referer": referrer, "host": "testserver"})

    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (1, visits, 0)
    assert not Visitor.objects.exists()


@pytest.mark.django_db
def test_figures_cost_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        models.public_figures()


@pytest.mark.django_db
def test_page_is_answered_and_dashes_stand_for_figures_when_they_cannot_be_read(client, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(models, "public_figures", fail)
    response = read(client)

    assert response.status_code == 200
    assert "<!--visits:" not in response.content.decode()


@pytest.mark.django_db
def test_length_is_told_after_the_figures_are_in(client):
    response = read(client)

    assert int(response["Content-Length"]) == len(response.content)


@pytest.mark.django_db
def test_reader_gets_no_cookie(client):
    assert not read(client).cookies


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_or_doubled_when_many_read_at_once(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    errors = []

    def reader(number):
        try:
            for view in range(20):
                response = Client().get(
                    "/thong-ke/cach-tinh/",
                    headers={"user-agent": CHROME, "x-forwarded-for": f"203.0.113.{(number + view) % 7}"},
                )
                assert response.status_code == 200
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=reader, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (120, 7, 7)
    assert sum(visitor.views for visitor in Visitor.objects.all()) == 120


@pytest.mark.django_db
def test_staff_are_not_counted(client):
    client.force_login(make_user())

    read(client)

    assert not Day.objects.exists()
