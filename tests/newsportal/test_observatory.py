"""What Mozilla's HTTP Observatory would give, by its rules stated anew. 100 and more is an A+."""

import re

import pytest
from django.urls import reverse

from articles.models import Article
from tests.factory import make_article, make_user

pytestmark = pytest.mark.django_db
HALF_A_YEAR = 15_552_000  # seconds
WANTED = 125
GOOD_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def points(response, plain) -> int:
    """Of a page over HTTPS and of the answer to the same address over HTTP. Bonuses count from 90 on."""
    policy = {
        name: values for name, *values in map(str.split, response["Content-Security-Policy"].split(";"))
    }
    default = policy.get("default-src", ["*"])
    scripts, styles = (policy.get(f"{kind}-src", default) for kind in ("script", "style"))
    seconds = re.match(r"max-age=(\d+)", response.get("Strict-Transport-Security", ""))
    foreign = [
        tag for tag in re.findall(r"<script[^>]*>", response.content.decode())
        if re.search(r'src="(?!/(?!/))', tag) and "integrity=" not in tag
    ]  # fmt: skip
    cookies = list(response.cookies.values())
    is_framing_said = policy.get("frame-ancestors") == ["'none'"]

    penalties = {
        "scripts inline or from anywhere": 20
        * bool({"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"} & set(scripts)),
        "objects from anywhere": 20 * (policy.get("object-src", default) != ["'none'"]),
        "HSTS": 20 if not seconds else 10 * (int(seconds[1]) < HALF_A_YEAR),
        "no redirect": 20 * (plain.status_code != 301),
        "redirect to elsewhere": 5 * (plain.get("Location") != f"https://testserver{plain.request['PATH_INFO']}"),
        "types sniffed": 5 * (response.get("X-Content-Type-Options") != "nosniff"),
        "may be framed": 20 * (not is_framing_said and response.get("X-Frame-Options") != "DENY"),
        "scripts of others": 5 * bool(foreign),
        "cookies": 40 * any(not cookie["secure"] for cookie in cookies)
        + 20 * any(not cookie["samesite"] for cookie in cookies),
    }  # fmt: skip
    bonuses = {
        "policy": (10 if default == ["'none'"] else 5) * ("'unsafe-inline'" not in styles),
        "framing": 5 * is_framing_said,
        "referrers": 5 * (response.get("Referrer-Policy") in GOOD_REFERRERS),
        "resources": 10 * (response.get("Cross-Origin-Resource-Policy") in ("same-origin", "same-site")),
        "openers": 10 * (response.get("Cross-Origin-Opener-Policy") == "same-origin"),
        "cookies": 5 * bool(cookies) * (not penalties["cookies"]),
    }
    score = 100 - sum(penalties.values())
    return score + sum(bonuses.values()) if score >= 90 else score


@pytest.fixture
def https(settings):
    """What settings.py sets with HTTPS."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True


@pytest.mark.requirement(1, 7)
def test_every_kind_of_page_is_far_above_the_best_mark(client, https, settings, capsys):
    settings.PAGE_CACHE_BYTES = 4_000_000
    story = make_article()
    public = [
        "/", story.get_absolute_url(), story.section.get_absolute_url(), reverse("articles:search"), "/khong-co/",
        make_article(status=Article.Status.WITHDRAWN).get_absolute_url(), reverse("articles:api"),
    ]  # fmt: skip
    admin = [
        reverse("admin:index"),
        reverse("admin:articles_article_add"),
        reverse("admin:visitors_day_changelist"),
    ]
    found = {address: points(client.get(address, secure=True), client.get(address)) for address in public}
    login = reverse("account_login")
    found[login] = points(client.get(login, secure=True), client.get(login))
    client.force_login(make_user(is_superuser=True))
    found |= {address: points(client.get(address, secure=True), client.get(address)) for address in admin}

    with capsys.disabled():
        print("\nHTTP Observatory:", ", ".join(f"{address} {score}" for address, score in found.items()))  # noqa: T201
    assert min(found.values()) >= WANTED, found
