"""A copy of the public site as plain files, made as a thorough reader would make it: along every link.

Pages come from the site itself, in this process and its children; nothing counts them. What links to what decides
what is copied, so a new kind of page needs no line here. Stories are written before the pages that name them.
"""

import fcntl
import os
import re
import shutil
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from html import escape, unescape
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from articles.kept_page import KeptPage
from articles.languages import of_path
from articles.views import search
from visitors.middleware import PLACES, UNKNOWN, words

MARK = ".mirror"  # in folders that a copy was made in: in no other is anything deleted
PART = ".part"
SEEDS = ["/", "/robots.txt", "/404.html"]  # the last leads to no page, and so shows what is said then
# What needs a program behind it; links lead to the portal itself.
ELSEWHERE = re.compile(r"^/(?:en/)?(?:admin|api|xem-truoc)/|/pdf/$")
PAGE_NUMBER = re.compile(r"page=([1-9][0-9]{0,6})")
LINK = re.compile(r'(?<=\s)(href|src|srcset|action)="(?![a-zA-Z]+:|//|#)([^"]+)"')
TODAY = re.compile(rb'<time datetime="[^"]*"><span class="top-bar__weekday">.*?</time>', re.DOTALL)
DIGEST = "\n<!-- {} -->\n"
# By the address of a folder: which file is read when it is asked for.
INDEX = {"text/html": "index.html", "application/xml": "index.xml"}
NOT_STATIC = {"admin", "ckeditor"}  # of the newsroom
# Left out: what counts, compresses, keeps, or sends whoever asks elsewhere.
NOT_NEEDED = {
    "visitors.middleware.CountVisits",
    "django.middleware.gzip.GZipMiddleware",
    "articles.page_cache.PageCache",
    "django.middleware.security.SecurityMiddleware",
}


class MirrorError(Exception):
    """Why there can be no copy, in one sentence."""


@dataclass
class Outcome:
    """Of one address, or of a whole copy."""

    files: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    pages: int = 0
    written: int = 0
    removed: int = 0
    is_sitemap: bool = False

    def add(self, other: "Outcome") -> None:
        self.files |= other.files
        self.dead += other.dead
        self.failed += other.failed
        self.pages += other.pages
        self.written += other.written


def without_search(get_response):
    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        return render(request, "mirror/search.html") if view is search else None

    middleware.process_view = process_view
    return middleware


def export(folder: Path, processes: int) -> Outcome:
    if not any(Path(settings.STATIC_ROOT).glob("*")):
        raise MirrorError(
            _("The static files are not published yet: run “manage.py collectstatic --noinput” first.")
        )
    with alone(folder), copying(folder, processes) as copy:
        whole = Outcome()
        seen, first, then = set(), {"/sitemap.xml"}, set(SEEDS)
        while level := first or then:
            seen |= level
            first, then = set(), set() if level is then else then
            for found in copy(sorted(level, reverse=True)):  # newer stories have higher numbers
                whole.add(found)
                (first if found.is_sitemap else then).update(found.links - seen)
            first -= seen
            then -= seen | first
        link_static_files(folder, whole)
        if not whole.failed:  # what a page that failed links to is not known, so nothing is known to be gone
            whole.removed = remove_all_but(whole.files, folder)
        return whole


