import re

import pytest
from django.db import OperationalError
from django.test import Client

from articles.models import Article
from articles.page_cache import unavailable
from newsportal import views
from tests.factory import make_section


@pytest.mark.django_db
def test_unknown_address_offers_search_and_sections(client):
    section = make_section("An ninh trật tự")
    child = make_section("Tin cơ sở", parent=section)

    response = client.get("/khong/co/gi/")

    html = response.content.decode()
    assert response.status_code == 404
    assert 'action="/tim-kiem/"' in html
    assert f'class="section-list__link" href="{section.get_absolute_url()}"' in html
    assert f'class="section-list__sublink" href="{child.get_absolute_url()}"' in html


@pytest.mark.django_db
def test_unknown_address_query_count(client, django_assert_num_queries):
    # No flat page is looked for. Identity, menu, website links, pages of the footer.
    with django_assert_num_queries(4):
        client.get("/khong/co/gi/")


@pytest.mark.requirement(47)
@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("a mistake"), 500), (OperationalError("the database is down"), 503)]
)
def test_error_pages_need_no_database(monkeypatch, caplog, error, status):
    def fail(*args):
        raise error

    monkeypatch.setattr(Article.objects, "in_language", fail)

    response = Client(raise_request_exception=False).get("/")

    html = response.content.decode()
    assert response.status_code == status
    assert html.count("<h1") == 1
    assert "css/components.css" in html
    assert str(error) not in html
    assert response.has_header("Retry-After") == (status == 503)
    codes = re.findall(r"mã ([0-9a-f]{8})\.", html)
    assert len(codes) == (status == 500)
    assert all(code in caplog.text for code in codes)


def test_desk_is_told_plainly_that_nothing_was_saved(rf):
    looking, saving = (unavailable(ask("/admin/")).content.decode() for ask in (rf.get, rf.post))

    assert "Mất kết nối với cơ sở dữ liệu" in looking
    assert "chưa được lưu" in saving
    assert "chưa được lưu" not in looking


@pytest.mark.django_db
def test_refused_form_gets_a_readable_page(rf):
    response = views.csrf_failure(rf.post("/"))

    assert response.status_code == 403
    assert "<h1" in response.content.decode()


@pytest.mark.requirement(40)
@pytest.mark.django_db
def test_form_in_another_charset_is_refused(client, settings):
    """Django's own page looked for the token of the form once more, and failed over that."""
    client.handler.enforce_csrf_checks = True
    client.cookies[settings.CSRF_COOKIE_NAME] = "k" * 32
    client.raise_request_exception = False

    response = client.post("/", b"q=1", content_type="application/x-www-form-urlencoded; charset=utf-16")

    assert response.status_code == 400
    assert "text/html" in response.headers["Content-Type"]
