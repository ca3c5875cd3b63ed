"""Two steps at once, and things that go while something still needs them: nothing written or sent in is lost."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from articles import versions, workflow
from articles.models import Article, ArticleVersion, Attachment, HistoryEntry, RelatedLink
from tests.articles.test_article_admin import begin_next, change_url, form_data, take
from tests.articles.test_shared_draft import make_link
from tests.articles.test_working_draft import open_form
from tests.factory import figure, make_article, make_photo, make_user

pytestmark = pytest.mark.django_db
Status, Kind = Article.Status, ArticleVersion.Kind


@pytest.fixture
def publisher(client):
    user = make_user("Xuất bản")
    client.force_login(user)
    return user


def draft(**fields):
    return make_article(**{"status": Status.DRAFT, "published_at": None, **fields})


def attach(story):
    attachment = Attachment(article=story, title="Kế hoạch")
    attachment.file.save("ke-hoach.pdf", ContentFile(b"%PDF"))
    return attachment


def url(name, story, *args):
    return reverse(f"admin:articles_article_{name}", args=[story.pk, *args])


def test_discarding_what_somebody_publishes_at_the_same_moment_tells_so(client, publisher):
    live = make_article(created_by=publisher)
    following = begin_next(client, live)
    seen = Article.objects.get(pk=following.pk)
    workflow.take(workflow.STEPS["publish"], following, user=publisher)

    with pytest.raises(workflow.StepError):
        workflow.discard_next(seen, user=publisher)

    assert not HistoryEntry.objects.filter(step="discard").exists()


def test_file_of_the_published_story_outlives_its_next_version(client, publisher):
    live = make_article(created_by=publisher)
    attachment = attach(live)
    following = begin_next(client, live)
    copy = following.attachments.get()
    rows = {
        "attachments-TOTAL_FORMS": 1, "attachments-INITIAL_FORMS": 1, "attachments-0-id": copy.pk,
        "attachments-0-article": following.pk, "attachments-0-title": "x", "attachments-0-DELETE": "on",
    }  # fmt: skip
    client.post(change_url(following), form_data(following, **rows, **open_form(client, following)))
    assert not following.attachments.exists()
    client.post(url("discard", following))

    assert attachment.file.storage.exists(attachment.file.name)


def test_story_that_was_published_before_is_never_deleted_with_its_files(client, publisher):
    live = make_article(created_by=publisher)
    following = begin_next(client, live)
    for story in (live, following):
        take(client, story, "trash")
        client.post(reverse("admin:articles_article_delete", args=[story.pk]), {"post": "yes"})

    assert Article.objects.count() == 2


def test_story_linked_to_another_next_version_keeps_its_link(client, publisher):
    live = make_article(created_by=publisher)
    following = begin_next(client, live)
    other = draft(created_by=publisher)
    row = {
        "related_links-TOTAL_FORMS": 1, "related_links-INITIAL_FORMS": 0,
        "related_links-0-target": following.pk, "related_links-0-order": 1,
    }  # fmt: skip
    client.post(change_url(other), form_data(other, **row))

    assert not RelatedLink.objects.exists()


def test_removed_photo_leaves_versions_working_drafts_and_shared_pages(client, publisher):
    photo = make_photo(caption="Ông Trần Văn A", credit="Ảnh X")
    text = f"<p>Chữ.</p>{figure(photo, 'Ông Trần Văn A')}"
    live = make_article(created_by=publisher, body=text)
    story = draft(created_by=publisher, body=text)
    version = versions.record(story, Kind.SAVED, publisher)
    address = make_link(story)
    client.get(address)
    following = begin_next(client, live)
    client.post(url("keep", story), {**open_form(client, story), "headline": "Đang gõ", "body": text})
    client.post(
        reverse("admin:articles_photo_remove", args=[photo.pk]), {"reason": "Người trong ảnh yêu cầu"}
    )

    client.post(url("bring_back", story, version.pk))
    pages = {
        "live": live.get_absolute_url(),
        "shared": address,
        "version": url("version", story, version.pk),
        "compare": f"{url('compare', story)}?old={version.pk}&new=story",
        "next": url("preview", following),
        "form": change_url(story),
    }
    for name, page in pages.items():
        response = client.get(page)
        assert response.status_code == 200, name
        assert f'data-photo="{photo.pk}"' not in response.content.decode().replace("&quot;", '"'), name
        if name != "compare":  # versions keep their words, for those who write the story
            assert "Trần Văn A" not in response.content.decode(), name
