"""Steps, rights and next versions of stories, by the buttons of the admin."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from articles import versions
from articles.models import (
    Article,
    Assignment,
    Attachment,
    HistoryEntry,
    NewsroomSettings,
    RelatedLink,
    WorkingDraft,
)
from tests.articles.test_article_admin import ADD, LIST, begin_next, change_url, form_data, take
from tests.factory import make_article, make_byline, make_section, make_user

pytestmark = pytest.mark.django_db
Status = Article.Status


@pytest.fixture
def sign_in(client):
    def sign_in(group, **fields):
        user = group if hasattr(group, "pk") else make_user(group, **fields)
        client.force_login(user)
        return user

    return sign_in


def draft(**fields):
    return make_article(**{"status": Status.DRAFT, "published_at": None, **fields})


def test_published_story_stays_as_it_is_until_its_next_version_is_published(client, sign_in):
    sign_in("Xuất bản")
    story = make_article(headline="Bản đầu", lead="Sapo đầu")
    make_byline(story)
    Attachment.objects.create(article=story, file="attachments/a/cong-van.pdf", title="Công văn")
    RelatedLink.objects.create(article=story, target=make_article())

    following = begin_next(client, story)
    client.post(
        change_url(following), form_data(following, headline="Bản hai", lead="Sapo hai", slug=following.slug)
    )
    meanwhile = client.get(story.get_absolute_url()).content.decode()
    client.post(change_url(following), form_data(following, headline="Bản hai", _step="publish"))
    afterwards = client.get(story.get_absolute_url()).content.decode()

    assert "Bản đầu" in meanwhile
    assert "Bản hai" not in meanwhile
    assert "Bản hai" in afterwards
    assert Article.objects.filter(next_of=story).count() == 0
    story.refresh_from_db()
    assert story.bylines.count() == 1
    assert story.attachments.get().file.name == "attachments/a/cong-van.pdf"
    assert story.related_links.count() == 1


def test_next_version_is_begun_once_and_is_no_page_of_its_own(client, sign_in):
    sign_in("Xuất bản")
    story = make_article()

    first, again = begin_next(client, story), begin_next(client, story)

    assert first == again
    client.logout()
    assert client.get(first.get_absolute_url()).status_code == 404


def test_next_version_that_is_given_up_leaves_the_story_and_a_version(client, sign_in):
    sign_in("Xuất bản")
    story = make_article(headline="Vẫn đăng")
    following = begin_next(client, story)
    keep = reverse("admin:articles_article_keep", args=[following.pk])
    client.post(keep, {"headline": "Viết dở", "key": "7a3a0c52-35a5-4d6c-a3a1-5dbe2b0b5b6f"})

    client.post(reverse("admin:articles_article_discard", args=[following.pk]))

    assert client.get(story.get_absolute_url()).status_code == 200
    assert not Article.objects.filter(next_of=story).exists()
    assert not WorkingDraft.objects.exists()
    # The published text was never kept as a version before.
    assert [version.kind for version in story.versions.all()] == ["discarded", "published"]
    assert HistoryEntry.objects.of(story).get().step == "discard"


def test_writer_may_write_the_next_version_of_an_own_story_and_only_submit_it(client, sign_in):
    writer = sign_in("Người viết")
    own, other = make_article(created_by=writer), make_article()

    following = begin_next(client, own)
    client.post(change_url(following), form_data(following, _step="submit"))

    following.refresh_from_db()
    assert following.status == Status.IN_REVIEW
    assert client.post(reverse("admin:articles_article_next", args=[other.pk])).status_code == 403


def test_returning_needs_a_reason_that_the_writer_sees(client, sign_in):
    writer = make_user("Người viết")
    story = draft(created_by=writer, status=Status.IN_REVIEW)
    sign_in("Biên tập")

    refused = client.post(change_url(story), form_data(story, _step="return")).content.decode()
    story.refresh_from_db()
    assert "Hãy ghi lý do" in refused
    assert story.status == Status.IN_REVIEW

    client.post(change_url(story), form_data(story, _step="return", **{"reason-return": "Thiếu số liệu"}))
    story.refresh_from_db()
    assert story.status == Status.RETURNED
    sign_in(writer)
    before_the_text, _, _ = client.get(change_url(story)).content.decode().partition('id="id_body"')
    assert "<strong>Thiếu số liệu</strong>" in before_the_text


def test_editor_edits_and_returns_but_does_not_publish(client, sign_in):
    sign_in("Biên tập")
    story = draft(status=Status.IN_REVIEW)

    client.post(change_url(story), form_data(story, lead="Sapo đã biên tập"))
    refused = client.post(change_url(story), form_data(story, _step="publish")).content.decode()

    story.refresh_from_db()
    assert story.lead == "Sapo đã biên tập"
    assert story.status == Status.IN_REVIEW
    assert "không thực hiện được bước này" in refused


def test_four_eyes_keep_the_writer_from_publishing(client, sign_in):
    NewsroomSettings.objects.create(four_eyes=True)
    publisher = sign_in("Xuất bản")
    own, other = draft(created_by=publisher), draft()

    client.post(change_url(own), form_data(own, _step="publish"))
    client.post(ADD, form_data(headline="Tự viết tự đăng", _step="publish"))
    client.post(change_url(other), form_data(other, _step="publish"))

    own.refresh_from_db()
    other.refresh_from_db()
    assert own.status == Status.DRAFT
    assert not Article.objects.filter(headline="Tự viết tự đăng").exists()
    assert other.status == Status.PUBLISHED


def test_rights_end_at_the_sections_of_the_person(client, sign_in):
    editor = sign_in("Biên tập")
    mine, below = make_section("An ninh"), make_section("Trật tự", parent=make_section("An ninh"))
    Assignment.objects.create(user=editor).sections.add(mine)
    inside, outside = draft(section=below, headline="Trong"), draft(headline="Ngoài")

    listed = client.get(LIST).content.decode()
    moved = client.post(change_url(inside), form_data(inside, section=outside.section_id)).content.decode()

    assert "Trong" in listed
    assert "Ngoài" not in listed
    assert client.get(change_url(outside)).status_code in (302, 403)
    assert client.get(reverse("admin:articles_article_preview", args=[outside.pk])).status_code == 403
    assert take(client, outside, "submit").status_code == 403
    assert "không phụ trách chuyên mục này" in moved


def test_writer_sees_own_stories_and_what_readers_see(client, sign_in):
    writer = sign_in("Người viết")
    own, public, other = draft(created_by=writer), make_article(), draft()

    assert client.get(change_url(own)).status_code == 200
    assert client.get(change_url(public)).status_code == 200
    assert client.get(change_url(other)).status_code in (302, 403)
    assert client.get(reverse("admin:articles_article_preview", args=[other.pk])).status_code == 403


def test_trash_takes_a_draft_and_gives_it_back(client, sign_in):
    writer = sign_in("Người viết")
    story = draft(created_by=writer)

    take(client, story, "trash")
    listed, in_trash = (
        client.get(LIST).content.decode(),
        client.get(LIST, {"state": "trashed"}).content.decode(),
    )
    refused = client.post(reverse("admin:articles_article_delete", args=[story.pk]), {"post": "yes"})
    take(client, story, "restore")

    story.refresh_from_db()
    assert story.headline not in listed
    assert story.headline in in_trash
    assert refused.status_code == 403
    assert story.status == Status.DRAFT


def test_history_outlives_the_story_and_the_name_of_the_person(client, sign_in):
    publisher = sign_in("Xuất bản", first_name="Hà", last_name="Nguyễn Minh")
    story = draft(headline="Sẽ bị xóa")
    take(client, story, "trash")

    client.post(reverse("admin:articles_article_delete", args=[story.pk]), {"post": "yes"})

    publisher.delete()
    entries = HistoryEntry.objects.filter(story_id=story.pk)
    assert [(entry.step, entry.person) for entry in entries] == [
        ("delete", "Nguyễn Minh Hà"),
        ("trash", "Nguyễn Minh Hà"),
    ]
    assert entries[0].headline == "Sẽ bị xóa"


def test_step_from_a_stale_page_is_refused_and_nothing_moves(client, sign_in):
    sign_in("Xuất bản")
    story = make_article()
    seen = story.modified_at.isoformat()
    story.save()

    page = take(client, story, "withdraw", as_of=seen, **{"reason-withdraw": "Sai"}).content.decode()

    story.refresh_from_db()
    assert "Có người đã lưu tin này sau khi bạn mở" in page
    assert story.status == Status.PUBLISHED


def test_step_pressed_twice_is_taken_once(client, sign_in):
    sign_in("Xuất bản")
    story = make_article()

    take(client, story, "withdraw", **{"reason-withdraw": "Sai"})
    again = take(client, story, "withdraw", **{"reason-withdraw": "Sai"}).content.decode()

    assert "không thực hiện được bước này" in again
    assert HistoryEntry.objects.of(story).count() == 1


def test_right_that_was_taken_away_meanwhile_no_longer_counts(client, sign_in):
    user = sign_in("Xuất bản")
    story = draft()
    user.groups.set(Group.objects.filter(name="Biên tập"))

    page = take(client, story, "publish").content.decode()

    story.refresh_from_db()
    assert story.status == Status.DRAFT
    assert "không thực hiện được bước này" in page


@pytest.mark.requirement(34)
def test_unknown_step_and_step_by_link_are_refused(client, sign_in):
    sign_in("Xuất bản")
    story = make_article()

    assert take(client, story, "explode").status_code == 404
    assert client.get(reverse("admin:articles_article_step", args=[story.pk])).status_code == 405


@pytest.mark.fault(14)
def test_embargo_keeps_a_published_story_from_readers_to_the_minute(client, time_machine):
    now = timezone.now()
    story = make_article(published_at=now - timedelta(hours=1), embargo_until=now + timedelta(minutes=10))

    time_machine.move_to(now + timedelta(minutes=9), tick=False)
    before = client.get(story.get_absolute_url()).status_code, story.state_name
    time_machine.move_to(now + timedelta(minutes=10), tick=False)
    afterwards = client.get(story.get_absolute_url()).status_code, story.state_name

    assert before == (404, "scheduled")
    assert afterwards == (200, Status.PUBLISHED)


def test_each_deliberate_save_is_a_version_and_the_same_text_none(client, sign_in):
    sign_in("Biên tập")
    client.post(ADD, form_data(headline="Một"))
    story = Article.objects.get()

    client.post(change_url(story), form_data(story))
    client.post(change_url(story), form_data(story, headline="Hai", _step="submit"))

    assert [version.kind for version in story.versions.all()] == ["submitted", "saved"]


def test_version_of_an_older_schema_is_put_back_as_far_as_it_goes():
    story = draft(headline="Mới", lead="Sapo mới")
    gone = make_byline(story)
    content = versions.content_of(story) | {"headline": "Cũ", "schema": 0, "mood": "vui"}
    del content["lead"]
    gone.delete()
    gone.author.delete()

    versions.put(content, story)

    story.refresh_from_db()
    assert (story.headline, story.lead) == ("Cũ", "Sapo mới")
    assert not story.bylines.exists()


def test_withdrawn_story_with_a_next_version_is_mended_there_alone(client, sign_in):
    sign_in("Xuất bản")
    story = make_article()
    following = begin_next(client, story)
    take(client, story, "withdraw", **{"reason-withdraw": "Sai số liệu"})

    refused = client.post(change_url(story), form_data(story, headline="Sửa tại chỗ"))
    client.post(change_url(following), form_data(following, headline="Bản mới", _step="publish"))

    assert refused.status_code in (302, 403)
    story.refresh_from_db()
    assert (story.headline, story.status) == ("Bản mới", Status.PUBLISHED)


def test_history_tells_scheduling_from_publishing(client, sign_in):
    sign_in("Xuất bản")
    story = draft(published_at=timezone.now() + timedelta(days=1))

    client.post(change_url(story), form_data(story, _step="publish"))

    assert HistoryEntry.objects.of(story).first().label == "Hẹn giờ"
