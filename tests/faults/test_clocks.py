"""The machine's clock goes back an hour, as after a bad synchronisation; midnights are in the tests of pages and visits."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from articles.models import ArticleVersion, HistoryEntry, Notice
from tests.articles.test_article_admin import change_url
from tests.factory import make_article


@pytest.mark.fault(14)
@pytest.mark.django_db
def test_clock_that_goes_back_publishes_nothing_twice(admin_client, client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        story = make_article(status="draft", published_at=timezone.now() + timedelta(minutes=1))
        admin_client.post(change_url(story).replace("change", "step"), {"_step": "publish"})
        noted = Notice.objects.count()

        def status(seconds):
            clock.shift(seconds)
            return client.get(story.get_absolute_url()).status_code

        assert [status(59), status(1)] == [404, 200]
        assert client.get("/").status_code == 200
        assert status(-3600) == 404
        assert client.get("/").status_code == 200
        assert status(3600) == 200

    assert HistoryEntry.objects.filter(story_id=story.pk).count() == 1
    assert ArticleVersion.objects.filter(article=story).count() == 1
    assert Notice.objects.count() == noted
