import unicodedata
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from tests.factory import make_article, make_photo

pytestmark = pytest.mark.django_db
ADDRESS = "/tim-kiem/"


@pytest.mark.parametrize(
    "query", ["cong an tinh", "CÔNG AN", "tỉnh công", unicodedata.normalize("NFD", "Công an tỉnh")]
)
def test_marks_capitals_and_order_make_no_difference(client, query):
    story = make_article(headline="Công an tỉnh ra quân bảo đảm trật tự")
    make_article(headline="Người lái đò chở học trò qua sông")

    response = client.get(ADDRESS, {"q": query})

    assert list(response.context["page"]) == [story]


def test_words_are_found_whole_and_not_as_parts_of_others(client):
    story = make_article(headline="Công an, dân quân cùng ra quân", lead="")
    make_article(headline="Văn bản mới về công khai ngân sách", lead="")

    response = client.get(ADDRESS, {"q": "công an"})

    assert list(response.context["page"]) == [story]


def test_the_very_words_in_the_headline_come_first_then_the_newest(client):
    now = timezone.now()
    words_apart = make_article(headline="An toàn công trình", lead="", published_at=now)
    in_lead = make_article(headline="Ra quân", lead="Công an phường", published_at=now - timedelta(days=1))
    older, newer = (
        make_article(kicker="Chuyện nghề", headline="Công an xã", published_at=now - timedelta(days=days))
        for days in (3, 2)
    )

    response = client.get(ADDRESS, {"q": "cong  an"})

    assert list(response.context["page"]) == [newer, older, in_lead, words_apart]


def test_every_page_offers_the_search(client):
    assert f'action="{reverse("articles:search")}"' in client.get("/").content.decode()


def test_pages_keep_the_query(client):
    for _ in range(21):
        make_article()

    html = client.get(ADDRESS, {"q": "ra quân"}).content.decode()

    assert 'href="?q=ra+qu%C3%A2n&amp;page=2"' in html


def test_nothing_found_says_so_and_keeps_the_words(client):
    html = client.get(ADDRESS, {"q": '"><script>không có'}).content.decode()

    assert 'class="empty"' in html
    assert "&quot;&gt;&lt;script&gt;không có" in html


@pytest.mark.parametrize("query", ["", "   ", None])
def test_without_words_the_page_asks_for_some(client, query):
    response = client.get(ADDRESS, {} if query is None else {"q": query})

    assert response.status_code == 200
    assert response.context["page"] is None


@pytest.mark.parametrize("query", ["%", "_", "\\", "[", ".*", "\x00", "zq " * 5000])
def test_odd_input_finds_nothing(client, query):
    make_article(headline="Ra quân làm sạch bờ sông", lead="", body="")

    response = client.get(ADDRESS, {"q": query})

    assert response.status_code == 200
    assert not response.context["page"] or list(response.context["page"]) == []


def test_draft_scheduled_expired_and_withdrawn_are_not_found(client, hidden_articles):
    next_of = make_article(headline="Tin đã đăng")
    make_article(
        headline="Bản sau không ai thấy", status=Article.Status.DRAFT, published_at=None, next_of=next_of
    )
    make_article(headline="Chưa tới giờ không ai thấy", embargo_until=timezone.now() + timedelta(hours=1))

    response = client.get(ADDRESS, {"q": "không ai thấy"})

    assert list(response.context["page"]) == []


def test_query_count(client, django_assert_num_queries):
    for _ in range(3):
        make_article(lead_photo=make_photo())

    # The limit in time within its savepoint (3), the matches, their order, the stories, the authors to choose from.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(3 + 4 + 4):
        client.get(ADDRESS, {"q": "ra quan"})
