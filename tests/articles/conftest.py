from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from articles.models import Article
from tests.factory import make_article
from visitors import rankings
from visitors.models import Label, LabelDay


@pytest.fixture
def ranking_kept(db, settings):
    """The most read stories are known, as they are for a minute after somebody has asked."""
    label = Label.objects.create(kind=Label.Kind.PAGE, text="article:0", added_on=timezone.localdate())
    LabelDay.objects.create(day=timezone.localdate(), label=label, views=1)
    settings.MOST_READ_SECONDS = 60
    rankings.most_read_ids()
    yield
    cache.clear()


@pytest.fixture
def hidden_articles(db):
    """One story of each kind that no reader may see, all in one section."""
    now = timezone.now()
    return [
        make_article(headline="Bản nháp không ai thấy", status=Article.Status.DRAFT, published_at=None),
        make_article(headline="Hẹn giờ không ai thấy", published_at=now + timedelta(hours=1)),
        make_article(headline="Hết hạn không ai thấy", expires_at=now - timedelta(minutes=1)),
        make_article(headline="Đã gỡ không ai thấy", status=Article.Status.WITHDRAWN),
    ]
