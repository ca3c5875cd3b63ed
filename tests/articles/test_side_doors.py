"""What the forms do not offer, sent all the same: nobody reaches by it what articles/policy.py keeps from them."""

import pytest
from django.urls import reverse

from articles.models import Article, Assignment, RelatedLink
from tests.articles.test_article_admin import change_url, form_data
from tests.articles.test_word_import import IMPORT, upload
from tests.articles.test_word_import import story as word_file
from tests.factory import figure, make_article, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db
Status = Article.Status
SECRET = "Điều tra chưa công bố"


@pytest.fixture
def writer(client):
    user = make_user("Người viết")
    client.force_login(user)
    return user


def draft(**fields):
    return make_article(**{"status": Status.DRAFT, "published_at": None, **fields})


@pytest.mark.requirement(9)
def test_headline_of_a_hidden_draft_is_not_told_by_linking_to_it(client, writer):
    mine, hidden = draft(created_by=writer), draft(headline=SECRET)
    row = {
        "related_links-TOTAL_FORMS": 1, "related_links-INITIAL_FORMS": 0, "related_links-0-target": hidden.pk,
        "related_links-0-order": 1,
    }  # fmt: skip

    response = client.post(change_url(mine), form_data(headline=mine.headline, **row), follow=True)

    assert SECRET not in response.content.decode()
    assert not RelatedLink.objects.exists()


def test_headlines_of_hidden_drafts_are_not_told_by_their_photos(client, writer):
    photo = make_photo()
    draft(headline=SECRET, body=f"<p>Chữ.</p>{figure(photo)}")

    page = client.get(reverse("admin:articles_photo_change", args=[photo.pk])).content.decode()

    assert SECRET not in page


def test_word_files_are_imported_only_into_a_section_of_ones_own(client, writer):
    Assignment.objects.create(user=writer).sections.add(make_section("Văn hóa", slug="van-hoa"))
    other = make_section("Kinh tế", slug="kinh-te")

    client.post(IMPORT, {"files": [upload(word_file())], "section": other.pk})

    assert not Article.objects.exists()
