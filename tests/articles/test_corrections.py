"""Corrections: made in the admin, shown on the story's page and on the page of all of them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Assignment, Correction, HistoryEntry
from articles.models.folded import RESERVED_SLUGS
from tests.factory import make_article, make_section, make_user

pytestmark = pytest.mark.django_db
PAGE = "/dinh-chinh/"


def url(story):
    return reverse("admin:articles_article_corrections", args=[story.pk])


@pytest.fixture
def publisher(client):
    user = make_user("Xuất bản")
    client.force_login(user)
    return user


def make_correction(story=None, **fields):
    return Correction.objects.create(
        article=story or make_article(), **{"text": "Số đúng là 75 hộ.", **fields}
    )


def test_correction_is_published_once_logged_and_shown_below_the_lead(client, publisher):
    story = make_article(lead="SAPO", body="<p>THÂN BÀI</p>")

    for _ in range(2):
        client.post(url(story), {"text": "Số đúng là 75 hộ & <b>không phải 57</b>."})
    client.logout()
    html = client.get(story.get_absolute_url()).content.decode()

    text = "Số đúng là 75 hộ &amp; &lt;b&gt;không phải 57&lt;/b&gt;."
    assert html.index("SAPO", html.index("<main")) < html.index(text) < html.index("THÂN BÀI")
    assert timezone.localtime().strftime("%d/%m/%Y") in html
    assert HistoryEntry.objects.of(story).get().step == "correct"


def test_correction_survives_the_next_version(client, publisher):
    story = make_article()
    make_correction(story)

    following = client.post(reverse("admin:articles_article_next", args=[story.pk])).url.split("/")[-3]
    preview = client.get(reverse("admin:articles_article_preview", args=[following])).content.decode()
    client.post(reverse("admin:articles_article_step", args=[following]), {"_step": "publish"})

    assert "Số đúng là 75 hộ." in preview
    assert not Article.objects.filter(next_of=story).exists()
    assert "Số đúng là 75 hộ." in client.get(story.get_absolute_url()).content.decode()


def test_removed_correction_stays_in_the_history(client, publisher):
    correction = make_correction()
    story = correction.article

    client.post(reverse("admin:articles_article_remove_correction", args=[story.pk, correction.pk]))

    assert not Correction.objects.exists()
    assert HistoryEntry.objects.of(story).get().reason == "Số đúng là 75 hộ."


def test_empty_correction_is_refused_with_a_sentence(client, publisher):
    html = client.post(url(make_article()), {"text": "  "}).content.decode()

    assert "errornote" in html
    assert not Correction.objects.exists()


@pytest.mark.parametrize("group", [None, "Xem thống kê", "Người viết", "Biên tập", "Xuất bản"])
def test_only_who_publishes_in_the_section_corrects(client, group):
    correction = make_correction()
    story = correction.article
    if group:
        user = make_user(group)
        Assignment.objects.create(user=user).sections.add(make_section("Mục khác"))
        client.force_login(user)

    answers = {
        client.get(url(story)).status_code,
        client.post(url(story), {"text": "Chen ngang"}).status_code,
        client.post(
            reverse("admin:articles_article_remove_correction", args=[story.pk, correction.pk])
        ).status_code,
    }

    assert answers == ({403} if group else {302})
    assert Correction.objects.get() == correction


def test_what_readers_do_not_see_has_nothing_to_correct(client, publisher, hidden_articles):
    answers = {story.state_name: client.get(url(story)).status_code for story in hidden_articles}

    assert answers == {"draft": 403, "scheduled": 403, "expired": 200, "withdrawn": 403}


def test_page_lists_the_newest_first_with_links(client):
    old = make_correction(text="Bản cũ hơn", made_at=timezone.now() - timedelta(days=2))
    new = make_correction(text="Bản mới hơn")

    html = client.get(PAGE).content.decode()

    assert html.index("Bản mới hơn") < html.index("Bản cũ hơn")
    for each in (old, new):
        assert each.article.get_absolute_url() in html


def test_hidden_stories_are_not_given_away(client, hidden_articles):
    for story in hidden_articles:
        make_correction(story, text=f"Sửa: {story.state_name}")

    html = client.get(PAGE).content.decode()

    assert [story for story in hidden_articles if story.headline in html] == []
    assert [name for name in ("draft", "scheduled", "expired", "withdrawn") if f"Sửa: {name}" in html] == [
        "expired"
    ]


def test_page_without_corrections_says_so_and_is_linked_from_the_foot(client):
    assert 'class="empty"' in client.get(PAGE).content.decode()
    assert f'href="{PAGE}"' in client.get("/").content.decode()
    assert "dinh-chinh" in RESERVED_SLUGS


@pytest.mark.parametrize("number", ["0", "2", "x"])
def test_page_number_beyond_the_list_answers_404(client, number):
    assert client.get(PAGE, {"page": number}).status_code == 404


def test_query_counts(client, ranking_kept, django_assert_num_queries):
    for _ in range(21):
        correction = make_correction()

    # Their number and this page of them; around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(2 + 4):
        client.get(PAGE)
    # As without a correction: the story with all that belongs to it, other news.
    with django_assert_num_queries(2 + 4):
        client.get(correction.article.get_absolute_url())
