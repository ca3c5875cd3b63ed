"""The desk: what each person finds there, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import workflow
from articles.models import Article, Assignment, NewsroomSettings
from tests.factory import figure, make_article, make_photo, make_section, make_user
from visitors.models import Label, LabelDay

pytestmark = pytest.mark.django_db
DESK = reverse("admin:index")
Status = Article.Status


def unpublished(status=Status.DRAFT, **fields):
    return make_article(**{"status": status, "published_at": None, **fields})


@pytest.fixture
def desk(client):
    """The lists of a person's desk by their headings, each the text of its rows."""

    def desk(user) -> dict[str, str]:
        client.force_login(user)
        html = client.get(DESK).content.decode()
        sections = re.findall(r'<section class="desk__.*?<h2[^>]*>(.*?)</h2>(.*?)</section>', html, re.S)
        return {re.sub(r"<a .*", "", heading, flags=re.S).strip(): rows for heading, rows in sections}

    return desk


def test_writer_finds_own_drafts_and_what_was_returned_with_the_reason(desk):
    writer, editor = make_user("Người viết"), make_user("Biên tập", first_name="Thắng", last_name="Trần Đức")
    unpublished(headline="Nháp của tôi", created_by=writer)
    unpublished(headline="Nháp của người khác")
    returned = unpublished(Status.IN_REVIEW, headline="Bị trả lại", created_by=writer)
    workflow.take(workflow.STEPS["return"], returned, user=editor, reason="Thiếu số liệu")

    lists = desk(writer)

    assert "Nháp của tôi" in lists["Của tôi"]
    assert "Nháp của người khác" not in "".join(lists.values())
    assert "Bị trả lại" not in lists["Của tôi"]
    for words in ("Bị trả lại", "Thiếu số liệu", "Trần Đức Thắng"):
        assert words in lists["Trả lại cho tôi"]
    assert "Chờ tôi duyệt" not in lists


def test_reviewer_finds_only_what_may_be_reviewed(desk):
    publisher = make_user("Xuất bản")
    section, other = make_section("An ninh"), make_section("Thông báo")
    Assignment.objects.create(user=publisher).sections.add(section)
    unpublished(Status.IN_REVIEW, headline="Của chuyên mục", section=section)
    unpublished(Status.IN_REVIEW, headline="Chuyên mục khác", section=other)
    unpublished(Status.IN_REVIEW, headline="Tự gửi", section=section, created_by=publisher)

    assert "Tự gửi" in desk(publisher)["Chờ tôi duyệt"]
    NewsroomSettings.objects.create(four_eyes=True)
    waiting = desk(publisher)["Chờ tôi duyệt"]

    assert "Của chuyên mục" in waiting
    assert "Chuyên mục khác" not in waiting
    assert "Tự gửi" not in waiting


def test_week_shows_each_story_on_the_day_when_readers_see_it(desk):
    noon = timezone.localtime().replace(hour=12, minute=5, second=0, microsecond=0)
    make_article(headline="Ngày mai", published_at=noon + timedelta(days=1))
    make_article(
        headline="Giữ tin", published_at=noon - timedelta(days=1), embargo_until=noon + timedelta(days=3)
    )
    make_article(headline="Tháng sau", published_at=noon + timedelta(days=30))

    week = desk(make_user("Biên tập"))["Hẹn giờ"]

    days = re.split(r"<time datetime=\"([\d-]+)\"", week)
    found = dict(zip(days[1::2], days[2::2], strict=True))
    assert len(found) == 7
    assert "Ngày mai" in found[str((noon + timedelta(days=1)).date())]
    assert "12:05" in found[str((noon + timedelta(days=3)).date())]
    assert "Giữ tin" in found[str((noon + timedelta(days=3)).date())]
    assert "Tháng sau" not in week


def test_today_shows_what_came_out_and_what_is_read(desk, time_machine):
    time_machine.move_to(timezone.localtime().replace(hour=15, minute=0))
    story = make_article(headline="Mới ra sáng nay")
    make_article(headline="Hôm qua", published_at=timezone.now() - timedelta(days=1))
    label = Label.objects.create(kind="page", text=f"article:{story.pk}", added_on=timezone.localdate())
    LabelDay.objects.create(label=label, day=timezone.localdate(), views=1234, visits=900)

    lists = desk(make_user("Biên tập"))

    assert "Mới ra sáng nay" in lists["Đã đăng hôm nay"]
    assert "Hôm qua" not in lists["Đã đăng hôm nay"]
    assert "1.234 lượt xem" in lists["Đọc nhiều hôm nay"]


def test_what_is_to_be_mended_is_named_with_its_first_point(desk):
    editor, writer = make_user("Biên tập"), make_user("Người viết")
    photo = make_photo(caption="", upload=None)
    make_article(headline="Thiếu sapo", lead="", body=f"<p>Chữ</p>{figure(photo)}")
    make_article(headline="Đã lâu", lead="", published_at=timezone.now() - timedelta(days=8))

    lists = desk(editor)

    assert "Chưa có sapo." in lists["Cần sửa"]
    assert "Đã lâu" not in lists["Cần sửa"]
    assert reverse("admin:articles_photo_change", args=[photo.pk]) in lists["Ảnh chưa có chú thích"]
    assert "Thiếu sapo" not in desk(writer)["Cần sửa"]  # not one's own to mend


def test_empty_desk_says_so(desk):
    lists = desk(make_user("Xuất bản"))

    assert "Không có tin nào bị trả lại." in lists["Trả lại cho tôi"]
    assert "Hôm nay chưa có lượt xem nào." in lists["Đọc nhiều hôm nay"]
    assert "Không có gì phải sửa." in lists["Cần sửa"]


def test_desk_asks_the_same_however_many_stories_there_are(client, django_assert_max_num_queries):
    editor = make_user("Xuất bản")
    Assignment.objects.create(user=editor).sections.add(make_section())
    client.force_login(editor)
    for number in range(4):
        unpublished(created_by=editor)
        unpublished(Status.RETURNED, created_by=editor)
        unpublished(Status.IN_REVIEW, body=figure(make_photo()))
        make_article(lead="")
        make_article(published_at=timezone.now() + timedelta(days=number + 1))

    # session, user, two for permissions, the person's sections; own, waiting, steps, scheduled, out today; to
    # mend: stories and four for their checks; photos, most read, notices and how many are unread,
    # texts not saved yet, identity
    with django_assert_max_num_queries(21):
        client.get(DESK)
