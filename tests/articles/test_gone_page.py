from datetime import UTC, datetime

import pytest
import time_machine

from articles.models import Article
from tests.factory import make_article, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def withdrawn():
    with time_machine.travel(datetime(2023, 5, 30, 3, tzinfo=UTC), tick=False):
        return make_article(
            section=make_section("Tin cơ sở", parent=make_section()),
            headline="Tên riêng không nên còn thấy",
            status=Article.Status.WITHDRAWN,
        )


def test_withdrawn_story_answers_410_with_the_day_and_other_news(client, withdrawn):
    other = make_article(section=withdrawn.section)

    response = client.get(withdrawn.get_absolute_url())

    assert response.status_code == 410
    assert "Thứ Ba, 30/05/2023" in response.content.decode()
    assert list(response.context["beside"].other_news) == [other]


@pytest.mark.requirement(12)
def test_nothing_of_the_withdrawn_story_is_shown(client, withdrawn):
    assert "Tên riêng" not in client.get(withdrawn.get_absolute_url()).content.decode()


@pytest.mark.requirement(12)
def test_old_address_is_gone_too(client, withdrawn):
    assert client.get(f"/khong-co/ten-cu-{withdrawn.pk}/").status_code == 410


def test_story_withdrawn_before_it_was_public_was_never_there(client):
    story = make_article(status=Article.Status.WITHDRAWN, published_at=None)

    assert client.get(story.get_absolute_url()).status_code == 404


def test_query_count(client, withdrawn, django_assert_num_queries):
    make_article(section=withdrawn.section)

    # No public story of this id, the withdrawn one with all that belongs to it, other news.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(3 + 4):
        client.get(withdrawn.get_absolute_url())
