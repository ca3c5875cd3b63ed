"""What stands beside a story: its neighbours, related and other news, the most read."""

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone

from articles import similar
from articles.beside import NEWEST
from articles.models import Article, RelatedLink, Topic
from tests.factory import make_article, make_section, make_user
from visitors.models import Label, LabelDay

pytestmark = pytest.mark.django_db


def make_read(story, views=5):
    label = Label.objects.create(
        kind=Label.Kind.PAGE, text=f"article:{story.pk}", added_on=timezone.localdate()
    )
    LabelDay.objects.create(day=timezone.localdate(), label=label, views=views)


def beside(client, story):
    return client.get(story.get_absolute_url()).context["beside"]


def test_neighbours_are_the_next_by_time_in_the_section(client):
    now = timezone.now()
    oldest, older, story, newer, newest = (
        make_article(published_at=now - timedelta(hours=hours)) for hours in (5, 4, 3, 2, 1)
    )
    make_article(section=make_section("Văn bản"), published_at=now - timedelta(hours=3.5))

    middle, first, last = (beside(client, each) for each in (story, newest, oldest))

    assert (middle.older, middle.newer) == (older, newer)
    assert (first.older, first.newer) == (newer, None)
    assert (last.older, last.newer) == (None, older)


def test_neighbours_of_the_same_moment_are_told_apart(client):
    moment = timezone.now() - timedelta(hours=1)
    first, second, third = (make_article(published_at=moment) for _ in range(3))

    found = beside(client, second)

    assert (found.older, found.newer) == (first, third)


def test_story_older_than_the_newest_of_its_section_has_its_own_neighbours(client):
    now = timezone.now()
    stories = [make_article(published_at=now - timedelta(hours=hours)) for hours in range(1, NEWEST + 5)]
    alike, newer, story, older = stories[-4:]
    Article.objects.filter(pk=story.pk).update(similar=[alike.pk])

    found = beside(client, story)

    assert (found.older, found.newer, found.similar) == (older, newer, [alike])
    assert found.other_news == stories[:10]


def test_no_story_stands_twice_on_the_page(client):
    stories = [make_article() for _ in range(30)]
    story = stories[12]
    RelatedLink.objects.create(article=story, target=stories[29])
    Article.objects.filter(pk=story.pk).update(similar=[other.pk for other in stories[8:16] + stories[27:]])
    for number, other in enumerate(stories[::2]):
        make_read(other, views=50 - number)

    response = client.get(story.get_absolute_url())

    found = response.context["beside"]
    counts = len(found.links), len(found.similar), len(found.other_news), len(found.most_read)
    assert counts == (1, 4, 10, 5)
    html = re.sub(r"(?s)<head>.*</head>", "", response.content.decode())
    links = re.findall(r'href="(/tin-hoat-dong/[^"/]+/)"', html)
    assert sorted(links) == sorted(set(links))
    assert story.get_absolute_url() not in links


def test_editors_choice_comes_first_and_is_never_cut(client):
    story, *stories = (make_article() for _ in range(8))
    for order, target in enumerate(reversed(stories[:6])):
        RelatedLink.objects.create(article=story, target=target, order=order)
    Article.objects.filter(pk=story.pk).update(similar=[stories[6].pk])

    found = beside(client, story)

    assert [link.target for link in found.links] == list(reversed(stories[:6]))
    assert found.similar == []


@pytest.mark.requirement(12)
def test_hidden_stories_are_nowhere_beside(client, hidden_articles):
    story = make_article(section=hidden_articles[0].section)
    Article.objects.filter(pk=story.pk).update(similar=[hidden.pk for hidden in hidden_articles])
    for hidden in hidden_articles:
        make_read(hidden)

    html = client.get(story.get_absolute_url()).content.decode()

    assert [hidden for hidden in hidden_articles if hidden.headline in html] == []


def test_publishing_finds_stories_of_the_same_subject(client, django_capture_on_commit_callbacks):
    words = "Tập huấn sơ cứu người đuối nước cho ngư dân"
    topic = Topic.objects.create(name="Mùa mưa")
    for headline in ("Thu hoạch rau vụ đông", "Khai mạc giải bóng chuyền", "Tặng sách cho thư viện"):
        make_article(headline=headline, lead="")
    alike = make_article(headline=f"{words} ven biển", lead="", section=make_section("Đời sống"))
    on_topic = make_article(headline="Kiểm tra đê kè", lead="")
    draft = make_article(headline=f"{words} xã bên", status=Article.Status.DRAFT, published_at=None)
    story = make_article(headline=words, lead="", status=Article.Status.DRAFT, published_at=None)
    for each in (on_topic, story):
        each.topics.add(topic)
    client.force_login(make_user(is_superuser=True))

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:articles_article_step", args=[story.pk]), {"_step": "publish"})

    story.refresh_from_db()
    assert story.status == Article.Status.PUBLISHED
    assert set(story.similar) == {alike.pk, on_topic.pk}
    assert draft.pk not in story.similar


def test_only_stories_that_were_never_asked_for_are_filled(client):
    asked, new = make_article(), make_article()
    Article.objects.filter(pk=asked.pk).update(similar=[])

    similar.fill()

    asked.refresh_from_db()
    new.refresh_from_db()
    assert asked.similar == []
    assert new.similar == [asked.pk]


@pytest.mark.requirement(13)
def test_most_read_stories_stand_on_section_pages_and_change_at_once_when_withdrawn(client, ranking_kept):
    story = make_article(section=make_section("Văn bản"))
    make_read(story)
    address = make_section().get_absolute_url()

    caches["memory"].clear()
    before = client.get(address).content.decode()
    story.status = Article.Status.WITHDRAWN
    story.save()
    after = client.get(address).content.decode()

    assert story.headline in before
    assert story.headline not in after


def test_date_of_a_copy_never_keeps_a_withdrawn_story(client):
    story = make_article()
    by_date = {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    section = story.section.get_absolute_url()

    fresh = [
        client.get(address, headers=by_date).status_code
        for address in (story.get_absolute_url(), section, "/rss/")
    ]
    story.status = Article.Status.WITHDRAWN
    story.save()
    gone = client.get(story.get_absolute_url(), headers=by_date)
    lists = [client.get(address, headers=by_date) for address in (section, "/rss/", "/sitemap.xml")]

    assert fresh == [200, 200, 200]
    assert gone.status_code == 410
    assert {response.status_code for response in lists} == {200}
    assert [response for response in lists if story.slug in response.content.decode()] == []
