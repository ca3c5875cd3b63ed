import pytest
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def flat_page():
    page = FlatPage.objects.create(url="/gioi-thieu/", title="Giới thiệu", content="<h2>Cơ cấu tổ chức</h2>")
    page.sites.add(Site.objects.get_current())
    return page


def test_flat_page_shows_its_content(client, flat_page):
    html = client.get("/trang/gioi-thieu/").content.decode()

    assert '<h1 class="article__headline">Giới thiệu</h1>' in html
    assert "<h2>Cơ cấu tổ chức</h2>" in html


def test_footer_links_to_it(client, flat_page):
    assert 'href="/trang/gioi-thieu/">Giới thiệu</a>' in client.get("/").content.decode()


def test_page_for_members_is_not_in_the_footer(client, flat_page):
    FlatPage.objects.update(registration_required=True)

    assert "Giới thiệu" not in client.get("/").content.decode()


def test_unknown_flat_page_answers_404(client):
    assert client.get("/trang/khong-co/").status_code == 404


@pytest.mark.requirement(40)
def test_address_with_nul_answers_404(client, flat_page):
    assert client.get(f"{flat_page.get_absolute_url()}%00").status_code == 404


def test_query_count(client, flat_page, django_assert_num_queries):
    client.get("/")  # the site itself is kept in memory by Django

    # The page. Around it: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(1 + 4):
        client.get("/trang/gioi-thieu/")
