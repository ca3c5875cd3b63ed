import pytest
from django.contrib.flatpages.models import FlatPage

from articles.models import Topic
from newsportal.models import LinkGroup, WebsiteLink
from tests.factory import make_article, make_byline, make_section

pytestmark = pytest.mark.django_db


def test_site_map_leads_everywhere(client, django_assert_num_queries):
    child = make_section("Tin cơ sở", parent=make_section())
    byline = make_byline(make_article(section=child))
    topic = Topic.objects.create(name="Mùa mưa")
    FlatPage.objects.create(url="/gioi-thieu/", title="Giới thiệu").sites.add(1)
    WebsiteLink.objects.create(
        group=LinkGroup.objects.create(name="Bộ"), title="Bộ", url="https://bo.vi-du.vn/"
    )

    # The months of the archive, topics, authors.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(3 + 4):
        html = client.get("/so-do-trang/").content.decode()

    main = html[html.index("<main") : html.index("</main>")]
    for address in (
        child.parent.get_absolute_url(), child.get_absolute_url(), topic.get_absolute_url(),
        byline.author.get_absolute_url(), "/luu-tru/", f"/luu-tru/{byline.article.published_at.astimezone():%Y}/",
        "/trang/gioi-thieu/", "/tim-kiem/", "/dinh-chinh/", "/kenh-rss/", "https://bo.vi-du.vn/",
    ):  # fmt: skip
        assert f'href="{address}"' in main
    assert 'href="/so-do-trang/"' in client.get("/").content.decode()
