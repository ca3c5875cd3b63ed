"""Requests that no browser sends, made up by hypothesis for an address, and what every answer to them owes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from newsportal.headers import ALWAYS

# The first is only ever named as a host of ours, so no answer may hold it; the second is asked for as a place to go to.
FOREIGN, ELSEWHERE = "xau.example.net", "noi-khac.example.net"
# Such as gunicorn takes; it refuses others itself.
METHODS = ["GET", "GET", "GET", "HEAD", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X" * 19]  # fmt: skip
TEXTS = [
    "", "\0", "a\0b", "9" * 25, "9" * 5000, "²", "٣", "-1", "0", "1e309", "NaN", "Infinity", "0x10", "1_0", "true", "null",
    "[]", "{}", "[" * 5000, "x" * 10_000, "đ" * 3000, "../../../etc/passwd", "..\\..\\", "%00", "%ff%fe", "%u0041", "'", '"',
    "' OR 1=1--", "1;SELECT pg_sleep(9)--", "{{ 7|add:7 }}", "{% debug %}", "${jndi:ldap://x}", "$(id)", "\r\nX-Odd: 1",
    "<script>alert(1)</script>", "]]>", "\ud800", "\ufffe", "\u202e", "\x1b[2J", "e\u0301" * 500, "2026-02-30", "0001-01-01",
    "9999-12-31", "2026-13", "24:60", "=1+1", "&" * 900, "=" * 900, "javascript:alert(1)", f"//{ELSEWHERE}/", f"https://{ELSEWHERE}/",
    f"\\\\{ELSEWHERE}", f"/\\{ELSEWHERE}/", f"https:{ELSEWHERE}", "(" * 500, '"' * 99, "\\" * 99, "*", "a b -c OR d", "and or not",
]  # fmt: skip
NAMES = [
    "q", "p", "page", "trang", "next", "key", "id", "ids", "from", "to", "until", "old", "new", "format", "section", "topic",
    "author", "sort", "o", "e", "all", "state", "day", "week", "period", "app_label", "model_name", "field_name", "term",
    "action", "_selected_action", "post", "_popup", "_to_field", "_changelist_filters", "id__in", "section__id__exact",
    "created_by__password__startswith", "headline__regex", "published_at__gte", "language", "limit", "offset", "before",
    "csrfmiddlewaretoken", "form-TOTAL_FORMS", "form-INITIAL_FORMS", "form-0-id", "file", "utm_source", "_method", "", "[]",
]  # fmt: skip
TYPES = [
    "application/x-www-form-urlencoded", "application/json", "multipart/form-data", "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=" + "b" * 500, "application/x-www-form-urlencoded; charset=utf-16", "text/plain; charset=no-such",
    "application/json; charset=utf-7", "text/xml", "", "/", ";" * 300, "multipart/mixed; boundary=b", "application/reports+json",
]  # fmt: skip

texts = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(TEXTS),
    st.text(st.characters(codec=None), max_size=40),
    st.binary(max_size=20).map(lambda value: value.decode("latin-1")),
    st.integers().map(str),
)
# What HTTP allows in a value, bytes above 127 included.
header_texts = texts.map(
    lambda text: "".join(
        letter for letter in as_bytes(text).decode("latin-1") if letter == "\t" or " " <= letter != "\x7f"
    )[:3000].strip()
)
hosts = st.sampled_from([FOREIGN, f"{FOREIGN}:443", f"a.{FOREIGN}", f"x@{FOREIGN}"])
HEADERS = {
    "Host": st.one_of(hosts, header_texts),
    "X-Forwarded-Host": hosts,
    "X-Host": hosts,
    "X-Forwarded-Server": hosts,
    "Forwarded": hosts.map("for=127.0.0.1;host={0};proto=http".format),
    "X-Original-URL": hosts.map("https://{0}/admin/".format),
    "X-Rewrite-URL": st.sampled_from(["/admin/", f"//{FOREIGN}"]),
    "X-Forwarded-For": header_texts,
    "X-Forwarded-Port": header_texts,
    "X-HTTP-Method-Override": st.sampled_from(METHODS),
    "Accept": header_texts,
    "Accept-Language": st.one_of(header_texts, st.just("vi," * 900)),
    "Accept-Encoding": st.one_of(header_texts, st.sampled_from(["gzip;q=0", "br", "identity;q=0, *;q=0"])),
    "Authorization": header_texts.map("Bearer {0}".format),
    "Content-Type": st.one_of(st.sampled_from(TYPES), header_texts),
    "Cookie": st.one_of(header_texts, st.sampled_from(["a=b; " * 900, "sessionid=; csrftoken=", "=;=;", '"='])),
    "If-Modified-Since": header_texts,
    "If-None-Match": st.one_of(header_texts, st.sampled_from(["*", 'W/"', '"a",' * 900])),
    "Origin": st.one_of(st.just("null"), header_texts),
    "Range": st.one_of(header_texts, st.sampled_from(["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=" + "0-1," * 900])),
    "Referer": header_texts,
    "User-Agent": header_texts,
    "X-Requested-With": st.just("XMLHttpRequest"),
}  # fmt: skip
ENDS = [
    "x.css",
    "/",
    "//",
    ";a=b",
    "%2e%2e/",
    "./",
    "%00",
    "%ff",
    "%0d%0aX-Odd:1",
    "index.php",
    ".json",
    "%2F",
    "%5c",
]
BEGINNINGS = [f"/{FOREIGN}", "/en", "/./", "/admin/..", "/%61dmin", "/en/admin", "/static/..", "/media/../"]

methods = st.sampled_from(METHODS)
header_names = st.lists(st.sampled_from(sorted(HEADERS)), max_size=3, unique=True)
odd_queries = st.sampled_from(["%", "a=%zz&b=%ff", "&" * 1500, "a[]=1", "?" * 9])
thirds, fifths, tenths = (st.integers(0, parts - 1) for parts in (3, 5, 10))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(TEXTS)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
json_values.validate()  # before threads do so at the same time, which it takes for a mistake
others = st.one_of(
    json_values.map(lambda value: ("application/json", json.dumps(value).encode())),
    st.just(("application/json", b"[" * 100_000)),
    st.tuples(st.sampled_from(TYPES), st.binary(max_size=200)),
    st.tuples(st.sampled_from(TYPES), st.just(b"a=1&" * 2000)),
)


@dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query, encoded
    headers: dict[str, str]
    body: bytes

    def __str__(self):
        headers = {name: value[:80] for name, value in self.headers.items()}
        return f"{self.method[:20]} {self.target[:200]} {headers} {self.body[:120]!r}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Staff:
    """Somebody signed in, whose browser has a token."""

    cookies: dict[str, str]
    token: str
    origin: str = "http://localhost"

    @property
    def headers(self) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie, "X-CSRFToken": self.token, "Origin": self.origin}


def as_bytes(text: str) -> bytes:
    """Lone surrogates become broken UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def encoded(text: str) -> str:
    return quote(as_bytes(text), safe="")