@contextmanager
def alone(folder: Path):
    """In a folder that is new, empty or a copy already, one at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / MARK).exists() and any(folder.iterdir()):
        raise MirrorError(_("%s holds other files: name a new folder for the copy.") % folder)
    with (folder / MARK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MirrorError(_("Another copy is being made in %s.") % folder) from None
        yield


@contextmanager
def copying(folder: Path, processes: int):
    """A function from addresses to their outcomes, by one process or by several."""
    middleware = [
        *(name for name in settings.MIDDLEWARE if name not in NOT_NEEDED),
        f"{__name__}.without_search",
    ]
    # A copy needs no CDN: it has the static files itself.
    with override_settings(MIDDLEWARE=middleware, MEASURING_SCRIPT="", STATIC_URL=settings.STATIC_PATH):
        if processes == 1:
            copier = Copier(folder)
            yield partial(map, copier.copy)
            return
        connections.close_all()  # none is shared with children
        # Not multiprocessing.Pool, which ends its children by SIGTERM and waits for ever for one that missed it.
        pool = ProcessPoolExecutor(processes, get_context("fork"), begin, (folder, os.getpid()))
        try:
            yield partial(pool.map, copy_here, chunksize=20)
        finally:
            pool.shutdown(cancel_futures=True)


def begin(folder: Path, parent: int) -> None:
    """In a child, which ends with its parent, even with one that was killed."""
    globals()["here"] = Copier(folder)

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def copy_here(address: str) -> Outcome:
    return here.copy(address)  # noqa: F821


class Copier:
    def __init__(self, folder: Path):
        self.folder = folder
        self.site = WSGIHandler()
        self._shared = {}
        parts = urlsplit(settings.SITE_URL)
        known = [name for name in settings.ALLOWED_HOSTS if name.strip("*.") == name]
        host = parts.hostname if "*" in settings.ALLOWED_HOSTS or parts.hostname in known else known[0]
        self.requests = RequestFactory(
            SERVER_NAME=host, HTTP_HOST=host, HTTP_X_FORWARDED_PROTO="https" if settings.HTTPS else "http"
        )
        self.whole_link = re.compile(re.escape(settings.SITE_URL) + r"(/[^\s\"'<>&#]*)")

    def copy(self, address: str) -> Outcome:
        if address.startswith(settings.MEDIA_URL):
            return self._media(address)
        outcome = Outcome(pages=1)
        request = self.requests.get(address, secure=settings.HTTPS)
        request.shared = self._share
        response = self.site.get_response(request)
        status, kind = response.status_code, response.get("Content-Type", "").split(";")[0]
        content = b"" if response.streaming else response.content
        if status in (301, 302):
            kind, content = "text/html", moved(response["Location"])
        elif status >= 500 or response.streaming:
            outcome.failed.append(f"{address}: {status}")
            return outcome
        elif status != 200 and address not in SEEDS:
            outcome.dead.append(address)
            return outcome
        name = file_name(address, "application/xml" if kind.endswith("xml") else kind)
        outcome.is_sitemap = name.startswith(("sitemap", "en/sitemap"))
        if kind == "text/html":
            text = content.decode()
            outcome.links = {
                link
                for link in (*links(address, text), *self._whole_links(text))
                if not ELSEWHERE.search(link)
            }
            for link in list(outcome.links):  # before the page that shows them
                if link.startswith(settings.MEDIA_URL):
                    outcome.files |= self._media(link).files
                    outcome.links.remove(link)
            outcome.written += self._write_page(name, address, LINK.sub(partial(link_of_copy, address), text))
        else:
            if kind.endswith("xml"):
                outcome.links = set(self._whole_links(content.decode()))
            outcome.written += write(self.folder / name, content)
        outcome.links = {link for link in outcome.links if not link.startswith(settings.STATIC_URL)}
        outcome.files.add(name)
        return outcome

    def _share(self, name, make):
        """What pages have in common is made once for the whole copy."""
        if name not in self._shared:
            self._shared[name] = make()
        return self._shared[name]

    def _whole_links(self, text: str) -> Iterable[str]:
        return (link.partition("?")[0] for link in self.whole_link.findall(text))

    def _write_page(self, name: str, address: str, text: str) -> int:
        """Nothing is new where only the day and the figures are: they are of the moment when the page was copied."""
        language = of_path(address)
        with override(language):
            note = render_to_string("mirror/note.html", {"portal": settings.SITE_URL + address})
        content = text.replace("</header>", f"</header>{note}", 1).encode()
        digest = DIGEST.format(blake2b(TODAY.sub(b"", content), digest_size=16).hexdigest()).encode()
        path = self.folder / name
        if ending(path, len(digest)) == digest:
            return 0
        figures = words(address) | {PLACES["online"]: UNKNOWN}
        return write(path, KeptPage(content).plain(figures) + digest)

    def _media(self, address: str) -> Outcome:
        name = unquote(address.partition("?")[0]).lstrip("/")
        source = Path(settings.MEDIA_ROOT, name.removeprefix(settings.MEDIA_URL.lstrip("/")))
        if ".." in source.parts or not (settings.S3_BUCKET or source.is_file()):
            return Outcome(dead=[address])
        if not settings.S3_BUCKET:
            return Outcome(files={name}, written=link_file(source, self.folder / name))
        try:
            inner = str(source.relative_to(settings.MEDIA_ROOT))
            return Outcome(files={name}, written=fetch_file(inner, self.folder / name))
        except FileNotFoundError:
            return Outcome(dead=[address])


def links(page: str, text: str) -> Iterable[str]:
    """Without what a query asks for, but for the number of a list's page."""
    for attribute, value in LINK.findall(text):
        value = unescape(value)
        for link in [part.split()[0] for part in value.split(",")] if attribute == "srcset" else [value]:
            address = urldefrag(urljoin(page, link)).url
            path, _mark, query = address.partition("?")
            yield address if PAGE_NUMBER.fullmatch(query) else path


