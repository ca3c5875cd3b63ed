import pytest

from articles.models import Article
from newsportal.models import LinkGroup, SiteIdentity, WebsiteLink
from tests.factory import make_article, make_photo, make_section

pytestmark = pytest.mark.django_db


def test_lead_story_comes_first_with_its_photo_at_high_priority(client):
    make_article(headline="Tin thường")
    lead = make_article(
        headline="Tin dẫn đầu", featured_place=Article.FeaturedPlace.LEAD, lead_photo=make_photo()
    )

    html = client.get("/").content.decode()

    assert html.index("Tin dẫn đầu") < html.index("Tin thường")
    assert lead.lead_photo.wide_picture.url in html
    assert html.count('fetchpriority="high"') == 1


def test_box_shows_five_stories_of_its_section_that_are_not_featured(client):
    section = make_section("An ninh trật tự")
    stories = [make_article(section=section) for _ in range(13)]

    boxes = client.get("/").context["boxes"]

    assert boxes == [(section, list(reversed(stories[1:6])))]


def test_section_box_holds_stories_of_the_sections_below(client):
    section = make_section()
    child = make_section("Tin cơ sở", parent=section)
    for _ in range(8):
        make_article(section=child)

    assert [box for box, _stories in client.get("/").context["boxes"]] == [section]


def test_section_without_other_stories_has_no_box(client):
    make_section("Còn trống")
    make_article()

    assert client.get("/").context["boxes"] == []


def test_new_site_says_so_in_a_friendly_way(client):
    response = client.get("/")

    assert response.status_code == 200
    assert 'class="empty"' in response.content.decode()


def test_story_without_photo_and_lead_is_shown(client):
    make_article(headline="Không ảnh, không sapo", lead="")

    html = client.get("/").content.decode()

    assert "card--without-photo" in html
    assert "card__lead" not in html


def test_missing_photo_file_leaves_the_page_whole(client):
    photo = make_photo()
    make_article(lead_photo=photo, headline="Tin có ảnh đã mất")
    photo.file.storage.delete(photo.file.name)

    response = client.get("/")

    assert response.status_code == 200
    assert "Tin có ảnh đã mất" in response.content.decode()


def test_banner_links_and_footer_show_the_site_identity(client):
    SiteIdentity.objects.create(
        name="Cổng tin tức",
        parent_agency="Ủy ban nhân dân tỉnh",
        person_responsible="Trưởng ban",
        fax="0200 1",
    )
    group = LinkGroup.objects.create(name="Chính phủ")
    WebsiteLink.objects.create(group=group, title="Cổng Chính phủ", url="https://chinhphu.vi-du.vn/")

    html = client.get("/").content.decode()

    assert "Ủy ban nhân dân tỉnh" in html
    assert "Trưởng ban" in html
    assert "0200 1" in html
    assert '<a class="website-links__link" href="https://chinhphu.vi-du.vn/">Cổng Chính phủ</a>' in html


@pytest.mark.requirement(12)
def test_draft_scheduled_expired_and_withdrawn_are_absent(client, hidden_articles):
    html = client.get("/").content.decode()

    assert [article for article in hidden_articles if article.headline in html] == []


def test_query_count_does_not_grow_with_the_sections(client, ranking_kept, django_assert_num_queries):
    for name in ("Tin hoạt động", "An ninh", "Cảnh báo", "Văn bản"):
        for _ in range(4):
            make_article(section=make_section(name), lead_photo=make_photo())

    # Featured. All boxes. Most read. Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(1 + 1 + 1 + 4):
        client.get("/")
