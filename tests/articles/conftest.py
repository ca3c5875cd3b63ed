from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Article
from tests.factory import make_article


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
