"""What a story's page tells machines: JSON-LD, Dublin Core, cards; and the manifest of the site."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html as lxml_html
from PIL import Image

from articles.models import Correction, Topic
from newsportal.models import SiteIdentity
from tests.factory import make_article, make_byline, make_photo, make_section, make_user, picture_file

pytestmark = pytest.mark.django_db

SITE = "https://tin.vi-du.vn"


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = SITE


def page(client, story, address=""):
    response = client.get(address or story.get_absolute_url())
    assert response.status_code == 200
    return lxml_html.fromstring(response.content.decode())


def graph(client, story):
    [text] = page(client, story).xpath("//script[@type='application/ld+json']/text()")
    linked = json.loads(text)
    assert linked["@context"] == "https://schema.org"
    return linked["@graph"]


def named(document, name):
    return document.xpath(f"//meta[@name='{name}' or @property='{name}']/@content")


def test_story_is_told_with_all_that_search_engines_ask_for(client):
    identity = SiteIdentity.objects.create(
        name="Cổng tin", agency="Công an tỉnh", emblem=picture_file("huy-hieu.png", format="PNG")
    )
    photo = make_photo()
    story = make_article(
        section=make_section("Tin cơ sở", parent=make_section("An ninh")),
        headline="Ra quân",
        lead="Sáng nay.",
        lead_photo=photo,
        published_at=datetime(2024, 5, 1, 3, tzinfo=UTC),
    )
    make_byline(story, "Minh Hà")
    make_byline(story, "Đức Thắng", order=1)
    story.topics.add(Topic.objects.create(name="Mùa mưa"))
    Correction.objects.create(article=story, text="Đã sửa.", made_at=datetime(2024, 5, 2, 3, tzinfo=UTC))

    news, trail = graph(client, story)

    address = SITE + story.get_absolute_url()
    assert news["@type"] == "NewsArticle"
    assert news["url"] == news["mainEntityOfPage"] == address
    assert news["headline"] == "Ra quân"
    assert news["description"] == "Sáng nay."
    assert news["datePublished"] == "2024-05-01T10:00:00+07:00"
    assert news["dateModified"] == "2024-05-02T10:00:00+07:00"
    assert news["author"] == [
        {"@type": "Person", "name": "Minh Hà", "url": f"{SITE}/tac-gia/minh-ha/"},
        {"@type": "Person", "name": "Đức Thắng", "url": f"{SITE}/tac-gia/duc-thang/"},
    ]
    assert [image["url"] for image in news["image"]] == [
        SITE + picture.url for picture in (photo.shared_picture, photo.wide_picture, photo.picture)
    ]
    assert news["articleSection"] == "Tin cơ sở"
    assert news["keywords"] == ["Mùa mưa"]
    assert news["publisher"]["name"] == "Công an tỉnh"
    assert news["publisher"]["logo"]["url"] == SITE + identity.emblem.url
    assert news["correction"] == [
        {"@type": "CorrectionComment", "text": "Đã sửa.", "datePublished": "2024-05-02T10:00:00+07:00"}
    ]
    assert trail["@type"] == "BreadcrumbList"
    assert [(step["position"], step["name"], step["item"]) for step in trail["itemListElement"]] == [
        (1, "Trang chủ", f"{SITE}/"),
        (2, "An ninh", f"{SITE}/an-ninh/"),
        (3, "Tin cơ sở", f"{SITE}/tin-co-so/"),
        (4, "Ra quân", address),
    ]


def test_story_without_names_and_photo_is_signed_by_the_publisher(client):
    news, _trail = graph(client, make_article())

    assert news["author"] == [news["publisher"]]
    assert [(image["width"], image["height"]) for image in news["image"]] == [("1200 px", "630 px")]


def test_no_text_of_a_story_breaks_out_of_its_element(client):
    hostile = "</script><script>alert(1)</script><!--<script> & \u2028"
    story = make_article(headline=hostile, lead=hostile)
    make_byline(story, "</script><b>")

    response = client.get(story.get_absolute_url())
    news, _trail = graph(client, story)

    html = response.content.decode()
    block = html[html.index("ld+json") :]
    assert "<" not in block[: block.index("</script>")]
    assert "<script>" not in html
    assert news["headline"] == story.headline
    assert news["author"][0]["name"] == "</script><b>"


def test_long_headline_is_cut_at_a_word(client):
    news, _trail = graph(client, make_article(headline="Tuyên truyền " * 20))

    assert len(news["headline"]) <= 110
    assert news["headline"].endswith(("Tuyên…", "truyền…"))


def test_dublin_core_and_cards(client):
    SiteIdentity.objects.create(name="Cổng tin", agency="Công an tỉnh")
    story = make_article(
        headline='Ra "quân"',
        lead="Sáng nay.",
        lead_photo=make_photo(alt="Hội trường"),
        source_name="TTXVN",
        published_at=datetime(2024, 5, 1, 3, tzinfo=UTC),
    )
    make_byline(story, "Minh Hà")

    document = page(client, story)

    expected = {
        "DC.title": 'Ra "quân"',
        "DC.creator": "Minh Hà",
        "DC.date": "2024-05-01T10:00:00+07:00",
        "DC.description": "Sáng nay.",
        "DC.publisher": "Công an tỉnh",
        "DC.identifier": f"http://testserver{story.get_absolute_url()}",
        "DC.language": "vi",
        "DC.source": "TTXVN",
        "twitter:card": "summary_large_image",
        "twitter:title": 'Ra "quân"',
        "og:image:alt": "Hội trường",
        "article:section": "Tin hoạt động",
    }
    assert {name: named(document, name) for name in expected} == {
        name: [value] for name, value in expected.items()
    }


def test_canonical_address_forgets_what_was_asked_besides(client):
    story = make_article()

    document = page(client, story, f"{story.get_absolute_url()}?x=rac&utm_source=y")

    assert document.xpath("//link[@rel='canonical']/@href") == [
        f"http://testserver{story.get_absolute_url()}"
    ]
    assert "rac" not in lxml_html.tostring(document.head, encoding="unicode")


def test_preview_of_a_draft_tells_machines_nothing(client):
    client.force_login(make_user(is_superuser=True))
    draft = make_article(status="draft", published_at=None)

    document = page(client, draft, f"/admin/articles/article/{draft.pk}/preview/")

    assert document.xpath("//script[@type='application/ld+json']") == []


def test_lead_photo_costs_the_page_no_query(client, ranking_kept, django_assert_num_queries):
    story = make_article(lead_photo=make_photo())

    # As tests/articles/test_article_page.py counts them.
    with django_assert_num_queries(2 + 4):
        client.get(story.get_absolute_url())


def test_manifest_has_the_name_colour_and_icons_of_the_site(client):
    SiteIdentity.objects.create(name="Cổng tin", accent="#8a1538")

    response = client.get("/manifest.webmanifest")

    manifest = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert (manifest["name"], manifest["theme_color"], manifest["start_url"]) == ("Cổng tin", "#8a1538", "/")
    assert [(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]] == [
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    ]  # fmt: skip
    for icon in manifest["icons"]:
        picture = drawn(client.get(icon["src"]))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
    assert 'rel="manifest" href="/manifest.webmanifest"' in client.get("/").content.decode()


def drawn(response):
    assert response["Content-Type"] == "image/png"
    return Image.open(io.BytesIO(response.content))


def test_icons_are_of_the_sites_own_emblem_and_change_with_it(client):
    identity = SiteIdentity.objects.create(name="Cổng tin", accent="#8a1538")
    before = identity.icons
    identity.emblem = picture_file("huy-hieu.png", size=(300, 200), colour="blue", format="PNG")
    identity.save()
    after = SiteIdentity.load().icons

    clear = drawn(client.get(after["192"])).convert("RGBA")
    full = drawn(client.get(after["full512"])).convert("RGB")

    assert clear.getpixel((96, 96)) == (0, 0, 255, 255)
    assert clear.getpixel((96, 2))[3] == 0
    assert full.getpixel((256, 256)) == (0, 0, 255)
    assert full.getpixel((2, 2)) == (255, 255, 255)
    assert client.get(before["192"]).url == after["192"]
    assert client.get(after["192"].replace("192", "193")).status_code == 404


def test_emblem_that_cannot_be_read_leaves_the_star(client):
    identity = SiteIdentity.objects.create(name="Cổng tin", emblem=SimpleUploadedFile("x.png", b"no picture"))
    identity.emblem.storage.delete(identity.emblem.name)

    assert drawn(client.get(identity.icons["48"])).convert("RGB").getpixel((24, 20)) == (0xF6, 0xD3, 0x65)
