"""What pages cost beside a bare Django view that returns the same bytes, under the same gunicorn: kept and counted,
rendered for one reader, lists, search, the admin, and the same story in Wagtail. Run by `make bench`; needs wrk.

The database is the site's own, with its news. All sites run side by side, and each round asks one after the other,
since a busy machine slows them all. PAGES_ROUNDS and PAGES_SECONDS make it longer, WAGTAIL=0 leaves Wagtail out.
"""

import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from articles.models import Article  # noqa: E402
from bench.serving import HOSTS, Load, Served, gunicorn, load, need_wrk  # noqa: E402
from newsportal import embedded  # noqa: E402

ROUNDS = int(os.environ.get("PAGES_ROUNDS", 7))
SECONDS = int(os.environ.get("PAGES_SECONDS", 2))
WARMING = 1  # seconds
GZIP = {"Accept-Encoding": "gzip"}
BARE = """
from pathlib import Path
import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", MIDDLEWARE=[])
django.setup()
plain, packed = (Path({folder!r}, name).read_bytes() for name in ("plain", "packed"))


def view(request):
    # With its length and type, as any server of files would send it.
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        headers = {{"Content-Length": len(packed), "Content-Encoding": "gzip"}}
        return HttpResponse(packed, headers=headers)
    return HttpResponse(plain, headers={{"Content-Length": len(plain)}})


urlpatterns = [path("page/", view)]
application = WSGIHandler()
"""


@dataclass
class Row:
    name: str
    ask: Callable[..., Load]  # takes `seconds`
    loads: list[Load] = field(default_factory=list)

    def told(self, bare: "Row") -> str:
        rates, costs = [load.rate for load in self.loads], [load.cost for load in self.loads]
        bare_rates = [load.rate for load in bare.loads]
        ratios = [rate / other for rate, other in zip(rates, bare_rates, strict=True)]
        cost = statistics.median(costs)
        cells = [
            self.name,
            f"{max(rates):,.0f}",
            f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})",
            f"{max(rates) / max(bare_rates):.3f}",
            f"{statistics.median(ratios):.3f} ({min(ratios):.3f}–{max(ratios):.3f})",
            f"{cost:,.0f}",
            f"{statistics.median(load.cost for load in bare.loads) / cost:.3f}",
        ]
        return f"| {' | '.join(cells)} |"


HEAD = """\
| page | best/s | median/s (least–most) | best of the bare one's best | median of the rounds | CPU µs | by CPU |
|---|---|---|---|---|---|---|"""


def main():
    need_wrk()
    call_command("collectstatic", interactive=False, verbosity=0)
    with (
        embedded.running_for(settings),
        tempfile.TemporaryDirectory(prefix="bench-pages-") as folder,
        ExitStack() as sites,
    ):
        story = Article.objects.published().select_related("section").order_by("-photos", "pk").first()
        if story is None:
            raise SystemExit("bench.pages needs news in the database: make demo")
        measure(Path(folder), story, sites)


def bare_site(folder: Path, plain: bytes, packed: bytes, sites: ExitStack) -> Served:
    """A Django view at /page/ that returns these bytes."""
    (folder / "plain").write_bytes(plain)
    (folder / "packed").write_bytes(packed)
    (folder / "bare_site.py").write_text(BARE.format(folder=str(folder)))
    python_path = os.pathsep.join([str(folder), str(settings.BASE_DIR)])
    bare = sites.enter_context(gunicorn("bare_site", PYTHONPATH=python_path))
    bare.wait_for("/page/")
    return bare


def measure(folder: Path, story: Article, sites: ExitStack):
    serve = partial(
        gunicorn,
        "newsportal.wsgi",
        ALLOWED_HOSTS=",".join(["127.0.0.1", *HOSTS]),
        SECOND_FACTOR="0",
        VISITS_SPOOL=str(folder / "visits"),
        VISITS_SHIP_EVERY="0",
    )
    path = story.get_absolute_url()
    kept = sites.enter_context(serve())
    # Nothing fits, so every page is rendered; what all pages share is made once a generation, as in real life.
    rendered = sites.enter_context(serve(PAGE_CACHE_BYTES="1"))
    plain, packed = kept.wait_for(path).body, kept.wait_for(path, **GZIP).body
    bare = bare_site(folder, plain, packed, sites)
    rendered.wait_for(path)
    cookie = sites.enter_context(administrator())
    section = story.section.get_absolute_url()
    rows = [
        bare_row := Row("bare Django view", partial(load, bare, "/page/")),
        bare_gzip := Row("bare Django view, gzip", partial(load, bare, "/page/", **GZIP)),
        Row("story, kept and counted", partial(load, kept, path)),
        gzip_row := Row("story, kept and counted, gzip", partial(load, kept, path, **GZIP)),
        Row("story, rendered", partial(load, rendered, path, hosts=HOSTS)),
        Row("home, rendered", partial(load, rendered, "/", hosts=HOSTS)),
        Row("section, rendered", partial(load, rendered, section, hosts=HOSTS)),
        Row("feed, rendered", partial(load, rendered, reverse("articles:rss"), hosts=HOSTS)),
        Row("search", partial(load, kept, f"{reverse('articles:search')}?q=th%C3%A0nh+ph%E1%BB%91")),
        Row(
            "admin, list of stories",
            partial(load, kept, reverse("admin:articles_article_changelist"), Cookie=cookie),
        ),
    ]
    if os.environ.get("WAGTAIL") != "0":
        from bench.wagtail import same_story

        rows += [
            Row(name, partial(load, site, page))
            for name, site, page in same_story(story, plain.decode(), sites)
        ]
    print(f"{path}: {len(plain)} bytes, {len(packed)} compressed; {os.cpu_count()} cores")
    take_rounds(rows)
    print(HEAD)
    for row in rows:
        print(row.told(bare_gzip if row is gzip_row else bare_row))
    counted = sum(len(file.read_bytes().splitlines()) for file in (folder / "visits").glob("*.[os]*"))
    print(f"views in the spool: {counted}; largest worker: {kept.memory():.0f} MB")


def take_rounds(rows: list[Row]):
    for row in rows:
        row.ask(seconds=WARMING)
    for _ in range(ROUNDS):
        for row in rows:
            row.loads.append(row.ask(seconds=SECONDS))


@contextmanager
def administrator():
    """The cookie of somebody who may do everything, for as long as it is measured."""
    user = User.objects.create_superuser("bench")
    try:
        client = Client()
        client.force_login(user)
        yield f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        client.logout()
    finally:
        user.delete()


if __name__ == "__main__":
    main()
