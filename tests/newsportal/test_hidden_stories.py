"""What readers may not see stands on none of their addresses."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Author, Correction, Photo, Topic
from tests.factory import figure, make_article, make_byline
from tests.newsportal.test_access import ADDRESSES, EVERYBODY, address, make_rows

pytestmark = pytest.mark.django_db

# Where a published story stands in words; on the other public addresses there is none.
SHOWN_ON = [
    "home",
    "search",
    "archive_year",
    "archive_month",
    "archive_day",
    "topic",
    "author",
    "section",
    "article",
    "corrections",
    "rss",
    "section_rss",
    "topic_rss",
    "author_rss",
    "atom",
    "section_atom",
    "topic_atom",
    "author_atom",
    "api_stories",
    "news_sitemap",
    "month_sitemap",
]


@pytest.mark.requirement(12)
def test_hidden_stories_stand_on_no_public_address(client):
    """The text of a PDF is compressed; it has a test of its own."""
    rows = make_rows()
    now, hour = timezone.now(), timedelta(hours=1)
    author, topic, photo = Author.objects.get(), Topic.objects.get(), Photo.objects.get()
    hidden = []
    for number, fields in enumerate(
        [
            {},
            {"status": Article.Status.DRAFT, "published_at": None},
            {"status": Article.Status.IN_REVIEW, "published_at": None},
            {"status": Article.Status.TRASHED, "published_at": None},
            {"status": Article.Status.WITHDRAWN},
            {"published_at": now + hour},
            {"embargo_until": now + hour},
            {"published_at": now - 2 * hour, "expires_at": now - hour},
            {"status": Article.Status.DRAFT, "published_at": None, "next_of": rows["story"]},
        ]
    ):
        mark = f"ZQXVKJ{number}" if fields else "WZPUBLIC"
        words = dict.fromkeys(("headline", "kicker", "lead"), mark) | {"slug": mark.lower()}
        story = make_article(
            section=rows["section"], body=f"<p>Bờ sông {mark}.</p>{figure(photo, mark)}", **words | fields
        )
        make_byline(story, author.pen_name)
        story.topics.add(topic)
        if story.expires_at is None:  # the corrections of an expired one stay, without its headline
            Correction.objects.create(article=story, text=mark)
        if fields:
            hidden.append(story)
    told, shown = {}, set()

    for name in (name for name, letters in ADDRESSES.items() if letters == EVERYBODY):
        if name != "articles:shared":  # shows a draft to whom it was sent
            query = {"q": "bờ sông"} if name == "articles:search" else {}
            response = client.get(address(name, rows), query)
            text = (response.getvalue() if response.streaming else response.content).decode(errors="replace")
            if "zqxvkj" in text.lower():
                told[name] = text
            if "wzpublic" in text.lower():
                shown.add(name)
    for story in hidden:  # whoever guesses its number, or kept its address
        for path in (
            f"/an-ninh/x-{story.pk}/",  # leads to the address of a story that is there
            f"/an-ninh/x-{story.pk}/pdf/",
            reverse("articles:api_story", args=[story.pk]),
            reverse("articles:story_picture", args=[story.pk, "x"]),
        ):
            response = client.get(path)
            text = f"{response.headers}{response.content.decode()}".lower().replace(path, "")
            if response.status_code not in (404, 410) or "zqxvkj" in text:
                told[story, path] = response.status_code, text

    assert told == {}
    assert shown == {f"articles:{name}" for name in SHOWN_ON}
