"""Which requests count, and whose address it was."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from visitors.addresses import client_address
from visitors.rules import is_counted

CHROME = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"


def counted(path="/", *, method="get", status=200, type="text/html; charset=utf-8", agent=CHROME, **headers):
    request = getattr(RequestFactory(headers={"user-agent": agent, **headers}), method)(path)
    return is_counted(request, HttpResponse(status=status, content_type=type))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, True),
        ({"status": 304}, True),
        ({"method": "head"}, False),
        ({"method": "post"}, False),
        ({"status": 404}, False),
        ({"status": 301}, False),
        ({"status": 410}, False),
        ({"status": 500}, False),
        ({"type": "application/xml"}, False),
        ({"path": "/admin/"}, False),
        ({"sec-purpose": "prefetch;prerender"}, False),
        ({"purpose": "prefetch"}, False),
        ({"x-moz": "prefetch"}, False),
        ({"x-purpose": "preview"}, False),
        ({"sec-fetch-dest": "document"}, True),
        ({"sec-fetch-dest": "empty"}, False),
        ({"sec-fetch-dest": "iframe"}, False),
        ({"x-requested-with": "XMLHttpRequest"}, False),
        ({"x-requested-with": "com.zing.zalo"}, True),
    ],
    ids=str,
)
def test_request_counts(case, expected):
    assert counted(**case) is expected


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/132.0.0 Chrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Zalo iOS/520",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/480.0;FBLC/vi_VN]",
        "Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/340.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 musical_ly_2023 BytedanceWebview/d8a21c6",
    ],
)
def test_people_count(agent):
    assert counted(agent=agent)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider)",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0 Safari/537.36",
        "Mozilla/5.0 (compatible; ZaloBot/1.0; +https://zalo.me)",
        "curl/8.5.0",
        "",
        "Mozilla/5.0",
    ],
)
def test_programs_do_not_count(agent):
    assert not counted(agent=agent)


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

    assert client_address({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}) == address
