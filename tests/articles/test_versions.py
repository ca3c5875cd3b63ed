"""Older versions in the admin: list, names, comparison, page, bringing one back; the trash."""

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import versions
from articles.models import Article, ArticleVersion, Assignment, Attachment, HistoryEntry, Section, Topic
from tests.articles.test_article_admin import LIST, begin_next, change_url, form_data, take
from tests.factory import figure, make_article, make_byline, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db
Status, Kind = Article.Status, ArticleVersion.Kind


def url(name, story, *args):
    return reverse(f"admin:articles_article_{name}", args=[story.pk, *args])


def page(client, name, story, *args, **query):
    return client.get(url(name, story, *args), query).content.decode()


@pytest.fixture
def publisher(client):
    user = make_user("Xuất bản", last_name="Trần", first_name="Hà")
    client.force_login(user)
    return user


@pytest.fixture
def story(publisher):
    """A draft with an older version "Tiêu đề cũ" and a later text."""
    story = make_article(
        status=Status.DRAFT, published_at=None, headline="Tiêu đề cũ", body="<p>Có 57 hộ tham gia.</p>"
    )
    versions.record(story, Kind.SAVED, publisher)
    story.headline, story.body = "Tiêu đề mới", "<p>Có 75 hộ tham gia.</p>"
    story.save()
    return story


def test_form_leads_to_the_versions_with_kind_person_time_and_name(client, story):
    version = story.versions.get()

    form = page(client, "change", story)
    client.post(url("name_version", story, version.pk), {"name": "Gửi anh Thắng"})
    listed = page(client, "versions", story)

    assert url("versions", story) in form
    for part in (
        "Đã lưu",
        "Trần Hà",
        timezone.localtime(version.made_at).strftime("%d/%m/%Y"),
        "Gửi anh Thắng",
    ):
        assert part in listed


def test_list_of_versions_asks_the_same_however_long_it_is(client, story, django_assert_max_num_queries):
    for _ in range(20):
        versions.record(story, Kind.SUBMITTED, story.created_by)

    with django_assert_max_num_queries(12):
        page(client, "versions", story)


def test_comparison_marks_words_and_shows_names_and_photos(client, story):
    old = story.versions.get()
    photo = make_photo()
    make_byline(story, "Minh Hà")
    story.topics.add(Topic.objects.create(name="Bến đò"))
    story.body += figure(photo, "Chú thích <b>đậm</b> & lạ")
    story.lead = "<script>alert(1)</script>"
    story.save()

    html = page(client, "compare", story, old=old.pk, new="story")

    assert "Tiêu đề <del>cũ</del><ins>mới</ins>" in html
    assert "<del>57 </del><ins>75 </ins>" in html
    assert "Minh Hà (Chỉ ghi tên)" in html
    assert "Bến đò" in html
    assert photo.thumbnail_url in html
    assert "<script>alert" not in html


def test_comparison_of_a_version_with_itself_says_so(client, story):
    old = story.versions.get().pk

    assert "Hai bản giống hệt nhau" in page(client, "compare", story, old=old, new=old)


@pytest.mark.parametrize("side", ["", "next", "999999", "9" * 30, "²", "x"])
def test_comparison_with_what_is_not_there_answers_404(client, story, side):
    assert client.get(url("compare", story), {"old": side, "new": "story"}).status_code == 404


@pytest.mark.requirement(9)
def test_versions_of_another_story_are_not_reached_through_this_one(client, story):
    other = make_article()
    version = versions.record(other, Kind.SAVED, None)

    assert client.get(url("version", story, version.pk)).status_code == 404
    assert client.post(url("bring_back", story, version.pk)).status_code == 404


def test_version_is_shown_in_the_real_page_to_staff_only(client, story):
    photo = make_photo()
    version = story.versions.get()
    version.content["body"] += figure(photo, "Chú thích cũ")
    version.save()

    response = client.get(url("version", story, version.pk))
    html = response.content.decode()

    assert "Tiêu đề cũ" in html
    assert photo.picture.url in html
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    story.refresh_from_db()
    assert story.headline == "Tiêu đề mới"


