"""The report of who wrote what: counts, amounts, files, and who may see it."""

import io
import zipfile
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Assignment, Byline, RoyaltyRate
from tests.factory import figure, make_article, make_byline, make_photo, make_section, make_user
from tests.visitors.readers import CHROME, read, ship

pytestmark = pytest.mark.django_db
REPORT = reverse("admin:articles_authorship_changelist")
TODAY = {"period": "this-month"}
Role, Genre = Byline.Role, Article.Genre


@pytest.fixture
def publisher(client):
    user = make_user("Xuất bản")
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def mid_month(time_machine):
    time_machine.move_to("2026-11-20 10:00+07:00", tick=False)


def sums_by_name(client, **params):
    context = client.get(REPORT, {**TODAY, **params}).context
    return {sums.name: sums for sums in context["authors"]}


def rate(role, per_story=0, *, genre="", per_photo=0):
    return RoyaltyRate.objects.create(role=role, genre=genre, per_story=per_story, per_photo=per_photo)


def csv_of(client, **params):
    response = client.get(reverse("admin:articles_authorship_export", args=["csv"]), {**TODAY, **params})
    return b"".join(response.streaming_content).decode()


def test_author_counts_stories_words_photos_and_views(client, publisher):
    story = make_article(lead="Một hai ba.", body="<p>Bốn năm</p>" + figure(make_photo(), "sáu bảy"))
    make_byline(story, "Minh Hà", Role.TEXT_AND_PHOTO)
    make_byline(story, "Đức Thắng", Role.PHOTO)
    client.logout()
    read(client, story.get_absolute_url(), CHROME)
    ship()
    client.force_login(publisher)

    sums = sums_by_name(client)

    hà, thắng = sums["Minh Hà"], sums["Đức Thắng"]
    assert (hà.stories, hà.words, hà.photos, hà.views) == (1, 7, 1, 1)
    assert (thắng.stories, thắng.words, thắng.photos) == (1, 0, 1)


def test_amount_follows_the_rate_of_genre_and_role(client, publisher):
    rate(Role.TEXT, 100_000)
    rate(Role.TEXT, 300_000, genre=Genre.INTERVIEW)
    rate(Role.PHOTO, 10_000, per_photo=50_000)
    news = make_article(body="<p>Chữ</p>" + figure(make_photo()) + figure(make_photo()))
    make_byline(news, "Hà", Role.TEXT)
    make_byline(news, "Thắng", Role.PHOTO)
    make_byline(make_article(genre=Genre.INTERVIEW), "Hà", Role.TEXT)

    sums = sums_by_name(client)

    assert sums["Hà"].amount == 400_000
    assert sums["Thắng"].amount == 110_000


def test_those_who_sign_in_the_same_role_share_and_nothing_is_lost(client, publisher):
    rate(Role.TEXT, 100_000)
    story = make_article()
    for order, name in enumerate(("Hà", "Thắng", "Lan")):
        make_byline(story, name, Role.TEXT, order=order)

    sums = sums_by_name(client)

    assert {name: each.amount for name, each in sums.items()} == {
        "Hà": 33_334,
        "Thắng": 33_333,
        "Lan": 33_333,
    }
    # Nor by looking at one of them.
    assert sums_by_name(client, role="text")["Lan"].amount == 33_333


def test_one_author_in_two_roles_has_one_story_and_both_amounts(client, publisher):
    rate(Role.TEXT, 100_000)
    rate(Role.PHOTO, 50_000)
    story = make_article(lead="Một hai.", body="<p>Ba.</p>")
    make_byline(story, "Hà", Role.TEXT)
    make_byline(story, "Hà", Role.PHOTO)

    hà = sums_by_name(client)["Hà"]

    assert (hà.stories, hà.words, hà.amount) == (1, 3, 150_000)


def test_withdrawn_story_counts_and_is_not_paid(client, publisher):
    rate(Role.TEXT, 100_000)
    story = make_article(status=Article.Status.WITHDRAWN)
    make_byline(story, "Hà", Role.TEXT)

    response = client.get(REPORT, {**TODAY, "author": story.bylines.get().author_id})

    assert response.context["total"].amount == 0
    assert response.context["total"].withdrawn == 1
    assert "Đã gỡ, không tính nhuận bút" in response.content.decode()


def test_missing_rate_is_told(client, publisher):
    make_byline(make_article(), "Hà", Role.TRANSLATED)

    assert "Tin – Người dịch" in client.get(REPORT, TODAY).content.decode()