def requests(paths: Iterator[str], fields: list[str], staff: Staff | None):
    """Of addresses, one after the other, whose forms have these fields; half of them from the staff, if there is any.

    Strategies are made once and not for each request, which would cost more than the request.
    """
    pairs = st.lists(st.tuples(st.one_of(st.sampled_from([*fields, *NAMES]), texts), texts), max_size=5)
    bodies = st.one_of(forms(pairs), forms(pairs), parts(pairs), others)

    @st.composite
    def made(draw) -> Request:
        path, _, query = next(paths).partition("?")
        method = draw(methods)
        target = draw(odd_paths(path)) if draw(fifths) == 0 else path
        asked = "&".join([*filter(None, [query]), *(f"{encoded(a)}={encoded(b)}" for a, b in draw(pairs))])
        asked = draw(odd_queries) if draw(thirds) == 0 else asked
        chosen = draw(header_names)
        if "Host" in chosen and draw(st.booleans()):
            chosen.remove("Host")  # most often refused before anything else is looked at
        headers = {name: draw(HEADERS[name]) for name in chosen}
        body = b""
        if method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND"):
            kind, body = draw(bodies)
            headers.setdefault("Content-Type", kind)
        if staff and draw(st.booleans()):
            headers = headers | staff.headers | ({"Origin": "null"} if draw(tenths) == 0 else {})
        target = f"{target}?{asked}" if asked else target
        return Request(method, target[:8000].removesuffix("%"), headers, body)  # nginx lets no more through

    return made()


