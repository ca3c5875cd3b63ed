"""Views, visits and visitors, through pages that readers open."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factory import make_article, make_user
from visitors.models import Day, Gap, Hour, ImportedTotal, LabelDay, MinutePage, Salt, Total, Visitor

from .conftest import NOON
from .readers import BOT, CHROME, FIREFOX, PHONE, read, ship, shown_figures

pytestmark = pytest.mark.django_db
MIDNIGHT = timezone.localtime(NOON).replace(hour=0) + timedelta(days=1)


def counts(kind) -> dict[str, tuple[int, int]]:
    rows = LabelDay.objects.filter(label__kind=kind).values_list("label__text", "views", "visits")
    return {text: (views, visits) for text, views, visits in rows}


def test_block_shows_total_online_and_today_grouped_with_dots(client, clock):
    ImportedTotal.objects.create(amount=1_677_389, source="Cổng cũ")

    read(client)
    ship()

    assert shown_figures(client) == {"Tổng số": "1.677.390", "Trực tuyến": "1", "Hôm nay": "1"}


def test_block_can_show_views_instead_of_visits(client, clock, settings):
    settings.VISITS_PUBLIC_FIGURE = "views"

    read(client)
    read(client)
    ship()

    assert shown_figures(client) == {"Tổng số": "2", "Trực tuyến": "1", "Hôm nay": "2"}


def test_dashes_stand_for_figures_before_anything_was_shipped(client):
    assert set(shown_figures(client).values()) == {"–"}


def test_a_visit_holds_until_half_an_hour_passes_without_a_view(client, clock):
    for minutes in (0, 30, 29, 31):
        clock.shift(timedelta(minutes=minutes))
        read(client)
        ship()

    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (4, 2, 1)


@pytest.mark.parametrize("ships", ["after each view", "once"])
def test_one_view_visits_and_reading_time_do_not_depend_on_when_views_are_shipped(client, clock, ships):
    for minutes in (0, 10, 5, 45, 0, 60):
        clock.shift(timedelta(minutes=minutes))
        read(client)
        if ships == "after each view":
            ship()
    ship()

    day = Day.objects.get()
    assert (day.visits, day.one_view_visits, day.seconds) == (3, 1, 15 * 60)


def test_views_at_the_same_instant_are_one_visit(client, clock):
    for _ in range(3):
        read(client)
    ship()

    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (3, 1, 1)


def test_total_is_the_sum_of_days_hours_pages_and_visitors(client, clock):
    for minutes in range(0, 240, 7):
        clock.shift(timedelta(minutes=minutes % 41))
        read(client, ["/", "/thong-ke/cach-tinh/"][minutes % 2], agent=[CHROME, FIREFOX, PHONE][minutes % 3])
        if minutes % 3 == 0:
            ship()
    ship()

    total = Total.objects.get()
    for rows in (Day.objects.all(), Hour.objects.all(), LabelDay.objects.filter(label__kind="page")):
        assert sum(row.views for row in rows) == total.views == 35
        assert sum(row.visits for row in rows) == total.visits
    assert sum(visitor.views for visitor in Visitor.objects.all()) == 35
    assert sum(visitor.visits for visitor in Visitor.objects.all()) == total.visits


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_day_changes_at_midnight_in_vietnam_whatever_the_machine_thinks(client, clock, zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    for moment in (MIDNIGHT - timedelta(milliseconds=1), MIDNIGHT):
        clock.move_to(moment)
        read(client)
    ship()

    assert list(Day.objects.order_by("day").values_list("day", "visits")) == [
        (NOON.date(), 1),
        (NOON.date() + timedelta(days=1), 1),
    ]
    assert [timezone.localtime(hour.begins_at).hour for hour in Hour.objects.order_by("begins_at")] == [23, 0]


def test_view_of_yesterday_that_is_shipped_today_lands_on_yesterday(client, clock):
    read(client)
    clock.shift(timedelta(days=1))
    ship()

    assert Day.objects.get().day == NOON.date()
    assert shown_figures(client)["Hôm nay"] == "0"


@pytest.mark.parametrize(("milliseconds", "online"), [(299_999, "1"), (300_000, "0")])
def test_online_counts_the_last_five_minutes(client, clock, milliseconds, online):
    read(client)
    clock.shift(timedelta(milliseconds=milliseconds))
    ship()

    assert shown_figures(client)["Trực tuyến"] == online


@pytest.mark.fault(14)
def test_reader_at_midnight_is_online_once(client, clock):
    for moment in (MIDNIGHT - timedelta(minutes=1), MIDNIGHT + timedelta(minutes=1)):
        clock.move_to(moment)
        read(client)
        read(client, agent=FIREFOX)
        ship()

    assert shown_figures(client)["Trực tuyến"] == "2"
    assert Day.objects.get(day=MIDNIGHT.date()).visitors == 2


def test_online_is_a_dash_and_the_sums_stand_still_while_nothing_is_shipped(client, clock):
    read(client)
    ship()

    clock.shift(timedelta(minutes=6))
    assert shown_figures(client) == {"Tổng số": "1", "Trực tuyến": "–", "Hôm nay": "1"}
    clock.shift(timedelta(days=1))
    assert shown_figures(client) == {"Tổng số": "1", "Trực tuyến": "–", "Hôm nay": "–"}


def test_other_browser_and_other_address_are_other_visitors(client, clock):
    read(client)
    read(client, agent=FIREFOX)
    read(client, address="203.0.113.9")
    ship()

    assert Day.objects.get().visitors == 3


def test_households_of_one_ipv6_network_are_one_visitor(client, clock):
    read(client, address="2001:db8:1:2::5")
    read(client, address="2001:db8:1:2:ffff::9")
    ship()

    assert Day.objects.get().visitors == 1


def test_neither_address_nor_page_is_kept_with_a_visitor_and_salts_go_after_two_days(client, clock, settings):
    read(client, make_article().get_absolute_url())
    spooled = b"".join(path.read_bytes() for path in settings.VISITS_SPOOL.iterdir())
    ship()

    assert {field.name for field in Visitor._meta.fields} == {
        "pk", "day", "key", "first_seen", "last_seen", "visits", "views", "visit_views",
        "window_began", "window_views", "is_moved",
    }  # fmt: skip
    assert b"203.0.113" not in spooled
    clock.shift(timedelta(days=2))
    read(client)
    ship()
    assert {salt.day - NOON.date() for salt in Salt.objects.all()} == {timedelta(days=n) for n in (1, 2, 3)}
    assert len((settings.VISITS_SPOOL / "salts").read_text().splitlines()) <= 3


@pytest.mark.parametrize("header", ["dnt", "sec-gpc"])
@pytest.mark.parametrize(
    ("referrer", "visits"),
    [("https://zalo.me/", 1), ("http://testserver/", 0)],
    ids=["from elsewhere", "from here"],
)
def test_who_asks_not_to_be_followed_leaves_no_key(client, clock, header, referrer, visits):
    read(client, **{header: "1", "referer": referrer, "host": "testserver"})
    ship()

    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (1, visits, 0)
    assert not Visitor.objects.exists()


def test_suspect_pace_is_kept_apart_from_the_start_and_until_it_rests(client, clock):
    for _ in range(70):
        clock.shift(timedelta(seconds=1))
        read(client)
    ship()
    day = Day.objects.get()
    assert (day.views, day.visits, day.suspects) == (60, 1, 10)
    assert counts("excluded") == {"suspect": (10, 0)}
    assert shown_figures(client)["Trực tuyến"] == "0"

    clock.shift(timedelta(minutes=6))
    read(client)
    ship()
    assert Day.objects.get().views == 61


def test_what_is_left_out_is_told_with_its_reason(client, clock, admin_client):
    read(client, agent=BOT)
    read(client, **{"sec-purpose": "prefetch"})
    read(client, **{"sec-fetch-dest": "iframe"})
    read(client, **{"x-requested-with": "XMLHttpRequest"})
    read(client, "/khong-co-trang-nay/")
    read(admin_client)
    ship()

    day = Day.objects.get()
    assert (day.views, day.visits, day.bots) == (0, 0, 1)
    assert counts("excluded") == dict.fromkeys(
        ["bot", "prefetch", "not-document", "script", "not-found", "staff"], (1, 0)
    )
    assert counts("bot") == {"Googlebot": (1, 0)}
    assert counts("not_found") == {"/khong-co-trang-nay/": (1, 0)}


def test_visit_is_told_by_where_it_came_from_and_with_what(client, clock):
    article = make_article()

    read(client, article.get_absolute_url(), agent=PHONE, referer="https://l.facebook.com/l.php?u=x")
    read(client, "/", agent=PHONE, referer="http://testserver/", host="testserver")
    ship()

    assert counts("channel") == {"social": (0, 1)}
    assert counts("referrer") == {"Facebook": (0, 1)}
    assert counts("device") == {"phone": (2, 1)}
    assert counts("browser") == {"Chrome": (2, 1)}
    assert counts("system") == {"Android": (2, 1)}
    assert counts("page") == {f"article:{article.pk}": (1, 1), "home": (1, 0)}


def test_article_keeps_its_figures_when_its_address_changes(client, clock):
    article = make_article()
    read(client, article.get_absolute_url())
    article.slug = "dia-chi-moi"
    article.save()
    read(client, article.get_absolute_url())
    ship()

    assert counts("page") == {f"article:{article.pk}": (2, 1)}


def test_made_up_addresses_cannot_fill_the_database(client, clock, monkeypatch):
    monkeypatch.setattr("visitors.storing.NEW_LABELS", 5)
    for number in range(20):
        read(client, f"/bia-dat-{number}/")
        if number % 8 == 0:
            ship()
    ship()

    not_found = counts("not_found")
    assert len(not_found) == 6
    assert not_found["(other)"] == (15, 0)


def test_live_minutes_hold_an_hour(client, clock):
    read(client)
    ship()
    clock.shift(timedelta(minutes=61))
    read(client)
    ship()

    assert MinutePage.objects.count() == 1


def test_anonymous_page_with_the_block_costs_no_query_of_the_counter(client, clock, settings):
    read(client)  # the page's own queries, told by another test, are the same with and without the counter
    with CaptureQueriesContext(connection) as counted:
        read(client)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "visitors" not in name]
    with CaptureQueriesContext(connection) as plain:
        type(client)().get("/", headers={"user-agent": CHROME})

    assert len(counted) == len(plain)


def test_length_is_told_after_the_figures_are_in(client):
    response = read(client)

    assert int(response["Content-Length"]) == len(response.content)


@pytest.mark.requirement(5)
def test_reader_gets_no_cookie(client):
    assert not read(client).cookies


def test_staff_are_not_counted(client, clock):
    client.force_login(make_user())

    read(client)
    ship()

    assert Day.objects.get().views == 0


def test_clock_that_ran_ahead_counts_at_the_time_of_storing_and_is_told(client, clock):
    clock.move_to(datetime(2199, 1, 1, tzinfo=NOON.tzinfo))
    read(client)
    clock.move_to(NOON)
    ship()
    clock.shift(timedelta(seconds=1))
    ship()

    assert Day.objects.get().day.year < 2190
    assert [(gap.reason, gap.views) for gap in Gap.objects.all()] == [("clock", 1)]