def test_bringing_back_makes_a_version_and_an_entry_and_loses_nothing(client, story):
    old = story.versions.get()

    response = client.post(url("bring_back", story, old.pk), {"as_of": story.modified_at.isoformat()})

    story.refresh_from_db()
    assert response.url == change_url(story)
    assert (story.headline, story.body) == ("Tiêu đề cũ", "<p>Có 57 hộ tham gia.</p>")
    restored, before, _old = story.versions.all()
    assert (restored.kind, before.kind) == (Kind.RESTORED, Kind.SAVED)
    assert before.content["headline"] == "Tiêu đề mới"
    assert timezone.localtime(old.made_at).strftime("%d/%m/%Y") in restored.name
    assert HistoryEntry.objects.of(story).get().step == "restore_version"


def test_bringing_back_is_refused_when_somebody_saved_meanwhile(client, story):
    old, seen = story.versions.get(), story.modified_at.isoformat()
    story.save()

    html = client.post(url("bring_back", story, old.pk), {"as_of": seen}, follow=True).content.decode()

    story.refresh_from_db()
    assert "Có người đã lưu tin này sau khi bạn mở" in html
    assert story.headline == "Tiêu đề mới"


def test_older_text_of_a_published_story_becomes_its_next_version(client, publisher):
    story = make_article(headline="Bản đầu", expires_at=None)
    old = versions.record(story, Kind.PUBLISHED, publisher)
    story.headline, story.featured_place = "Bản hai", 3
    story.save()

    response = client.post(url("bring_back", story, old.pk), {"as_of": story.modified_at.isoformat()})
    again = client.post(url("bring_back", story, old.pk), follow=True).content.decode()

    following = Article.objects.get(next_of=story)
    assert response.url == change_url(following)
    assert (following.headline, following.featured_place) == ("Bản đầu", 3)
    assert "Bản hai" in client.get(story.get_absolute_url()).content.decode()
    assert "vừa bắt đầu viết bản mới" in again


def test_what_is_gone_is_left_out_and_named(client, story):
    photo, removed = make_photo(), make_photo()
    attachment = Attachment.objects.create(article=story, file="attachments/a/mat.pdf", title="Công văn")
    byline = make_byline(story)
    story.section = make_section("Chuyên mục bỏ")
    story.lead_photo = removed
    story.body = f"<p>Chữ.</p>{figure(photo, 'Còn')}{figure(removed, 'Đã gỡ')}"
    story.save()
    old = versions.record(story, Kind.SAVED, None)
    old.content |= {"schema": 0, "mood": "vui"}
    del old.content["lead"]
    old.save()
    story.section = make_section()
    story.body, story.lead_photo = "<p>Nay.</p>", None
    story.save()
    Section.objects.get(name="Chuyên mục bỏ").delete()
    byline.delete()
    byline.author.delete()
    attachment.delete()
    file = removed.file.name
    type(removed).objects.filter(pk=removed.pk).update(
        file="", original="", removed_at=timezone.now(), removal_reason="Theo yêu cầu"
    )

    shown = page(client, "version", story, old.pk)
    compared = page(client, "compare", story, old=old.pk, new="story")
    html = client.post(url("bring_back", story, old.pk), follow=True).content.decode()

    story.refresh_from_db()
    assert file not in shown + compared
    assert "không còn trong kho ảnh" in compared
    assert [photo.pk] == list(story.photos.values_list("pk", flat=True))
    assert "Đã gỡ" not in story.body
    for sentence in (
        "1 ảnh không còn",
        "Chuyên mục của bản cũ không còn",
        "Tác giả không còn",
        "Tệp đính kèm không còn",
    ):
        assert sentence in html


