"""Content policy and its neighbours on every answer, and the nonce of the measuring script."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from articles.models import Article
from articles.page_cache import PageCache
from newsportal import headers, measuring
from tests.articles.test_shared_draft import make_link
from tests.factory import make_article, make_photo, make_user
from visitors.middleware import answer_kept_page

pytestmark = pytest.mark.django_db
NONCE = re.compile(r"'nonce-([\w-]{20,})'")


@pytest.fixture
def reader(settings):
    settings.PAGE_CACHE_BYTES = 4_000_000
    return Client(headers={"host": "testserver"}, raise_request_exception=False)


@pytest.fixture
def measured(settings):
    settings.MEASURING_SCRIPT = "https://do-luong.vi-du.vn/embed/dem.js"
    settings.MEASURING_ID = "T-123"
    settings.MEASURING_TRACKER = "https://so-lieu.vi-du.vn/tracking"


def answers(reader, monkeypatch, https):
    """Every kind of answer there is, by what it is."""
    story = make_article()
    photo = make_photo()
    gone = make_article(status=Article.Status.WITHDRAWN)
    reader.get(story.get_absolute_url(), secure=https)
    generation = PageCache.newest.generation
    addresses = {
        "home": "/",
        "kept page": story.get_absolute_url(),
        "not found": "/khong-co/",
        "gone": gone.get_absolute_url(),
        "redirect": "/tim-kiem",
        "feed": reverse("articles:rss"),
        "sitemap": "/sitemap.xml",
        "robots": "/robots.txt",
        "manifest": reverse("manifest"),
        "open data": "/api/v1/articles",
        "open data refused": "/api/v1/articles?limit=x",
        "open data not found": "/api/v1/khong-co",
        "style": reverse("theme", args=["0f5a43"]),
        "static": "/static/js/menu.js",
        "static picture": "/static/img/favicon.svg",
        "static not found": "/static/khong-co.js",
        "media": photo.file.url,
        "media not found": "/media/khong-co.jpg",
        "bad path": "/media/../settings.py",
        "login": reverse("account_login"),
        "admin": reverse("admin:index"),
    }
    for name, address in addresses.items():
        yield name, reader.get(address, secure=https)
    yield "bad host", reader.get("/", headers={"host": "la.vi-du.vn"}, secure=https)
    yield "bad method", reader.post("/api/v1/articles", secure=https)
    yield "no token", Client(enforce_csrf_checks=True).post(reverse("account_login"), secure=https)
    with monkeypatch.context() as broken:
        broken.setattr(Article.objects, "published", lambda: 1 / 0)
        yield "mistake", reader.get("/tim-kiem/?q=tin", secure=https)
    with monkeypatch.context() as silent:
        silent.setattr(generation, "is_silent", lambda alias: True)
        yield "database is silent", reader.post("/tim-kiem/", secure=https)


@pytest.mark.requirement(1, 2, 3, 4)
@pytest.mark.parametrize("https", [True, False], ids=["https", "http"])
def test_every_answer_has_every_header(reader, settings, monkeypatch, https):
    if https:
        settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    statuses = {}
    for name, response in answers(reader, monkeypatch, https):
        statuses[name] = response.status_code
        for header, value in headers.ALWAYS.items():
            assert response[header] == value, (name, header)
        policy = response["Content-Security-Policy"]
        kind = response.get("Content-Type", "")
        if name == "media":
            expected = "default-src 'none'; sandbox"
        elif not kind.startswith("text/html"):
            expected = headers.FILE
        else:
            is_admin = response.request["PATH_INFO"].startswith("/admin/")
            expected = headers.ADMIN if is_admin else headers.PAGE
        assert policy == expected, name
        expected = "cross-origin" if kind.startswith("image/") or name.startswith("static") else "same-origin"
        assert response["Cross-Origin-Resource-Policy"] == expected, name
        hsts = "max-age=31536000; includeSubDomains" if https else None
        assert response.get("Strict-Transport-Security") == hsts, name
        b"".join(response)  # closes the file that is sent

    assert {200, 301, 302, 400, 403, 404, 405, 410, 500, 503} == set(statuses.values()), statuses


def nonces(response) -> tuple[str, str]:
    html = response.content.decode()
    assert "<!--" not in html
    return (
        NONCE.search(response["Content-Security-Policy"])[1],
        re.search(r'<script async src="[^"]+" nonce="([^"]*)"', html)[1],
    )


def test_measuring_script_has_a_nonce_of_its_own_on_every_answer(reader, measured):
    story = make_article()
    seen = set()

    for address in [story.get_absolute_url()] * 3 + ["/", "/tim-kiem/", "/khong-co/", "/khong-co/"]:
        response = reader.get(address)
        in_header, in_page = nonces(response)
        assert in_header == in_page
        seen.add(in_page)
        policy = response["Content-Security-Policy"]
        assert "connect-src 'self' https://so-lieu.vi-du.vn;" in policy + ";"
        assert "do-luong.vi-du.vn" not in policy

    assert len(seen) == 7
    known = reader.get(story.get_absolute_url(), headers={"If-None-Match": response_tag(reader, story)})
    assert known.status_code == 304
    assert not known.has_header("Content-Security-Policy")


def response_tag(reader, story) -> str:
    return reader.get(story.get_absolute_url())["ETag"]


def test_page_that_passes_by_django_has_its_nonce_too(reader, measured, rf):
    story = make_article()
    reader.get(story.get_absolute_url())
    sent = []

    for _ in range(2):
        environ = rf.get(story.get_absolute_url(), headers={"host": "testserver"}).environ
        [body] = answer_kept_page(environ, lambda status, headers: sent.append(dict(headers)))
        nonce = NONCE.search(sent[-1]["Content-Security-Policy"])[1]
        assert f'nonce="{nonce}"' in body.decode()

    assert sent[0]["Content-Security-Policy"] != sent[1]["Content-Security-Policy"]
    assert sent[0]["Permissions-Policy"] == headers.ALWAYS["Permissions-Policy"]


def test_admin_preview_shared_draft_and_files_are_not_measured(reader, measured, client):
    story = make_article(status=Article.Status.DRAFT)
    client.force_login(make_user(is_superuser=True))

    shared = make_link(story)
    pages = [
        client.get(reverse("admin:index")),
        client.get(reverse("admin:articles_article_preview", args=[story.pk])),
        client.get("/admin/khong-co/"),
        reader.get(shared),
        reader.get(reverse("articles:rss")),
        reader.get(f"/en{shared}"),
    ]

    for response in pages:
        assert b"measuring" not in response.content
        assert "nonce" not in response["Content-Security-Policy"]
    assert [page.status_code for page in pages[:5]] == [200, 200, 404, 200, 200]


def test_without_the_setting_no_page_knows_of_it(reader):
    response = reader.get("/")

    assert response["Content-Security-Policy"] == headers.PAGE
    assert b"nonce" not in response.content
    assert b"measuring" not in response.content


GOOD = ("https://do-luong.vi-du.vn/dem.js", "123", "https://do-luong.vi-du.vn/tracking")


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        *[(0, address, "MEASURING_SCRIPT") for address in (
            "", "http://do-luong.vi-du.vn/dem.js", "//do-luong.vi-du.vn/dem.js", "https://do-luong.vi-du.vn",
            "https://do luong.vn/dem.js", "https://vi-du.vn/dem.js; script-src *", "https://vi-du.vn/\"><script>",
            "https://vi-du.vn/dem.js\n", "https://a@vi-du.vn/dem.js", "https://*/dem.js", "javascript:alert(1)",
            "https://đo-lường.vn/dem.js", "https://vi-du.vn/dem.js?a=1&b='x'", "http://127.0.0.1.vi-du.vn/dem.js",
        )],
        (1, "", "MEASURING_ID"), (1, "1'", "MEASURING_ID"), (1, "a b", "MEASURING_ID"), (1, "x" * 65, "MEASURING_ID"),
        (2, "", "MEASURING_TRACKER"), (2, "https://vi-du.vn/x, https://b.vn/", "MEASURING_TRACKER"),
    ],
)  # fmt: skip
def test_odd_setting_stops_the_start_and_is_named(place, value, named):
    measuring.check(*GOOD)
    measuring.check("", "", "")

    with pytest.raises(ImproperlyConfigured, match=f"^{named}"):
        measuring.check(*GOOD[:place], value, *GOOD[place + 1 :])
