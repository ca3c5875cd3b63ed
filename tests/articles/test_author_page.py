import pytest

from articles.models import Byline
from tests.factory import make_article, make_byline, make_photo

pytestmark = pytest.mark.django_db


def test_author_lists_each_story_once_whatever_the_roles(client):
    story = make_article()
    author = make_byline(story, "Đức Thắng", Byline.Role.TEXT).author
    make_byline(story, "Đức Thắng", Byline.Role.PHOTO)
    make_byline(make_article(), "Minh Hà")

    response = client.get(author.get_absolute_url())

    assert author.get_absolute_url() == "/tac-gia/duc-thang/"
    assert list(response.context["page"]) == [story]


@pytest.mark.requirement(12)
def test_draft_scheduled_expired_and_withdrawn_are_absent(client, hidden_articles):
    author = [make_byline(article).author for article in hidden_articles][0]

    response = client.get(author.get_absolute_url())

    assert list(response.context["page"]) == []
    assert 'class="empty"' in response.content.decode()


def test_unknown_author_answers_404(client):
    assert client.get("/tac-gia/khong-co/").status_code == 404


def test_query_count(client, django_assert_num_queries):
    author = [make_byline(make_article(lead_photo=make_photo())).author for _ in range(3)][0]

    # The author, the number of stories, the stories.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(3 + 4):
        client.get(author.get_absolute_url())
