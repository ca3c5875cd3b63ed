"""Whole pages for readers without an account, kept in this process's memory.

A page is made of nothing but its key: scheme, host, path and, in lists, the number of the page. What else a request
carries reaches no page that is kept, so nobody can put into one what others then get. Views say that they may be
kept, by @kept; all else passes by.
"""

import io
import logging
import math
import re
import socket
import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from os import dup
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from newsportal import replica
from newsportal.metrics import board
from newsportal.storage import StorageAway

from . import takedown
from .generation import Generation
from .kept_page import KeptPage, filled_in
from .languages import resolve, without_prefix

logger = logging.getLogger(__name__)

LONGEST = 600  # seconds that a page is kept: what is most read changes without anybody's doing
MISSING_FOR = 5  # seconds that an answer of "not found" is kept, in a room of its own
MISSING_BYTES = 1024 * 1024
BRIEFLY, WAIT = 0.2, 5  # seconds to wait for another reader's rendering, with and without a page from before
OLD_FOR = 5  # seconds for which a page from before stands in while the new one is rendered
NOTE_AFTER = 5  # seconds after which a page says that the database is away; a restart takes less
RETRY_AFTER = 10
OVERHEAD = 2000  # bytes of a kept page beside its texts
ENTRY = re.compile(r"(?:^|&)page=([^&]*)")
NUMBER = re.compile(r"[1-9][0-9]{0,6}")
WITHOUT_DATABASE = (settings.STATIC_PATH, settings.MEDIA_URL, "/giao-dien/")
OF_STAFF = ("/admin/", "/xem-truoc/")  # what is written there is read at once
POLICY = "Content-Security-Policy"
OF_A_CONDITION = ("ETag", "Cache-Control", "Vary", "Last-Modified")
# Classes of PostgreSQL's codes: connection, resources, a server that shuts down. A query that took too long is none.
AWAY_CODES, TOO_LONG = ("08", "53", "57"), "57014"


def kept(view=None, *, in_pages: bool = False):
    """For views whose answer depends on nothing but path and database; `in_pages`: and on ?page=."""
    if view is None:
        return partial(kept, in_pages=in_pages)
    view.is_kept, view.in_pages = True, in_pages
    return view


@kept
def nowhere(request):
    """Stands for addresses that lead to no view: their page, too, says the same to everybody."""


def shared(request, name, make):
    """Lazily what `make` returns, once for a request: on pages that are kept the same for all of one generation."""
    made = request.__dict__.setdefault("_made", {})
    if name not in made:
        share = getattr(request, "shared", None)
        made[name] = SimpleLazyObject(partial(share, name, make) if share else make)
    return made[name]


class Answer:
    """A kept page on its way to one reader: what a view of it is counted by, and the bytes to send."""

    __slots__ = ("headers", "is_compressed", "page", "status_code")

    def __init__(self, status_code: int, headers: dict[str, str], page: KeptPage | None, is_compressed=False):
        self.status_code, self.headers = status_code, headers
        self.page, self.is_compressed = page, is_compressed

    def get(self, header: str, default=None):
        return self.headers.get(header, default)

    def body(self, values: dict[str, bytes]) -> bytes:
        if self.page is None:
            return b""
        return self.page.compressed(values) if self.is_compressed else self.page.plain(values)

    def sent_headers(self, values: dict[str, bytes]) -> dict[str, str]:
        """A page with a nonce has it in its policy, too."""
        policy = self.headers.get(POLICY, "")
        return self.headers | {POLICY: filled_in(policy, values)} if "<!--" in policy else self.headers


class KeptResponse(HttpResponse):
    """Has no content before the outermost middleware has filled in what the page leaves open."""

    def __init__(self, answer: Answer, has_body: bool):
        super().__init__(status=answer.status_code, headers={"Content-Type": "", **answer.headers})
        if answer.page is None:
            del self.headers["Content-Type"]
        self._answer, self._has_body = answer, has_body

    def fill_in(self, values: dict[str, bytes]) -> None:
        if self._answer.page is not None:
            content = self._answer.body(values)
            self.headers["Content-Length"] = str(len(content))
            self.content = content if self._has_body else b""
            if POLICY in self.headers:
                self.headers[POLICY] = filled_in(self.headers[POLICY], values)


