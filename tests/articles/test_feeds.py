"""RSS and Atom: what feed readers get, and that they get nothing else."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.contrib.sites.models import Site
from django.utils import timezone

from articles.models import Article, Author, Correction, Topic
from newsportal.models import SiteIdentity
from tests.factory import figure, make_article, make_byline, make_photo, make_section
from tests.schemas import checked

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
DC = "{http://purl.org/dc/elements/1.1/}creator"
ALL_OF_STORY = [
    "/rss/", "/rss/chuyen-muc/an-ninh/", "/rss/chu-de/mua-mua/", "/rss/tac-gia/minh-ha/",
    "/atom/", "/atom/chuyen-muc/an-ninh/", "/atom/chu-de/mua-mua/", "/atom/tac-gia/minh-ha/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://tin.vi-du.vn"


def filed(**fields):
    """A story of every feed."""
    story = make_article(section=make_section("An ninh"), **fields)
    story.topics.add(Topic.objects.get_or_create(name="Mùa mưa")[0])
    make_byline(story, "Minh Hà")
    return story


def read(client, address):
    """The feed, once it keeps the schema of its format and what no schema tells."""
    response = client.get(address)
    assert response.status_code == 200
    kind = address.split("/")[1]
    assert response["Content-Type"] == f"application/{kind}+xml; charset=utf-8"
    root = checked(kind, response.content)
    check_rss(root) if kind == "rss" else check_atom(root)
    return root


def check_rss(root):
    guids = root.xpath("//item/guid/text()")
    assert len(guids) == len(set(guids)) == len(root.findall("channel/item"))
    for moment in root.xpath("//lastBuildDate/text() | //pubDate/text()"):
        assert parsedate_to_datetime(moment).tzinfo
    for item in root.findall("channel/item"):
        assert item.findtext("link").startswith("https://")
        assert item.findtext("pubDate")
        for enclosure in item.findall("enclosure"):
            assert enclosure.get("type").startswith("image/")


def check_atom(root):
    assert root.xpath("a:author/a:name/text()", namespaces=ATOM)
    for parent in (root, *root.findall("a:entry", ATOM)):
        assert len(parent.findall("a:link[@rel='alternate']", ATOM)) == 1
    ids = root.xpath("a:entry/a:id/text()", namespaces=ATOM)
    assert len(ids) == len(set(ids))


def headlines(root):
    return root.xpath("//item/title/text() | //a:entry/a:title/text()", namespaces=ATOM)


@pytest.mark.parametrize("address", ALL_OF_STORY)
def test_feed_has_the_stories_that_belong_to_it(client, address):
    story = filed(headline="Tuần tra & canh gác")
    other = make_article(section=make_section("Đời sống"))

    expected = [story.headline] if address.count("/") > 2 else [other.headline, story.headline]

    assert sorted(headlines(read(client, address))) == sorted(expected)


def test_feed_of_a_section_has_the_stories_of_those_below_it(client):
    story = make_article(section=make_section("Tin cơ sở", parent=make_section("An ninh")))

    assert headlines(read(client, "/rss/chuyen-muc/an-ninh/")) == [story.headline]


@pytest.mark.requirement(12)
@pytest.mark.parametrize("address", ALL_OF_STORY)
def test_feed_tells_nothing_that_readers_do_not_see(client, hidden_articles, address):
    now = timezone.now()
    story = filed(headline="Ai cũng thấy")
    for hidden in (
        *hidden_articles,
        make_article(headline="Cấm vận không ai thấy", embargo_until=now + timedelta(hours=1)),
        make_article(headline="Bản sau không ai thấy", status=Article.Status.DRAFT, next_of=story),
    ):
        hidden.section = story.section
        hidden.save(update_fields=["section"])
        hidden.topics.set(story.topics.all())
        make_byline(hidden, "Minh Hà")

    answer = client.get(address).content.decode()

    assert headlines(read(client, address)) == ["Ai cũng thấy"]
    assert "không ai thấy" not in answer


@pytest.mark.parametrize("address", ALL_OF_STORY)
def test_feed_without_stories_is_valid_and_does_not_change(client, address):
    make_section("An ninh")
    Topic.objects.create(name="Mùa mưa")
    Author.objects.create(pen_name="Minh Hà")

    read(client, address)
    answers = [client.get(address) for _time in range(2)]

    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    "address", ["/rss/chuyen-muc/khong-co/", "/atom/chu-de/khong-co/", "/rss/tac-gia/khong-co/"]
)
def test_feed_of_nothing_known_answers_404(client, address):
    assert client.get(address).status_code == 404


def test_newest_fifty_stories_the_newest_first(client):
    section, start = make_section(), timezone.now() - timedelta(days=1)
    Article.objects.bulk_create(
        Article(
            section=section,
            headline=f"Tin {number}",
            slug="tin",
            status=Article.Status.PUBLISHED,
            published_at=start + timedelta(minutes=number),
        )
        for number in range(52)
    )

    assert headlines(read(client, "/rss/")) == [f"Tin {number}" for number in reversed(range(2, 52))]


def test_item_tells_who_where_what_and_with_which_picture(client):
    story = filed(headline="A < B", lead="Sapo có <b>.", lead_photo=make_photo())
    make_byline(story, "Đức Thắng", order=1)

    [item] = read(client, "/rss/").findall(".//item")

    assert item.findtext("title") == "A < B"
    assert item.findtext("link") == f"https://tin.vi-du.vn{story.get_absolute_url()}"
    assert item.findtext("description") == "<p>Sapo có &lt;b&gt;.</p>"
    assert item.findtext("category") == "An ninh"
    assert [creator.text for creator in item.findall(DC)] == ["Minh Hà", "Đức Thắng"]
    enclosure = item.find("enclosure")
    assert enclosure.get("type") == "image/jpeg"
    picture = client.get(enclosure.get("url").removeprefix("https://tin.vi-du.vn"))
    assert len(picture.getvalue()) == int(enclosure.get("length"))


def test_photo_whose_file_is_gone_leaves_the_item(client):
    photo = make_photo()
    filed(lead_photo=photo)
    photo.file.storage.delete(photo.fallback_name)

    [item] = read(client, "/rss/").findall(".//item")

    assert item.find("enclosure") is None


def test_id_outlives_a_new_headline_and_section(client):
    story = filed()
    before = [read(client, address).xpath("//guid/text() | //a:entry/a:id/text()", namespaces=ATOM)
              for address in ("/rss/", "/atom/")]  # fmt: skip

    story.headline, story.slug, story.section = "Tiêu đề mới", "", make_section("Đời sống")
    story.save()

    after = [read(client, address).xpath("//guid/text() | //a:entry/a:id/text()", namespaces=ATOM)
             for address in ("/rss/", "/atom/")]  # fmt: skip
    assert after == before == [[f"tag:tin.vi-du.vn,2024:tin/{story.pk}"]] * 2


def test_correction_is_named_and_moves_the_date(client):
    story = filed(published_at=datetime(2024, 5, 1, 3, tzinfo=UTC))
    Correction.objects.create(
        article=story, text="Số người là <12>.", made_at=datetime(2024, 5, 2, 3, tzinfo=UTC)
    )

    root = read(client, "/rss/")
    [entry] = read(client, "/atom/").findall("a:entry", ATOM)

    assert "<strong>Đính chính ngày 02/05/2024:</strong> Số người là &lt;12&gt;." in root.findtext(
        ".//item/description"
    )
    assert root.findtext(".//lastBuildDate") == "Thu, 02 May 2024 03:00:00 +0000"
    assert entry.findtext("a:published", namespaces=ATOM) == "2024-05-01T03:00:00+00:00"
    assert entry.findtext("a:updated", namespaces=ATOM) == "2024-05-02T03:00:00+00:00"


def test_text_is_in_the_feed_when_the_site_wants_it(client, settings):
    story = filed(body=f"<p>Chữ trong bài.</p>{figure(make_photo())}")
    path = "//item/*[local-name()='encoded']/text() | //a:entry/a:content/text()"

    without = [read(client, address).xpath(path, namespaces=ATOM) for address in ("/rss/", "/atom/")]
    settings.FEED_FULL_TEXT = True
    texts = [read(client, address).xpath(path, namespaces=ATOM) for address in ("/rss/", "/atom/")]

    assert without == [[], []]
    for [text] in texts:
        assert "Chữ trong bài." in text
        assert f'src="https://tin.vi-du.vn{story.lead_photo.picture.url}"' in text
        assert "srcset" not in text


def test_second_request_is_answered_304_until_there_is_news(client):
    filed()
    first = client.get("/rss/")

    same = client.get("/rss/", headers={"if-none-match": first["ETag"]})
    filed(published_at=timezone.now())
    later = client.get("/rss/", headers={"if-none-match": first["ETag"]})

    assert (same.status_code, later.status_code) == (304, 200)
    assert same.content == b""


@pytest.mark.requirement(5)
def test_feed_sets_no_cookie_and_few_queries(client, django_assert_num_queries):
    SiteIdentity.objects.create(name="Cổng tin")
    for _number in range(3):
        filed(lead_photo=make_photo())
    Site.objects.get_current()  # Django asks for it once in the life of a process

    # Identity, section and those below it, which stories, the stories with photos and corrections, bylines.
    with django_assert_num_queries(6):
        response = client.get("/rss/chuyen-muc/an-ninh/")

    assert not response.cookies


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", ""),
        ("/an-ninh/", "chuyen-muc/an-ninh/"),
        ("/chu-de/mua-mua/", "chu-de/mua-mua/"),
        ("/tac-gia/minh-ha/", "tac-gia/minh-ha/"),
    ],
)
def test_page_names_its_feeds(client, page, feed):
    filed()

    html = client.get(page).content.decode()

    assert f'href="/rss/{feed}">' in html
    assert f'href="/atom/{feed}">' in html


def test_list_of_feeds_leads_to_them_and_hides_topics_without_public_stories(client, hidden_articles):
    filed()
    hidden_articles[0].topics.add(Topic.objects.create(name="Chưa ai biết"))

    html = client.get("/kenh-rss/").content.decode()

    assert 'href="/kenh-rss/"' in client.get("/").content.decode()
    for feed in ("", "chuyen-muc/an-ninh/", "chu-de/mua-mua/"):
        assert client.get(f"/rss/{feed}").status_code == 200
        assert f'href="/rss/{feed}"' in html[html.index("<main") :]
    assert "Chưa ai biết" not in html
