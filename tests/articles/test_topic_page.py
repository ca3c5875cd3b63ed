import pytest

from articles.models import Topic
from tests.factory import make_article, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    return Topic.objects.create(name="Nông thôn mới", description="Làng quê đổi mới.")


def test_topic_lists_its_stories_with_their_sections(client, topic):
    story = make_article()
    story.topics.add(topic)
    make_article()

    response = client.get(topic.get_absolute_url())

    assert list(response.context["page"]) == [story]
    assert f"<span>{story.section.name}</span>" in response.content.decode()


def test_topic_without_stories_says_so(client, topic):
    assert 'class="empty"' in client.get(topic.get_absolute_url()).content.decode()


def test_draft_scheduled_expired_and_withdrawn_are_absent(client, topic, hidden_articles):
    for article in hidden_articles:
        article.topics.add(topic)

    assert list(client.get(topic.get_absolute_url()).context["page"]) == []


def test_unknown_topic_answers_404(client):
    assert client.get("/chu-de/khong-co/").status_code == 404


def test_query_count(client, topic, django_assert_num_queries):
    for _ in range(3):
        make_article(lead_photo=make_photo()).topics.add(topic)

    # The topic, the number of its stories, the stories.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(3 + 4):
        client.get(topic.get_absolute_url())