class Kept:
    """An answer as it is kept."""

    __slots__ = (
        "_compressed_headers",
        "_known_headers",
        "etag",
        "headers",
        "made_at",
        "number",
        "page",
        "size",
        "status",
        "taken_down",
        "until",
    )

    def __init__(
        self, response: HttpResponse, number: int, until: float, *, taken_down=0, made_at: float | None = None
    ):
        self.page = KeptPage(response.content)
        self.status, self.number, self.until = response.status_code, number, until
        self.taken_down = taken_down  # how much of that file is looked to
        self.made_at = time.time() if made_at is None else made_at
        self.size = self.page.size + OVERHEAD
        self.etag = f'"{blake2b(response.content, digest_size=8).hexdigest()}"'
        headers = {name: value for name, value in response.items() if name != "Content-Length"}
        # Whoever keeps the page asks each time whether it still holds: so views are counted and withdrawals seen.
        headers.setdefault("Cache-Control", "no-cache")
        self.headers = headers | {"ETag": f"W/{self.etag}", "Vary": "Accept-Encoding"}
        self._compressed_headers = self.headers | {"Content-Encoding": "gzip"}
        self._known_headers = {name: self.headers[name] for name in OF_A_CONDITION if name in self.headers}

    def answer(self, meta) -> Answer:
        if self.status == 200 and self._is_known_to(meta):
            return Answer(304, self._known_headers, None)
        if "gzip" in meta.get("HTTP_ACCEPT_ENCODING", ""):
            return Answer(self.status, self._compressed_headers, self.page, is_compressed=True)
        return Answer(self.status, self.headers, self.page)

    def response(self, request) -> KeptResponse:
        response = KeptResponse(self.answer(request.META), request.method != "HEAD")
        if not self.page.names:
            response.fill_in({})
        return response

    def _is_known_to(self, meta) -> bool:
        if "HTTP_IF_NONE_MATCH" in meta:
            return self.etag in meta["HTTP_IF_NONE_MATCH"]
        since = meta.get("HTTP_IF_MODIFIED_SINCE")
        return since is not None and since == self.headers.get("Last-Modified")

    def answer_with_note(self) -> HttpResponse:
        """While the database is away. Left open is what was open; nobody may keep it, since it will be over soon."""
        made_at = datetime.fromtimestamp(self.made_at, UTC)
        note = render_to_string("components/outage_note.html", {"made_at": made_at})
        content = self._open_content.replace(b"</header>", b"</header>" + note.encode(), 1)
        headers = {name: value for name, value in self.headers.items() if name not in ("ETag", "Vary")}
        return HttpResponse(content, headers=headers | {"Cache-Control": "no-store"})

    def without_taken_down(self) -> "Kept | None":
        """What may be shown of it although it is from before; None: nothing."""
        length = takedown.length()
        if length == self.taken_down:
            return self
        before = self._open_content
        content = takedown.without(before, takedown.since(self.taken_down))
        if content is None:
            return None
        if content == before:
            self.taken_down = length
            return self
        response = HttpResponse(content, headers=self.headers)
        return Kept(response, self.number, self.until, taken_down=length, made_at=self.made_at)

    @property
    def _open_content(self) -> bytes:
        return self.page.plain({name: f"<!--{name}-->".encode() for name in self.page.names})


class Room:
    """Pages up to a number of bytes; those that were asked for longest ago leave first."""

    def __init__(self, limit: int):
        self.limit, self.size = limit, 0
        self._pages: OrderedDict[tuple, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple) -> Kept | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: tuple, page: Kept) -> None:
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self.size += page.size
            while self.size > self.limit:
                self._drop(next(iter(self._pages)))

    def drop(self, key: tuple) -> None:
        with self._lock:
            self._drop(key)

    def _drop(self, key: tuple) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self.size -= page.size


class Rendering:
    """One thread's, for which others wait."""

    def __init__(self):
        self.began = time.monotonic()
        self.is_done = threading.Event()
        self.page: Kept | None = None


