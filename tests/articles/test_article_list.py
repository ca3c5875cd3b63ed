"""The list of stories and what its search feeds: filters, autocomplete, the chooser of related news."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Author, Topic
from tests.factory import make_article, make_byline, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:articles_article_changelist")


@pytest.fixture
def editor(client):
    user = make_user("Xuất bản")
    client.force_login(user)
    return user


@pytest.mark.parametrize("words", ["cong an tinh", "CÔNG AN TỈNH", "Co\u0302ng an ti\u0309nh", "tinh an"])
def test_list_search_ignores_marks(client, editor, words):
    make_article(headline="Công an tỉnh ra quân")
    make_article(headline="Hội thi kể chuyện")

    html = client.get(LIST, {"q": words}).content.decode()

    assert "Công an tỉnh ra quân" in html
    assert "Hội thi kể chuyện" not in html


def test_list_filters_by_state_section_author_and_date(client, editor):
    now = timezone.now()
    make_article(headline="Bản nháp A", status=Article.Status.DRAFT, published_at=None)
    make_article(headline="Hẹn giờ B", published_at=now + timedelta(days=1))
    make_article(headline="Hết hạn C", expires_at=now)
    signed = make_article(headline="Đã đăng D", section=make_section("Cảnh báo"))
    make_byline(signed, "Đức Thắng")

    def listed(**query):
        html = client.get(LIST, query).content.decode()
        return {word for word in "ABCD" if re.search(rf"(Bản nháp|Hẹn giờ|Hết hạn|Đã đăng) {word}", html)}

    assert listed() == {"A", "B", "C", "D"}
    assert listed(state="draft") == {"A"}
    assert listed(state="scheduled") == {"B"}
    assert listed(state="expired") == {"C"}
    assert listed(state="published") == {"D"}
    assert listed(section__id__exact=signed.section_id) == {"D"}
    assert listed(author="duc thang") == {"D"}
    assert listed(published_at__gte=(now + timedelta(hours=1)).isoformat()) == {"B"}


def test_list_asks_the_same_however_long_it_is(client, editor, django_assert_max_num_queries):
    for _number in range(30):
        make_byline(make_article(lead_photo=make_photo()))

    # session, user, two for permissions, the person's sections, sections of the filter, count, rows, bylines, their
    # authors, identity, unread notices, who has a story open; two for how often each was read
    with django_assert_max_num_queries(15):
        client.get(LIST)


@pytest.mark.parametrize(
    ("model", "field", "words"),
    [
        ("article", "section", "tin hoat"),
        ("article", "topics", "mua mua"),
        ("byline", "author", "minh ha"),
        ("relatedlink", "target", "cong an"),
        pytest.param("relatedlink", "target", "cong a", id="last word begun"),
    ],
)
def test_autocomplete_ignores_marks(client, editor, model, field, words):
    make_section("Tin hoạt động")
    Topic.objects.create(name="Mùa mưa bão")
    Author.objects.create(pen_name="Minh Hà")
    make_article(headline="Công an tỉnh ra quân")

    query = {"app_label": "articles", "model_name": model, "field_name": field, "term": words}
    results = client.get(reverse("admin:autocomplete"), query).json()["results"]

    assert len(results) == 1


def test_newest_comes_first_in_the_chooser_of_related_news(client, editor):
    make_article(headline="Công an: bản nháp", status=Article.Status.DRAFT, published_at=None)
    make_article(headline="Công an: đã đăng")

    query = {"app_label": "articles", "model_name": "relatedlink", "field_name": "target", "term": "cong an"}
    results = client.get(reverse("admin:autocomplete"), query).json()["results"]

    assert [result["text"] for result in results] == ["Công an: đã đăng", "Công an: bản nháp"]


@pytest.mark.parametrize(
    "query", [{"state": "\x00"}, {"state": "khac"}, {"author": "'; --"}, {"q": "x" * 5000}]
)
def test_odd_filters_are_no_error(client, editor, query):
    assert client.get(LIST, query).status_code in (200, 302)