@cache
def odd_paths(path: str):
    """Segments exchanged, ends and beginnings added."""
    segments = path.split("/")

    def changed(number: int, odd: str) -> str:
        place = 1 + number % max(1, len(segments) - 1)
        path = "/".join([*segments[:place], encoded(odd)[:6000], *segments[place + 1 :]])
        return path if path.startswith("/") else f"/{path}"

    return st.one_of(
        st.builds(changed, st.integers(0, 9), texts),  # drawn alike, whichever address it is
        st.sampled_from(ENDS).map(path.__add__),
        st.sampled_from(BEGINNINGS).map(lambda beginning: beginning.removesuffix("/") + path),
        st.just(path.rstrip("/") or "/"),
        st.just(path.upper()),
    )


def forms(pairs):
    return pairs.map(
        lambda them: (
            "application/x-www-form-urlencoded",
            urlencode([(as_bytes(name), as_bytes(value)) for name, value in them]).encode(),
        )
    )


def parts(pairs):
    """Fields and files, some with names that mean harm, some cut off."""

    def written(them, cut):
        lines = b""
        for number, (name, value) in enumerate(them):
            file = b'; filename="../' + as_bytes(value)[:90] + b'.jpg"' if number % 2 else b""
            name = as_bytes(name)[:200].replace(b"\r", b"").replace(b"\n", b"")
            lines += b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + file + b"\r\n\r\n"
            lines += as_bytes(value) + b"\r\n"
        return "multipart/form-data; boundary=b", lines + (b"" if cut else b"--b--\r\n")

    return st.builds(written, pairs, st.booleans())


def faults_of(request: Request, answer: Answer, own_hosts: set[str]) -> list[str]:
    """What an answer may never be, whatever was asked."""
    found = []
    headers = {name.lower() for name in [*ALWAYS, "Content-Security-Policy", "Cross-Origin-Resource-Policy"]}
    if answer.status >= 500:
        found.append(f"answers {answer.status}")
    if b"Traceback (most recent call last)" in answer.body or b'File "/' in answer.body:
        found.append("shows a traceback")
    if answer.status != 304 and (missing := headers - answer.headers.keys()):
        found.append(f"{answer.status} lacks {', '.join(sorted(missing))}")
    told = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    if request.method == "HEAD" and answer.body:
        found.append("sends a page to HEAD")
    if "x-odd" in answer.headers:
        found.append("sends a header that was asked for")
    if FOREIGN in told or FOREIGN.encode() in answer.body and FOREIGN not in request.target:
        found.append("holds the name of another host")
    location = answer.headers.get("location", "")
    if location and urlsplit(location.replace("\\", "/")).netloc not in own_hosts | {""}:
        found.append(f"leads to {location[:80]}")
    return found


def attack(
    paths: list[str], send, *, examples: int, fields=(), staff=None, own_hosts=frozenset(), derandomize=False
) -> list[str]:
    """Sends that many made-up requests, to each address in turn; each kind of fault is told once, with its first request."""
    found = {}

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=derandomize,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(requests(cycle(paths), list(fields), staff))
    def asked(request):
        for fault in faults_of(request, send(request), set(own_hosts)):
            found.setdefault(fault, request)

    asked()
    return [f"{fault}: {request}" for fault, request in found.items()]


def unquoted(path: str) -> str:
    """As a server gives a path to an application: bytes, read as Latin-1."""
    return unquote_to_bytes(path).decode("latin-1")


def fields_of(page: bytes) -> list[str]:
    """Names of its fields and those in the queries of its links."""
    names = re.findall(rb' name="([^"]{1,60})"', page) + re.findall(rb"[?&;](\w{1,60})=", page)
    return sorted({name.decode(errors="replace") for name in names})