class PageCache:
    newest: "PageCache | None" = None  # the one of this process's site

    def __init__(self, get_response):
        PageCache.newest = self
        self.get_response = get_response
        self.generation = Generation(self._cut)
        self.pages = Room(settings.PAGE_CACHE_BYTES)
        self.missing = Room(MISSING_BYTES)
        self._renderings: dict[tuple, Rendering] = {}
        self._lock = threading.Lock()
        self._in_use = set()  # connections of requests under way
        self._shared: tuple[tuple | None, dict] = None, {}

    def __call__(self, request):
        if not settings.PAGE_CACHE_BYTES:
            return self.get_response(request)
        key = key_of(request)
        if key is None:
            return self._pass_on(request)
        page = self.pages.get(key) or self.missing.get(key)
        reading = self.generation.current()
        if page is not None and reading is not None and _holds(page, reading):
            return page.response(request)
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            view = nowhere
        if not is_known_host(request.META):
            return self._pass_on(request)
        if not getattr(view, "is_kept", False):
            return self._pass_on(request)
        if key[-1] and not view.in_pages:
            key = (*key[:-1], "")
            page = self.pages.get(key) or self.missing.get(key)
        if page is not None and reading is not None and _holds(page, reading):
            return page.response(request)
        if page is not None and page.status == 200:
            if reading is not None and not self.generation.is_confirmed(reading):
                reading = None  # who has a page from before need not wait for a database that has just frozen
            page = self._looked_through(key, page)
        if reading is None:
            return self._answer_without_database(request, page)
        if request.method == "HEAD":
            return self._pass_on(request)
        return self._answer_anew(request, key, page, reading)

    def kept_answer(self, request) -> Answer | None:
        """What is ready, and nothing that takes time."""
        key = key_of(request) if settings.PAGE_CACHE_BYTES else None
        page = key and self.pages.get(key)
        if page:
            reading = self.generation.current()
            if reading is not None and _holds(page, reading):
                answer = page.answer(request.META)
                return answer if settings.VISITS_LOG is None else _for_nginx(answer, page, reading)
        return None

    def process_exception(self, request, exception):
        if isinstance(exception, StorageAway):
            logger.warning("%s %s: %s", request.method, request.path, exception)
            return unavailable(request, is_storage=True)
        # A replica ends queries, too, that stand in the way of what it replays; the primary is asked next.
        is_over = isinstance(exception, OperationalError) and replica.is_read()
        return unavailable(request) if is_over or is_away(exception) else None

    def _answer_without_database(self, request, page: Kept | None):
        """Kept pages go on being served, however old; what else needs the database is told so at once."""
        generation = self.generation
        last, away_since = generation.last, generation.away_since
        now = time.monotonic()
        if (
            page is not None
            and page.status == 200
            and last is not None
            and now - last.read_at < settings.PAGE_CACHE_OUTAGE_HOURS * 3600
        ):
            if (
                away_since is not None
                and now - away_since > NOTE_AFTER
                and b"</header>" in page.page.texts[0]
            ):
                return page.answer_with_note()
            return page.response(request)
        return self._pass_on(request)

    def _looked_through(self, key: tuple, page: Kept) -> Kept | None:
        left = page.without_taken_down()
        if left is None:
            self.pages.drop(key)
        elif left is not page:
            self.pages.put(key, left)
        return left

    def _answer_anew(self, request, key: tuple, page: Kept | None, reading):
        with self._lock:
            rendering = self._renderings.get(key)
            is_mine = rendering is None
            if is_mine:
                # Somebody may have finished it since this thread looked.
                ready = self.pages.get(key) or self.missing.get(key)
                if ready is not None and _holds(ready, reading):
                    return ready.response(request)
                rendering = self._renderings[key] = Rendering()
        if not is_mine:
            rendering.is_done.wait(BRIEFLY if page else WAIT)
            if rendering.page is not None:
                return rendering.page.response(request)
            if page is not None and time.monotonic() - rendering.began < OLD_FOR:
                return page.response(request)
            return self._or_before(request, self._render(request, key, reading)[1], page)
        try:
            rendering.page, response = self._render(request, key, reading)
        finally:
            with self._lock:
                del self._renderings[key]
            rendering.is_done.set()
        return self._or_before(request, response, page)

    def _or_before(self, request, response, page: Kept | None):
        """Where the database has just gone, the page from before."""
        is_gone = response.status_code == 503 and page is not None and page.status == 200
        return page.response(request) if is_gone else response

    def _render(self, request, key: tuple, reading) -> tuple[Kept | None, HttpResponse]:
        board.note_rendering()
        bare = bare_request(request, key)
        bare.shared = partial(self._share, reading)
        taken_down = takedown.length()
        response = self._ask(bare, reading)
        if not may_be_kept(response):
            if response.status_code < 500:
                self.pages.drop(key)
            return None, response
        is_missing = response.status_code != 200
        # The reading is older than the page: whatever changed meanwhile makes the page old at once.
        until = time.time() + MISSING_FOR if is_missing else min(reading.changes_at, _ends_at())
        page = Kept(response, reading.number, until, taken_down=taken_down)
        if is_missing:
            self.pages.drop(key)
        (self.missing if is_missing else self.pages).put(key, page)
        return page, page.response(request)

    def _share(self, reading, name: str, make):
        """What many pages show, made once for a generation, but not kept longer than they are."""
        stamp = reading.number, reading.changes_at, time.time() // LONGEST
        shared = self._shared
        if shared[0] != stamp:
            shared = self._shared = stamp, {}
        parts = shared[1]
        if name not in parts:
            parts[name] = make()
        return parts[name]

    def _pass_on(self, request):
        if request.path.startswith(WITHOUT_DATABASE):
            return self.get_response(request)
        self.generation.watch()
        reading = None
        # Who has an account reads at once what was saved.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            current = self.generation.current()
            if current is not None:
                request.shared = partial(self._share, current)
            if is_of_reader(request):
                reading = current
        response = self._ask(request, reading)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True)
        return response

    def _ask(self, request, reading):
        """From the replica, if it is as far as the reading; should it fail, from the primary."""
        if reading is not None and reading.is_of_replica:
            connection = connections[replica.REPLICA]
            # What is written meanwhile, such as a search that found nothing, goes to the primary.
            with self._using(connection), self._using(connections[replica.PRIMARY]), replica.reading():
                response = self.get_response(request) if self._may_be_asked(connection) else None
            if response is not None and (response.status_code < 500 or not connection.errors_occurred):
                return response
            self.generation.pass_over_replica()
        connection = connections[replica.PRIMARY]
        with self._using(connection):
            return self.get_response(request) if self._may_be_asked(connection) else unavailable(request)

    def _may_be_asked(self, connection) -> bool:
        """Django looks whether a connection lives before the first query, and makes another if it does not. Here that
        is looked to before, since a frozen server lets the next connection wait as well, out of _cut's reach."""
        connection.close_if_health_check_failed()
        return not self.generation.is_silent(connection.alias)

    @contextmanager
    def _using(self, connection):
        self._in_use.add(connection)
        try:
            yield
        finally:
            self._in_use.discard(connection)

    def _cut(self, alias: str):
        """Frees the threads that wait for a frozen database; without this a few would hold up all readers."""
        for wrapper in list(self._in_use):
            connection = wrapper.connection if wrapper.alias == alias else None
            if connection is not None and not connection.closed:
                with socket.socket(fileno=dup(connection.fileno())) as end:
                    end.shutdown(socket.SHUT_RDWR)