def link_of_copy(page: str, link: re.Match) -> str:
    address = urljoin(page, unescape(link[2]))
    path, _mark, query = address.partition("?")
    if ELSEWHERE.search(path):
        address = settings.SITE_URL + address
    elif number := PAGE_NUMBER.fullmatch(query):
        address = path + page_name(number[1])
    else:
        return link[0]
    return f'{link[1]}="{escape(address)}"'


def page_name(number: str) -> str:
    return f"trang-{number}.html"


def file_name(address: str, kind: str) -> str:
    path, _mark, query = address.partition("?")
    path = unquote(path).lstrip("/")
    if ".." in path.split("/") or "\0" in path:
        raise MirrorError(f"{address} cannot be the name of a file.")
    if path and not path.endswith("/"):
        return path
    number = PAGE_NUMBER.fullmatch(query)
    return path + (page_name(number[1]) if number else INDEX[kind])


def moved(location: str) -> bytes:
    return render_to_string("mirror/moved.html", {"address": quote(location, safe="/:?=&%#")}).encode()


def ending(path: Path, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(-length, os.SEEK_END)
            return file.read()
    except OSError:
        return b""


def write(path: Path, content: bytes) -> int:
    """1 if the file is new or other than before; readers get the one or the other, never half of it."""
    try:
        if path.read_bytes() == content:
            return 0
    except OSError:
        pass
    with replacing(path) as part:
        part.write_bytes(content)
        part.chmod(0o644)
    return 1


def link_file(source: Path, path: Path) -> int:
    """The same file under a second name; on another disk a copy."""
    known = source.stat()
    try:
        found = path.stat()
        if (found.st_size, found.st_mtime_ns) == (known.st_size, known.st_mtime_ns):
            return 0
    except OSError:
        pass
    with replacing(path) as part:
        part.unlink(missing_ok=True)
        try:
            os.link(source, part)
        except OSError:
            shutil.copy2(source, part)
    return 1


def fetch_file(name: str, path: Path) -> int:
    """Out of the bucket, once: a name never changes its content."""
    if path.is_file():
        return 0
    with default_storage.open(name) as file, replacing(path) as part:
        with part.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        part.chmod(0o644)
    return 1


@contextmanager
def replacing(path: Path):
    """Several may write the same file: each has a name of its own until it is whole."""
    part = path.with_name(f".{path.name}-{os.getpid()}{PART}")
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    yield part
    part.replace(path)


def link_static_files(folder: Path, whole: Outcome) -> None:
    root = Path(settings.STATIC_ROOT)
    for source in root.rglob("*"):
        inner = source.relative_to(root)
        if source.is_file() and inner.parts[0] not in NOT_STATIC and not source.name.startswith("."):
            name = f"{settings.STATIC_URL.strip('/')}/{inner}"
            whole.files.add(name)
            whole.written += link_file(source, folder / name)


def remove_all_but(files: set[str], folder: Path) -> int:
    """Withdrawn stories, photos that no page shows any more, and what a killed run left."""
    removed = 0
    for root, folders, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(root, name)
            if str(path.relative_to(folder)) not in files and path != folder / MARK:
                path.unlink()
                removed += 1
        for name in folders:
            path = Path(root, name)
            if not any(path.iterdir()):
                path.rmdir()
    return removed