def test_older_section_where_the_person_does_not_work_is_left_out(client, story):
    editor, old = make_user("Biên tập"), story.versions.get()
    story.section = make_section("An ninh")
    story.save()
    Assignment.objects.create(user=editor).sections.add(story.section)
    client.force_login(editor)

    html = client.post(url("bring_back", story, old.pk), follow=True).content.decode()

    story.refresh_from_db()
    assert "không phụ trách chuyên mục của bản cũ" in html
    assert (story.headline, story.section.name) == ("Tiêu đề cũ", "An ninh")


@pytest.mark.parametrize("group", [None, "Xem thống kê", "Người viết", "Biên tập"])
def test_versions_are_closed_to_who_does_not_work_on_the_story(client, story, group):
    version = story.versions.get()
    published = make_article()
    of_published = versions.record(published, Kind.SAVED, None)
    client.logout()
    if group:
        user = make_user(group)
        if group == "Biên tập":
            Assignment.objects.create(user=user).sections.add(make_section("Mục khác"))
        client.force_login(user)
    expected = {302} if group is None else {403}

    answers = set()
    for each, kept in ((story, version), (published, of_published)):
        answers |= {
            client.get(url("versions", each)).status_code,
            client.get(url("compare", each), {"old": kept.pk, "new": "story"}).status_code,
            client.get(url("version", each, kept.pk)).status_code,
            client.post(url("name_version", each, kept.pk), {"name": "x"}).status_code,
            client.post(url("bring_back", each, kept.pk)).status_code,
        }

    story.refresh_from_db()
    version.refresh_from_db()
    assert answers == expected
    assert (story.headline, version.name) == ("Tiêu đề mới", "")


def test_writer_compares_but_does_not_bring_back_what_is_in_review(client, story):
    writer = make_user("Người viết")
    story.created_by, story.status = writer, Status.IN_REVIEW
    story.save()
    client.force_login(writer)
    old = story.versions.get()

    listed = page(client, "versions", story)
    client.post(url("bring_back", story, old.pk))

    story.refresh_from_db()
    assert "Lấy lại bản này" not in listed
    assert story.headline == "Tiêu đề mới"


@pytest.mark.requirement(34)
def test_names_and_bringing_back_need_a_post(client, story):
    version = story.versions.get()

    for name in ("name_version", "bring_back"):
        assert client.get(url(name, story, version.pk)).status_code == 405


def test_review_offers_what_changed_since_the_last_submission(client, story):
    client.post(change_url(story), form_data(story, _step="submit"))
    first = story.versions.first()
    once = page(client, "change", story)
    take(client, story, "return", **{"reason-return": "Thiếu số liệu"})
    story.refresh_from_db()
    client.post(change_url(story), form_data(story, headline="Sửa lại", _step="submit"))

    again = page(client, "change", story)

    assert "So với lần gửi trước" not in once
    assert f"?old={first.pk}&amp;new=story" in again


def test_next_version_is_compared_with_the_published_story_in_one_click(client, publisher):
    story = make_article(headline="Đang đăng")
    following = begin_next(client, story)
    client.post(change_url(following), form_data(following, headline="Sắp đăng"))

    form = page(client, "change", following)
    compared = page(client, "compare", following, old="story", new="next")

    assert f"{url('compare', following)}?old=story&amp;new=next" in form
    assert "<del>Đang </del><ins>Sắp </ins>đăng" in compared


def test_trash_is_found_from_the_list_and_a_row_gives_its_story_back(client, story):
    take(client, story, "trash")
    address = url("step", story)

    listed = client.get(LIST).content.decode()
    trash = client.get(LIST, {"state": "trashed"}).content.decode()
    form = page(client, "change", story)
    public = client.get(story.get_absolute_url()).status_code
    client.post(address, {"_step": "restore"})

    story.refresh_from_db()
    assert "?state=trashed" in listed
    assert f'formaction="{address}"' in trash
    assert "đang ở trong thùng rác" in form
    assert public == 404
    assert story.status == Status.DRAFT