def test_story_that_nobody_signs_stands_last(client, publisher):
    make_article()
    make_byline(make_article(), "Hà")

    assert [sums.name for sums in client.get(REPORT, TODAY).context["authors"]] == ["Hà", ""]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, {"tháng trước"}),
        ({"period": "this-month"}, {"tháng này"}),
        ({"period": "this-quarter"}, {"tháng này", "tháng trước"}),
        ({"period": "last-quarter"}, {"quý trước"}),
        ({"period": "this-year"}, {"tháng này", "tháng trước", "quý trước"}),
        ({"from": "2026-10-31", "to": "2026-10-31"}, {"tháng trước"}),
    ],
    ids=["none chosen", "month", "quarter", "quarter before", "year", "a day"],
)
def test_story_belongs_to_the_period_of_its_publication(client, publisher, params, expected):
    hour = timedelta(hours=1)
    now = timezone.localtime()
    first = now.replace(day=1, hour=0, minute=0)
    for name, moment in {
        "tháng này": first,
        "tháng trước": first - hour,
        "quý trước": now.replace(month=9, day=30, hour=23),
        "năm trước": now.replace(year=2025, month=12, day=31, hour=23),
        "sắp tới": now + hour,
    }.items():
        make_byline(make_article(published_at=moment), name)
    make_byline(make_article(status=Article.Status.DRAFT), "nháp")

    assert {sums.name for sums in client.get(REPORT, params).context["authors"]} == expected


@pytest.mark.parametrize(
    "params", [{"from": "2026-11-02", "to": "2026-11-01"}, {"from": "hôm qua"}, {"period": "ngàn năm"}]
)
def test_period_that_makes_no_sense_is_told(client, publisher, params):
    response = client.get(REPORT, params)

    assert response.status_code == 400
    assert 'class="errornote"' in response.content.decode()
    export = reverse("admin:articles_authorship_export", args=["xlsx"])
    assert client.get(export, params).status_code == 404


def test_choices_narrow_the_report_and_nonsense_narrows_nothing(client, publisher):
    section = make_section("An ninh")
    inside = make_article(section=make_section("Trật tự", parent=section), genre=Genre.INTERVIEW)
    make_byline(inside, "Hà", Role.TEXT)
    make_byline(make_article(), "Thắng", Role.PHOTO)

    for params in ({"section": section.pk}, {"role": "text"}, {"genre": "interview"}):
        assert set(sums_by_name(client, **params)) == {"Hà"}
    for params in (
        {"section": "x"},
        {"section": "9" * 30},
        {"role": "x"},
        {"genre": "x"},
        {"author": "\x00"},
    ):
        assert set(sums_by_name(client, **params)) == {"Hà", "Thắng"}


def test_report_ends_at_the_sections_of_the_person(client, publisher):
    mine = make_section("An ninh")
    Assignment.objects.create(user=publisher).sections.add(mine)
    make_byline(make_article(section=mine), "Hà")
    make_byline(make_article(), "Thắng")

    assert set(sums_by_name(client)) == {"Hà"}
    assert "Thắng" not in csv_of(client)


@pytest.mark.requirement(42)
def test_files_have_every_row_and_no_formula(client, publisher):
    make_byline(make_article(headline="=1+1"), "@Hà")

    csv = csv_of(client)
    response = client.get(reverse("admin:articles_authorship_export", args=["xlsx"]), TODAY)
    book = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))

    assert "'=1+1" in csv
    assert "'@Hà" in csv
    sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2
    assert not any("<f>" in book.read(name).decode() for name in sheets)
    assert "=1+1" in "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert 'filename="nhuan-but-2026-11-01-2026-11-20.xlsx"' in response["Content-Disposition"]


def test_report_asks_as_often_for_many_stories_as_for_one(client, publisher, django_assert_max_num_queries):
    for number in range(6):
        make_byline(make_article(), f"Tác giả {number}")

    # Session, account, rights and sections of the person; stories, photos, bylines, rates; three for views;
    # sections and identity of the page.
    with django_assert_max_num_queries(18):
        client.get(REPORT, TODAY)


def test_empty_report_says_so(client, publisher):
    assert "Không có tin nào đăng trong khoảng thời gian này" in client.get(REPORT).content.decode()


def test_words_follow_the_saved_text(client, publisher):
    story = make_article(lead="Một hai.", body="<p>Ba bốn.</p>")
    assert story.words == 4

    story.body = "<p>Ba.</p>"
    story.save(update_fields=["body"])
    story.refresh_from_db()
    assert story.words == 3


def test_words_of_stories_from_before_are_counted_as_saving_counts_them():
    story = make_article(lead="Một  hai.", body="<p>Ba bốn.</p><p>– Năm</p>")
    Article.objects.update(words=0)

    with connection.cursor() as cursor:
        cursor.execute(import_module("articles.migrations.0013_count_words").COUNT)

    assert Article.objects.get().words == story.words == 6


def test_rates_are_kept_by_administrators(client, publisher):
    rates = reverse("admin:articles_royaltyrate_changelist")
    assert client.get(rates).status_code == 403
    client.force_login(make_user("Quản trị"))
    row = rate(Role.TEXT, 100_000)

    client.post(
        rates,
        {
            "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": row.pk,
            "form-0-per_story": 120_000, "form-0-per_photo": 0, "_save": "1",
        },
    )  # fmt: skip

    row.refresh_from_db()
    assert row.per_story == 120_000