def key_of(request) -> tuple | None:
    """Scheme, host, path and the page's number; None for what is never kept."""
    meta = request.META
    if request.method not in ("GET", "HEAD") or meta["SCRIPT_NAME"]:
        return None
    if meta.get("HTTP_COOKIE") and settings.SESSION_COOKIE_NAME in request.COOKIES:
        return None
    query = meta.get("QUERY_STRING", "")
    if query:
        numbers = ENTRY.findall(query)
        if numbers and not NUMBER.fullmatch(numbers[-1]):
            return None
        query = f"page={numbers[-1]}" if numbers else ""
    return request.scheme, meta.get("HTTP_HOST"), request.path_info, query


def is_of_reader(request) -> bool:
    """Nobody's with an account, and nothing that is written to."""
    return (
        request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not without_prefix(request.path).startswith(OF_STAFF)
    )


def is_known_host(meta) -> bool:
    """Names with wildcards, and ports that nobody listens on, would be as many pages as somebody likes."""
    host, port = meta.get("HTTP_HOST"), meta["SERVER_PORT"]
    return host == urlsplit(settings.SITE_URL).netloc or any(
        host in (name, f"{name}:{port}") for name in settings.ALLOWED_HOSTS
    )


def bare_request(request, key: tuple) -> WSGIRequest:
    """What a page is made of: no cookie, no other header, no other query."""
    scheme, host, path, query = key
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": host,
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(),
        **{name: request.META[name] for name in ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL")},
    }
    if settings.SECURE_PROXY_SSL_HEADER and scheme == "https":
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value
    return WSGIRequest(environ)


def may_be_kept(response) -> bool:
    """A cookie, or a page that differs by cookie, as by a session or a form's token, belongs to one reader."""
    control = response.get("Cache-Control", "")
    return (
        response.status_code in (200, 404, 410)
        and not response.streaming
        and not response.cookies
        and "cookie" not in response.get("Vary", "").lower()
        and not any(word in control for word in ("no-store", "private"))
    )


def unavailable(request, *, is_storage=False) -> HttpResponse:
    """While the database or, with `is_storage`, the storage of files is away."""
    context = {
        "is_admin": request.path.startswith("/admin/"), "is_sent": request.method == "POST", "is_storage": is_storage,
    }  # fmt: skip
    response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # once, by the generation's thread, not at every page
    return response


def is_away(error: BaseException | None) -> bool:
    """Whether the database could not be reached, or went while it was asked."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or code.startswith(AWAY_CODES) and code != TOO_LONG


def _for_nginx(answer: Answer, page: Kept, reading) -> Answer:
    """May be kept there, figures and all, until the second is over: no longer than this process itself would go on
    with it. A page with a nonce may not, which is one reader's."""
    second = min(reading.last_second, math.floor(page.until) - 1)
    has_nonce = "<!--" in answer.headers.get(POLICY, "")
    if answer.status_code == 200 and not has_nonce and second >= math.floor(time.time()):
        answer.headers = answer.headers | {"X-Accel-Expires": f"@{second}"}
    return answer


def _holds(page: Kept, reading) -> bool:
    return page.number == reading.number and time.time() < page.until


def _ends_at() -> float:
    """Pages show the date, so none outlives the day."""
    now = timezone.localtime()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(now.timestamp() + LONGEST, midnight.timestamp())
