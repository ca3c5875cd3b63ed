"""Which answers are views, whose address it was, and what a user agent or a referrer tells."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from newsportal.client_address import client_address, household
from visitors.addresses import AddressWatch
from visitors.agents import Agent, identify
from visitors.pages import page_label
from visitors.referrers import Referrer, classify
from visitors.rules import reason_not_to_count, referrer_host

from .readers import PHONE


def reason(path="/", *, method="get", status=200, type="text/html; charset=utf-8", **headers):
    request = getattr(RequestFactory(headers={"user-agent": PHONE, **headers}), method)(path)
    request.user = AnonymousUser()
    return reason_not_to_count(request, HttpResponse(status=status, content_type=type))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, ""),
        ({"status": 304, "type": ""}, ""),
        ({"method": "head"}, None),
        ({"method": "post"}, None),
        ({"method": "options"}, None),
        ({"status": 301}, None),
        ({"status": 410}, None),
        ({"status": 500}, None),
        ({"status": 503}, None),
        ({"status": 404}, "not-found"),
        ({"status": 404, "path": "/static/nothing.css"}, None),
        ({"status": 404, "path": "/media/photos/nothing.jpg"}, None),
        ({"path": "/xem-truoc/bi-mat/"}, None),
        ({"status": 404, "path": "/xem-truoc/bi-mat/"}, None),
        ({"type": "application/xml"}, None),
        ({"type": "application/json"}, None),
        ({"type": "application/rss+xml"}, None),
        ({"status": 304, "type": "", "path": "/rss/chuyen-muc/tin/"}, None),
        ({"status": 304, "type": "", "path": "/atom/"}, None),
        ({"status": 304, "type": "", "path": "/api/v1/stories"}, None),
        ({"status": 304, "type": "", "path": "/sitemap-thang-2026-10.xml"}, None),
        ({"status": 404, "path": "/rss/chu-de/khong-co/"}, None),
        ({"status": 404, "path": "/manifest.webmanifest"}, None),
        ({"path": "/kenh-rss/"}, ""),
        ({"path": "/admin/"}, None),
        ({"path": "/admin/articles/article/"}, None),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"sec-purpose": "prerender"}, "prefetch"),
        ({"purpose": "prefetch"}, "prefetch"),
        ({"x-moz": "prefetch"}, "prefetch"),
        ({"x-purpose": "preview"}, "prefetch"),
        ({"sec-fetch-dest": "document"}, ""),
        ({"sec-fetch-dest": "empty"}, "not-document"),
        ({"sec-fetch-dest": "iframe"}, "not-document"),
        ({"x-requested-with": "XMLHttpRequest"}, "script"),
        ({"x-requested-with": "com.zing.zalo"}, ""),
    ],
    ids=str,
)
def test_answer_is_a_view_or_not(case, expected):
    assert reason(**case) == expected


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/132.0.0 Chrome/126.0.0.0 Safari/537.36",
            Agent("", "computer", "Cốc Cốc", "Windows"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Zalo iOS/520",
            Agent("", "phone", "Zalo", "iOS"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/480.0;FBLC/vi_VN]",
            Agent("", "phone", "Facebook", "iOS"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
            Agent("", "phone", "Chrome", "Android"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/340.1 Mobile/15E148 Safari/604.1",
            Agent("", "phone", "Google App", "iOS"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 musical_ly_2023 BytedanceWebview/d8a21c6",
            Agent("", "phone", "TikTok", "Android"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-X210) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
            Agent("", "tablet", "Chrome", "Android"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
            Agent("", "computer", "Safari", "macOS"),
        ),
        (
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
            Agent("", "television", "Safari", "Tizen"),
        ),
    ],
)
def test_people_are_known_by_device_browser_and_system(agent, expected):
    assert identify(agent) == expected


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
        ("Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)", "coccoc"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "GPTBot",
        ),
        (
            "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider)",
            "Bytespider",
        ),
        (
            "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
            "meta-externalagent",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0 Safari/537.36",
            "HeadlessChrome",
        ),
        ("Mozilla/5.0 (compatible; ZaloBot/1.0; +https://zalo.me)", "Zalo"),
        ("newsportal-go-live-bot", "newsportal"),
        ("newsportal-verify-bot", "newsportal"),
        ("curl/8.5.0", "curl"),
        ("Mozilla/5.0 (Windows NT 10.0) SomethingNew/1.0 (see https://example.com/)", "?"),
        ("", "?"),
        ("Mozilla/5.0", "?"),
    ],
)
def test_programs_are_known_by_their_family(agent, family):
    assert identify(agent).program.lower().startswith(family.lower())


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("", Referrer("direct")),
        ("http://testserver/tin/", Referrer("inside")),
        ("https://l.facebook.com/l.php?u=x", Referrer("social", "Facebook")),
        ("https://m.facebook.com/", Referrer("social", "Facebook")),
        ("https://lm.facebook.com/", Referrer("social", "Facebook")),
        ("https://chat.zalo.me/", Referrer("social", "Zalo")),
        ("https://www.google.com.vn/", Referrer("search", "Google")),
        ("android-app://com.google.android.googlequicksearchbox/", Referrer("search", "Google")),
        ("https://coccoc.com/search?query=x", Referrer("search", "Cốc Cốc")),
        ("https://chatgpt.com/", Referrer("assistant", "ChatGPT")),
        ("https://gemini.google.com/app", Referrer("assistant", "Gemini")),
        ("https://WWW.Bao-Tinh.vn:8080/x", Referrer("website", "bao-tinh.vn")),
        ("https://semalt.com/", Referrer("direct")),
        ("http://[::1", Referrer("direct")),
        ("javascript:alert(1)", Referrer("direct")),
        ("https://=cmd|' /C calc'!A0/", Referrer("direct")),
    ],
)
def test_referrers_are_grouped(referrer, expected):
    request = RequestFactory(headers={"referer": referrer, "host": "testserver"}).get("/")

    assert classify(referrer_host(request)) == expected


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "home"),
        ("/tin-hoat-dong/", "section:tin-hoat-dong"),
        ("/tin-hoat-dong/mot-tin-71/", "article:71"),
        ("/trang/gioi-thieu/", "page:gioi-thieu/"),
        ("/tim-kiem/", "search"),
        ("/a/b/c/d", "?"),
    ],
)
def test_pages_are_named_by_what_they_show(path, label):
    assert page_label(path) == label


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("203.0.113.9", "", [], "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", [], "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1, 10.0.0.7", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.2", "", ["10.0.0.0/8"], "10.0.0.2"),
        ("10.0.0.2", "not an address", ["10.0.0.0/8"], ""),
        ("2001:db8:1:2:3:4:5:6", "", [], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", [], "203.0.113.9"),
        ("", "198.51.100.1", [], ""),
        ("", "198.51.100.1", ["unix"], "198.51.100.1"),
    ],
)
def test_address_behind_proxies(settings, peer, forwarded, trusted, address):
    settings.TRUSTED_PROXIES = trusted

    assert household(client_address({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded})) == address


@pytest.mark.parametrize(
    ("addresses", "hidden"),
    [
        (["127.0.0.1"] * 1000, True),
        ([""] * 1000, True),
        (["10.0.0.2"] * 950 + ["203.0.113.9"] * 50, True),
        (["10.0.0.2"] * 890 + ["203.0.113.9"] * 110, False),
        (["8.8.8.8"] * 1000, False),
        ([f"10.0.{number % 200}.2" for number in range(1000)], False),
        (["127.0.0.1"] * 999, None),
    ],
    ids=["loopback", "socket", "nearly all", "many others", "public", "an office", "too few"],
)
def test_proxy_that_hides_its_readers_is_noticed(addresses, hidden):
    watch = AddressWatch()

    for address in addresses:
        watch.note(address)

    assert watch.is_hidden is hidden
