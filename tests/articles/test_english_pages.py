"""The English side of the portal: /en/ before the same words, stories of its own, no Vietnamese word of the interface."""

import re

import pytest
from django.contrib.flatpages.models import FlatPage
from django.utils import timezone

from articles.models import Article, Attachment, Author, Byline, Correction, Section, Topic
from newsportal.models import LinkGroup, PageInEnglish, SiteIdentity, WebsiteLink
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


def test_no_vietnamese_word_of_the_interface_is_on_an_english_page(client, section):
    """Everything that is written for it is plain ASCII, so each Vietnamese letter is one of the interface."""
    SiteIdentity.objects.update(
        name="Portal",
        agency="Agency",
        address="1 Street",
        phone="1",
        person_responsible="Editor",
        email="a@b.vn",
    )
    Section.objects.update(name="Activities", description="What we do.")
    group = LinkGroup.objects.create(name="Bo, nganh", name_en="Ministries")
    WebsiteLink.objects.create(
        group=group, title="Bo Y te", title_en="Ministry of Health", url="https://yte.vi-du.vn"
    )
    page = FlatPage.objects.create(url="/gioi-thieu/", title="Gioi thieu", content="<p>Chao.</p>")
    page.sites.add(1)
    PageInEnglish.objects.create(page=page, title="About us", content="<p>Hello.</p>")
    topic = Topic.objects.create(name="Mua lu", name_en="Floods")
    stories = [make_english(section=section) for _ in range(25)]
    story = stories[0]
    story.topics.add(topic)
    Article.objects.filter(pk=story.pk).update(updated_at=timezone.now(), source_name="Radio")
    author = Author.objects.create(pen_name="Anna", unit="Office")
    Byline.objects.create(article=story, author=author, role=Byline.Role.TEXT_AND_PHOTO)
    Attachment.objects.create(article=story, title="Plan", file="attachments/a.pdf", size=9000)
    Correction.objects.create(article=story, text="It was the left bank.")
    withdrawn = make_english(section=section, status=Article.Status.WITHDRAWN, withdrawn_at=timezone.now())

    waiting, seen, words = (
        ["/en/", withdrawn.get_absolute_url(), "/en/nowhere/", "/en/tim-kiem/?q=qqqq"],
        {},
        set(),
    )
    waiting += ["/en/tim-kiem/?q=river&author=anna", "/en/sitemap.xml", "/en/luu-tru/1900/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        response = client.get(path)
        seen[path] = response.status_code
        if response.streaming or not response["Content-Type"].startswith(("text", "application/")):
            continue
        html = response.content.decode()
        assert 'lang="en"' in html or "<html" not in html, path
        found = VIETNAMESE_LETTERS.findall(SWITCH.sub("", html))
        assert not found, f"{path}: {found}"
        words.update(re.findall(r"\b(?:Gioi thieu|Bo Y te|Bo, nganh|Mua lu|Tin hoat dong)\b", html))
        links = re.findall(r'(?:href=|<loc>)"?(?:http://127.0.0.1:8000)?(/en/[^"<#]*)', html)
        waiting += [link.replace("&amp;", "&") for link in links if not link.endswith(("/pdf/", ".png"))]

    assert not words
    assert len(seen) > 60
    # A way back to Vietnamese pages, and no other.
    assert {status for path, status in seen.items() if status != 200} == {404, 410}
