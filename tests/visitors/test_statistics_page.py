"""The page of statistics in the admin, its files, and the figures beside stories."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factory import make_article, make_byline, make_section, make_user
from visitors.models import Day, Gap, Hour, Label, LabelDay, LabelMonth, Note

from .readers import PHONE, read, ship

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/visitors/day/"


@pytest.fixture
def reviewer(client):
    client.force_login(make_user("Xem thống kê"))
    return client


def count(kind, text, *, days_ago=1, views=0, visits=0):
    today = timezone.localdate()
    label, _new = Label.objects.get_or_create(kind=kind, text=text, defaults={"added_on": today})
    LabelDay.objects.create(label=label, day=today - timedelta(days=days_ago), views=views, visits=visits)
    return label


def make_day(days_ago, **figures):
    return Day.objects.create(day=timezone.localdate() - timedelta(days=days_ago), **figures)


def page(client, **params):
    return client.get(ADDRESS, params).content.decode()


def rows_of(html, title) -> list[tuple[str, str]]:
    """The texts and figures of a table on the page."""
    section = html[html.index(f"<h3>{title}</h3>") :].split("</section>")[0]
    cells = re.findall(r'ranking__text">(.*?)<svg.*?ranking__figure">([^<]*)<', section, re.DOTALL)
    return [(re.sub(r"<[^>]+>", "", text).strip(), figure) for text, figure in cells]


def test_new_site_has_a_page_without_figures(reviewer):
    html = page(reviewer)

    assert "Khoảng thời gian này chưa có lượt nào." in html
    assert "Lúc này chưa có ai đọc." in html
    assert "chưa có số liệu" in html


def test_page_shows_sums_and_their_change(reviewer):
    make_day(2, visits=1500, views=3000, visitors=1200, one_view_visits=750, seconds=180_000, peak_online=49)
    make_day(9, visits=1000, views=4000, visitors=1200)

    html = page(reviewer, period="7-days")

    for text in (
        "1.500",
        "+50%",
        "3.000",
        "−25%",
        "1.200",
        "+0%",
        "50% lượt chỉ xem một trang",
        "cao nhất 49",
    ):
        assert text in html


def test_today_is_compared_with_the_same_hours_of_yesterday(reviewer):
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    if now.hour == 0:
        now = now.replace(hour=1)
    midnight = now.replace(hour=0)
    make_day(0, visits=30)
    Hour.objects.create(begins_at=midnight, visits=20, views=1)
    Hour.objects.create(begins_at=midnight - timedelta(days=1), visits=10, views=1)
    Hour.objects.create(begins_at=midnight - timedelta(hours=1), visits=999, views=1)

    html = page(reviewer, period="today")

    assert ("+100%" in html) == (timezone.localtime().hour > 0)


def test_series_fills_in_what_nobody_read(reviewer):
    make_day(3, visits=5, views=7, visitors=4)

    html = page(reviewer, period="7-days")

    table = html[html.index("<tbody>") : html.index("</tbody>")]
    assert table.count("<tr>") == 7
    assert table.count("<td>0</td>") == 18


@pytest.mark.parametrize(("period", "rows"), [("yesterday", 24), ("30-days", 30)])
def test_series_has_a_row_for_each_hour_or_day(reviewer, period, rows):
    html = page(reviewer, period=period)

    assert html[html.index("<tbody>") : html.index("</tbody>")].count("<tr>") == rows


def test_tables_tell_stories_sections_authors_and_sources(reviewer):
    flood, party = make_section("Cảnh báo"), make_section("Tin hoạt động")
    first = make_article(headline="Lũ lên nhanh", section=flood)
    second = make_article(headline="Họp giao ban", section=party)
    make_byline(first, "Minh Hà")
    make_byline(second, "Đức Thắng")
    make_byline(second, "Minh Hà")
    count("page", f"article:{first.pk}", views=1200, visits=700)
    count("page", f"article:{second.pk}", views=300, visits=10)
    count("page", "article:999999", views=5)
    count("page", "home", views=50, visits=900)
    count("page", "section:canh-bao", views=40)
    count("channel", "social", visits=600)
    count("referrer", "Zalo", visits=400)
    count("device", "phone", views=1, visits=1100)
    count("bot", "Googlebot", views=88)
    count("excluded", "staff", views=9)
    count("not_found", "/wp-login.php", views=31)

    html = page(reviewer, period="yesterday")

    assert rows_of(html, "Tin bài") == [
        ("Lũ lên nhanh", "1.200"), ("Họp giao ban", "300"), ("Tin đã xóa (999999)", "5"),
    ]  # fmt: skip
    assert rows_of(html, "Chuyên mục")[:2] == [("Cảnh báo", "1.200"), ("Tin hoạt động", "300")]
    assert rows_of(html, "Tác giả") == [("Minh Hà", "1.500"), ("Đức Thắng", "300")]
    assert rows_of(html, "Trang vào đầu tiên")[0] == ("Trang chủ", "900")
    assert ("Cảnh báo", "40") in rows_of(html, "Trang khác")
    assert rows_of(html, "Lượt truy cập đến từ đâu") == [("Mạng xã hội", "600")]
    assert rows_of(html, "Trang web giới thiệu") == [("Zalo", "400")]
    assert rows_of(html, "Thiết bị") == [("Điện thoại", "1.100")]
    assert rows_of(html, "Máy tìm kiếm và chương trình tự động") == [("Googlebot", "88")]
    assert rows_of(html, "Lượt xem không tính và lý do") == [("Cán bộ đã đăng nhập", "9")]
    assert rows_of(html, "Địa chỉ không tìm thấy") == [("/wp-login.php", "31")]


def test_whole_months_are_counted_once_when_they_are_summed_up(reviewer):
    today = timezone.localdate()
    first = (today.replace(day=1) - timedelta(days=65)).replace(day=1)
    label = Label.objects.create(kind="referrer", text="Zalo", added_on=first)
    LabelDay.objects.create(label=label, day=first, views=0, visits=10)
    LabelMonth.objects.create(label=label, month=first, views=0, visits=10)
    LabelDay.objects.create(label=label, day=today - timedelta(days=1), views=0, visits=3)

    whole = page(reviewer, **{"from": first, "to": today})
    part = page(reviewer, **{"from": first, "to": first + timedelta(days=5)})

    assert rows_of(whole, "Trang web giới thiệu") == [("Zalo", "13")]
    assert rows_of(part, "Trang web giới thiệu") == [("Zalo", "10")]


def test_number_of_queries_does_not_grow_with_the_figures(reviewer):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            page(reviewer, period="30-days")
        return len(captured)

    def grow(number):
        article = make_article()
        make_byline(article, f"Tác giả {number}")
        count("page", f"article:{article.pk}", views=number + 1)
        count("referrer", f"trang-{number}.vn", visits=number + 1)
        make_day(number, visits=1)

    grow(1)
    page(reviewer)
    few = queries()
    for number in range(2, 30):
        grow(number)

    assert queries() == few


def test_notes_and_gaps_stand_under_the_chart(reviewer):
    yesterday = timezone.now() - timedelta(days=1)
    make_day(1, visits=1)
    Note.objects.create(day=timezone.localdate(yesterday), text="Lũ trên sông")
    Gap.objects.create(
        id="6f0c7c1e1f6b4f0e9a1f3f1e2d3c4b5a", machine="web1", began_at=yesterday, ended_at=yesterday,
        reason="disk", views=1234,
    )  # fmt: skip

    html = page(reviewer, period="7-days")

    assert "Lũ trên sông" in html
    assert "Ổ đĩa đầy; thiếu lượt xem." in html
    assert "1.234" in html


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"from": "2026-11-20", "to": "2026-11-01"}, "hãy đổi lại hai ngày"),
        ({"from": "1900-01-01", "to": "2026-11-01"}, "trước năm 2000"),
    ],
)
def test_senseless_period_is_told_without_a_long_query_and_stays_typed(reviewer, params, sentence):
    with CaptureQueriesContext(connection) as captured:
        response = reviewer.get(ADDRESS, params)

    html = response.content.decode()
    assert response.status_code == 400
    assert sentence in html
    assert f'value="{params["from"]}"' in html
    assert not any("visitors_labelday" in query["sql"] for query in captured.captured_queries)


def test_live_part_tells_what_is_read_now(reviewer, client):
    article = make_article(headline="Đang đọc tin này")
    reader = type(client)()
    read(reader, article.get_absolute_url(), agent=PHONE)
    ship()

    html = reviewer.get("/admin/visitors/day/live/").content.decode()

    assert "Đang đọc tin này" in html
    assert "1 lượt xem; 1 người đang trực tuyến" in html
    assert "số liệu đến" in html


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}live/", f"{ADDRESS}export/referrer.csv"])
def test_figures_are_for_those_with_the_right(client, address):
    client.force_login(make_user("Người viết"))
    assert client.get(address).status_code == 403

    client.logout()
    assert client.get(address).status_code == 302


def test_every_table_can_be_had_as_csv_and_xlsx(reviewer):
    html = page(reviewer)
    count("referrer", "Zalo", visits=3)
    exports = set(
        re.findall(r'href="(/admin/visitors/day/export/[^"?]+)', page(reviewer, period="yesterday"))
    )

    assert "/admin/visitors/day/export/series.csv" in html
    assert {f"{ADDRESS}export/referrer.csv", f"{ADDRESS}export/referrer.xlsx"} <= exports
    for address in exports:
        response = reviewer.get(address)
        assert response.status_code == 200
        assert b"".join(response.streaming_content)


def test_csv_is_streamed_and_read_by_excel(reviewer):
    count("referrer", "báo Hương Giang", visits=3)

    response = reviewer.get(f"{ADDRESS}export/referrer.csv", {"period": "yesterday"})
    content = b"".join(response.streaming_content).decode()

    assert content.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(content[1:]))) == [
        ["Trang web giới thiệu", "Lượt truy cập"],
        ["báo Hương Giang", "3"],
    ]
    assert re.search(r'filename="thong-ke-referrer-[0-9-]+\.csv"', response["Content-Disposition"])


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("http://x")']


@pytest.mark.requirement(42)
def test_files_hold_no_formula(reviewer):
    for number, text in enumerate(HOSTILE):
        count("not_found", text, views=number + 1)
    query = {"period": "yesterday"}

    lines = b"".join(reviewer.get(f"{ADDRESS}export/not_found.csv", query).streaming_content).decode()
    book = b"".join(reviewer.get(f"{ADDRESS}export/not_found.xlsx", query).streaming_content)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()

    texts = [row[0] for row in csv.reader(io.StringIO(lines[1:]))][1:]
    assert len(texts) == len(HOSTILE)
    assert all(text.startswith("'") for text in texts)
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


@pytest.mark.parametrize(
    "address", ["export/nothing.csv", "export/referrer.pdf", "export/series.csv?period=x"]
)
def test_unknown_file_is_not_found(reviewer, address):
    assert reviewer.get(f"{ADDRESS}{address}").status_code == 404


def test_hostile_texts_are_shown_as_texts(reviewer):
    count("not_found", "/<script>alert(1)</script>", views=1)

    assert "<script>alert(1)" not in page(reviewer, period="yesterday")


def test_stories_are_listed_with_their_views(client):
    client.force_login(make_user("Xuất bản"))
    article, unread = make_article(), make_article()
    count("page", f"article:{article.pk}", views=1500)
    count("page", f"article:{article.pk}", days_ago=30, views=1000)

    listed = client.get(reverse("admin:articles_article_changelist")).content.decode()
    form = client.get(reverse("admin:articles_article_change", args=[article.pk])).content.decode()
    unread_form = client.get(reverse("admin:articles_article_change", args=[unread.pk])).content.decode()

    assert "2.500" in listed
    assert "2.500 tất cả, 1.500 trong 7 ngày qua" in form
    assert "Chưa có lượt xem." in unread_form


def test_home_page_names_what_was_read_most_this_week(client):
    old, second, first = (make_article(headline=name) for name in ("Tin cũ", "Tin thứ hai", "Tin đọc nhiều"))
    hidden = make_article(headline="Tin đã gỡ", status="withdrawn")
    for article, views, days_ago in ((old, 99, 8), (second, 5, 2), (first, 7, 0), (hidden, 50, 1)):
        count("page", f"article:{article.pk}", views=views, days_ago=days_ago)

    html = client.get("/").content.decode()

    box = html[html.index("Đọc nhiều") :].split("</section>")[0]
    assert re.findall(r"Tin [^<]+", box) == ["Tin đọc nhiều", "Tin thứ hai"]


def test_troubles_are_told_on_the_desk(client, settings):
    client.force_login(make_user(is_superuser=True))
    assert "TRUSTED_PROXIES" not in client.get("/admin/").content.decode()

    settings.VISITS_SPOOL.mkdir()
    (settings.VISITS_SPOOL / "one-address").touch()

    assert "TRUSTED_PROXIES" in client.get("/admin/").content.decode()
    assert "TRUSTED_PROXIES" in client.get(ADDRESS).content.decode()
