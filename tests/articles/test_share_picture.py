"""The picture that goes with a link: cut from the photo, or drawn with the headline."""

import io
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone
from lxml import html as lxml_html
from PIL import Image

from articles.models import Article
from newsportal import drawing
from newsportal.models import SiteIdentity
from tests.factory import make_article, make_photo, make_section, picture_file

GREEN = "#0f5a43"
HEADLINE = "Sơ kết ba năm phong trào “Xóm bình yên”: hơn một nghìn tổ tự quản giữ gìn trật tự, 200 điển hình được khen"


def told(client, address) -> dict:
    document = lxml_html.fromstring(client.get(address).content.decode())
    return {meta.get("property") or meta.get("name"): meta.get("content") for meta in document.iter("meta")}


def path(meta) -> str:
    assert meta["og:image"].startswith(site.SITE_URL)
    assert meta["twitter:image"] == meta["og:image"]
    assert meta["twitter:card"] == "summary_large_image"
    return meta["og:image"].removeprefix(site.SITE_URL)


def seen(response) -> Image.Image:
    assert response.status_code == 200
    return Image.open(io.BytesIO(response.getvalue()))


@pytest.mark.django_db
def test_story_with_a_photo_shows_the_part_around_its_focal_point(client, settings):
    photo = make_photo(upload=picture_file(size=(1500, 1500)), alt="Bến đò")
    story = make_article(lead_photo=photo)

    meta = told(client, story.get_absolute_url())

    assert (meta["og:image:width"], meta["og:image:height"]) == ("1200", "630")
    assert meta["og:image:alt"] == "Bến đò"
    assert seen(client.get(path(meta))).size == (1200, 630)


@pytest.mark.django_db
def test_small_photo_is_not_enlarged(client):
    story = make_article(lead_photo=make_photo(upload=picture_file(size=(640, 480))))

    meta = told(client, story.get_absolute_url())

    assert (meta["og:image:width"], meta["og:image:height"]) == ("640", "336")


@pytest.mark.django_db
def test_story_without_a_photo_has_one_drawn_with_its_headline(client):
    story = make_article(headline=HEADLINE, section=make_section("An ninh"))
    meta = told(client, story.get_absolute_url())

    picture = seen(client.get(path(meta)))
    story.headline = "Tiêu đề khác"
    story.save()

    assert picture.size == (1200, 630)
    assert meta["og:image:alt"] == HEADLINE
    new = path(told(client, story.get_absolute_url()))
    assert new != path(meta)
    assert client.get(path(meta)).url == site.SITE_URL + new


@pytest.mark.django_db
def test_section_and_every_other_page_have_a_picture_too(client):
    SiteIdentity.objects.create(name="Cổng tin", agency="Công an tỉnh")
    section = make_section("An ninh")

    pages = [told(client, address) for address in (section.get_absolute_url(), "/", "/kenh-rss/")]

    assert [meta["og:image:alt"] for meta in pages] == ["An ninh", "Cổng tin", "Cổng tin"]
    assert {seen(client.get(path(meta))).size for meta in pages} == {(1200, 630)}
    SiteIdentity.objects.update(accent="#8a1538")
    assert path(told(client, "/")) != path(pages[1])


@pytest.mark.requirement(12)
@pytest.mark.django_db
def test_picture_of_a_story_that_nobody_may_read_is_not_there(client):
    story = make_article(headline="Đã đăng rồi gỡ")
    address = path(told(client, story.get_absolute_url()))
    seen(client.get(address))

    withdrawn = {"status": Article.Status.WITHDRAWN, "withdrawn_at": timezone.now()}
    for change in ({"published_at": timezone.now() + timedelta(days=1)}, withdrawn):
        Article.objects.update(**change)
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "headline",
    [
        pytest.param("🎉" * 300, id="emoji"),
        pytest.param("X" * 500, id="one word"),
        pytest.param("1 " * 250, id="numbers"),
        pytest.param("中文标题 العربية", id="other scripts"),
        pytest.param("\u202eo\u0302\u0301 \u00ad\x00\ud800 <b>&amp;", id="signs that steer"),
        pytest.param("", id="nothing"),
    ],
)
def test_odd_words_are_drawn_as_far_as_the_typeface_goes(headline):
    words = drawing.SharePicture(headline, headline, headline, "", headline, headline, GREEN, "")

    picture = Image.open(io.BytesIO(words.draw(drawing.Emblem(GREEN, b"broken"))))

    assert picture.size == drawing.SIZE


def test_headline_is_broken_between_words_into_lines_of_like_length():
    size, lines = drawing.set_headline(HEADLINE, 1056)

    assert len(lines) == 4
    assert " ".join(lines).replace("\u00a0", " ") == HEADLINE
    lengths = [drawing.Face(size, 700).length(line) for line in lines]
    assert max(lengths) <= 1056
    assert min(lengths) > 0.6 * max(lengths)
    assert any("200\u00a0điển" in line for line in lines)


def test_longer_headline_is_smaller_and_the_longest_ends_in_an_ellipsis():
    sizes = [drawing.set_headline("Mùa lũ về " * times, 1056) for times in (1, 5, 8, 30)]

    assert [size for size, _lines in sizes] == sorted((size for size, _lines in sizes), reverse=True)
    assert len({size for size, _lines in sizes}) > 2
    assert len(sizes[-1][1]) == 5
    assert sizes[-1][1][-1].endswith("…")


def test_letters_are_those_of_the_typeface():
    font = drawing.Face(40, 400).font
    missing = bytes(font.getmask("\U0010ffff"))

    assert drawing.drawable("Ữ ỗ đ Đ ₫ – “”…") == "Ữ ỗ đ Đ ₫ – “”…"
    assert drawing.drawable("o\u0302\u0301\u2003x") == "ố x"
    for letter in drawing.drawable("".join(map(chr, range(0xA1, 0x1B1)))) + drawing.drawable("ẠỹỤỷ₫€™−„"):
        assert bytes(font.getmask(letter)) != missing
