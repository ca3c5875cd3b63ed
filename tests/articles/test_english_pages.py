"""The English side of the portal: /en/ before the same words, stories of its own, no Vietnamese word of the interface."""

import re

import pytest
from django.utils import timezone

from articles.models import Article
from newsportal.models import SiteIdentity
from tests.factory import make_article, make_section

pytestmark = pytest.mark.django_db

VIETNAMESE_LETTERS = re.compile(
    r"[^\W\d_]*[ăâđêôơưĂÂĐÊÔƠƯàáạảãèéẹẻẽìíịỉĩòóọỏõùúụủũỳýỵỷỹ\u1ea0-\u1ef9][^\W\d_]*"
)
# What a page may say in Vietnamese: the way to the Vietnamese pages.
SWITCH = re.compile(r'<a class="top-bar__link" href="[^"]*" lang="vi" hreflang="vi">Tiếng Việt</a>')


@pytest.fixture
def portal():
    return SiteIdentity.objects.create(name="Cổng tin tức", has_english=True, name_en="River News")


@pytest.fixture
def section(portal):
    return make_section("Tin hoạt động", name_en="News of our work")


def make_english(**fields):
    return make_article(
        **{
            "language": "en",
            "headline": "Volunteers clean the river bank",
            "lead": "Two hundred people came.",
            "body": "<p>They worked all morning.</p>",
            **fields,
        }
    )


def test_each_language_has_its_own_stories_and_leads_to_the_other(client, section):
    vietnamese = make_article(section=section, headline="Ra quân làm sạch bờ sông")
    english = make_english(section=section, translation_of=vietnamese)
    assert (
        english.get_absolute_url()
        == f"/en{vietnamese.get_absolute_url().rpartition('/ra-')[0]}/volunteers-clean-the-river-bank-{english.pk}/"
    )

    for first, second in ((vietnamese, english), (english, vietnamese)):
        html = client.get(first.get_absolute_url()).content.decode()
        assert f'<html lang="{first.language}">' in html
        assert f'hreflang="{second.language}" href="http://testserver{second.get_absolute_url()}"' in html
        assert f'hreflang="x-default" href="http://testserver{vietnamese.get_absolute_url()}"' in html
        assert f'href="{second.get_absolute_url()}" lang="{second.language}"' in html
        assert f'"inLanguage": "{first.language}"' in html

    for prefix, mine, other in (("", vietnamese, english), ("/en", english, vietnamese)):
        day = f"{timezone.localtime(english.published_at):%Y/%m/%d}"
        for path in (
            "/",
            "/tin-hoat-dong/",
            f"/luu-tru/{day}/",
            "/tim-kiem/?q=river+sông",
            "/rss/",
            "/sitemap-tin-moi.xml",
        ):
            html = client.get(prefix + path).content.decode()
            assert other.headline not in html, prefix + path
            assert mine.headline in html or path.startswith("/tim-kiem/"), prefix + path
    assert english.get_absolute_url() in client.get("/en/tim-kiem/?q=river").content.decode()
    assert english.get_absolute_url() not in client.get("/tim-kiem/?q=river").content.decode()
    assert "http://127.0.0.1:8000/en/sitemap-trang.xml" in client.get("/sitemap.xml").content.decode()

    wrong = client.get(english.get_absolute_url().removeprefix("/en"))
    assert (wrong.status_code, wrong["Location"]) == (301, english.get_absolute_url())
    assert client.get(f"/en{vietnamese.get_absolute_url()}")["Location"] == vietnamese.get_absolute_url()

    # A counterpart that readers may not see is none.
    Article.objects.filter(pk=vietnamese.pk).update(status=Article.Status.DRAFT)
    html = client.get(english.get_absolute_url()).content.decode()
    assert 'rel="alternate" hreflang' not in html
    assert '<a class="top-bar__link" href="/" lang="vi" hreflang="vi">Tiếng Việt</a>' in html


def test_portal_without_english_pages_says_nothing_of_them(client, section):
    english = make_english(section=section)
    SiteIdentity.objects.update(has_english=False)

    for path in ("/en/", "/en/tim-kiem/", "/en/nowhere/at/all/", english.get_absolute_url()):
        response = client.get(path)
        assert response.status_code == 404, path
        assert "Không tìm thấy trang" in response.content.decode(), path
    html = client.get("/").content.decode()
    assert "hreflang" not in html
    assert "/en/" not in client.get("/sitemap.xml").content.decode()
