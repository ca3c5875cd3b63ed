"""What pages cost on sites of 1,000, 30,000 and 1,000,000 stories, side by side: the same request to each in turn,
so that a busy machine slows all of them. No page is kept; parts of pages are, as always. Searches come eight at a time.

`make growth`, or `python -m bench.growth FOLDER`: a site once filled is found again in the folder, 15 GB in all.
GROWTH_SIZES and GROWTH_ROUNDS choose others; GROWTH_ONLY, a regular expression, some of the rows.
"""

import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urlencode

from lxml import html

from bench.serving import AGENT, gunicorn
from newsportal import embedded

SIZES = [int(size) for size in os.environ.get("GROWTH_SIZES", "1000,30000,1000000").split(",")]
ROUNDS = int(os.environ.get("GROWTH_ROUNDS", 40))
ONLY = re.compile(os.environ.get("GROWTH_ONLY", ""))
AT_ONCE = 8
TURNS = int(os.environ.get("GROWTH_TURNS", 5))  # of forty searches
LIMIT_RATIO, LIMIT_SEARCH = 1.5, 150  # milliseconds
PUBLIC = "VISITS_SHIP_EVERY=0 PAGE_CACHE_BYTES=1 SECOND_FACTOR=off ALLOWED_HOSTS=127.0.0.1,localhost SECRET_KEY=bench"
SETTINGS = dict(pair.split("=") for pair in PUBLIC.split())

ACCOUNTS = """
from django.contrib.auth.models import Group, User
User.objects.create_superuser("bench", password="bench-bench-bench")
for number in range(8):
    user = User.objects.create_user(f"bench-{number}", is_staff=True)
    user.groups.add(Group.objects.get(name="Người viết"))
"""
ADDRESSES = """
import json
from datetime import timedelta
from django.contrib.auth.models import User
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from articles import archive, listing
from articles.models import Article, Author, Section, Topic
public = Article.objects.published()
newest = list(public.select_related("section")[:200])
story = newest[len(newest) // 2]
local = timezone.localtime(story.published_at)
section = Section.objects.get(name="An ninh trật tự")
def last_page(stories):
    return (min(listing.LISTED, stories.count()) + listing.PER_PAGE - 1) // listing.PER_PAGE
by_stories = Topic.objects.annotate(count=Count("articles")).order_by("count")
topic, rare_topic = by_stories.last(), by_stories[by_stories.count() // 2]
by_stories = Author.objects.annotate(count=Count("bylines")).order_by("count")
author, rare_author = by_stories.last(), by_stories[by_stories.count() // 2]
client = Client()
client.force_login(User.objects.get(username="bench"))
stories = reverse("admin:articles_article_changelist")
draft = Article.objects.filter(status="draft").latest("pk")
in_section = section.get_absolute_url()
found = {
    "article": story.get_absolute_url(),
    "home": "/",
    "section": in_section,
    "section, deepest": f"{in_section}?page={last_page(public.in_section(section))}",
    "archive": "/luu-tru/",
    "archive, year": f"/luu-tru/{local:%Y}/",
    "archive, month": f"/luu-tru/{local:%Y/%m}/",
    "archive, day": f"/luu-tru/{local:%Y/%m/%d}/",
    "feed": "/rss/",
    "feed of the section": f"/rss/chuyen-muc/{section.slug}/",
    "feed of the topic": f"/rss/chu-de/{topic.slug}/",
    "page of feeds": "/kenh-rss/",
    "sitemap, index": "/sitemap.xml",
    "sitemap, a month": f"/sitemap-thang-{local:%Y-%m}.xml",
    "sitemap, news": "/sitemap-tin-moi.xml",
    "sitemap, pages": "/sitemap-trang.xml",
    "site map for people": "/so-do-trang/",
    "corrections": "/dinh-chinh/",
    "author of most stories": author.get_absolute_url(),
    "author, median": rare_author.get_absolute_url(),
    "author, deepest": f"{author.get_absolute_url()}?page={last_page(public.filter(bylines__author=author))}",
    "topic of most stories": topic.get_absolute_url(),
    "topic, median": rare_topic.get_absolute_url(),
    "topic, deepest": f"{topic.get_absolute_url()}?page={last_page(public.filter(topics=topic))}",
    "API, list": "/api/v1/stories",
    "API, list of a topic": f"/api/v1/stories?topic={topic.slug}",
    "API, list of an author": f"/api/v1/stories?author={author.slug}",
    "API, item": f"/api/v1/stories/{story.pk}",
    "admin, list": stories,
    "admin, list of a status": f"{stories}?state=published",
    "admin, list of a section": f"{stories}?section__id__exact={section.pk}",
    "admin, list of an author": f"{stories}?author={author.pen_name}",
    "admin, list by headline": f"{stories}?o=2",
    "admin, list, deepest": stories,
    "admin, search": f"{stories}?q=công an giao thông",
    "admin, search, rare": f"{stories}?q={story.headline[:60]}",
    "admin, related news": f"/admin/autocomplete/?app_label=articles&model_name=relatedlink&field_name=target&term={story.headline[:30]}",
    "admin, links": f"/admin/articles/article/link-choices/?q={story.headline[:30]}",
    "admin, desk": "/admin/",
    "admin, form of a story": reverse("admin:articles_article_change", args=[draft.pk]),
}
print(json.dumps({
    "pages": found, "session": client.cookies["sessionid"].value, "section": section.slug, "author": author.slug,
    "headlines": [each.headline for each in newest], "authors": [each.pen_name for each in Author.objects.all()[:80]],
}))
"""


class Site:
    """One of the sites: its folder, its server and the addresses of what is measured."""

    def __init__(self, folder: Path, size: int):
        self.size = size
        self.environment = SETTINGS | {
            "DATA_DIR": str(folder / str(size)),
            "VISITS_SPOOL": str(folder / f"{size}-visits"),
        }

    def manage(self, *arguments, **options):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=os.environ | self.environment, check=True, text=True, **options)

    def fill(self):
        data = Path(self.environment["DATA_DIR"])
        if (data / "filled").exists():
            return
        data.mkdir(parents=True, exist_ok=True)
        self.manage("migrate", "-v0")
        self.manage("collectstatic", "--noinput", "-v0")
        self.manage("shell", "-v0", "-c", ACCOUNTS)
        self.manage("make_articles", str(self.size))
        (data / "filled").touch()

    def start(self, stack: ExitStack):
        stack.enter_context(embedded.running(Path(self.environment["DATA_DIR"])))
        told = self.manage("shell", "-v0", "-c", ADDRESSES, stdout=subprocess.PIPE).stdout
        self.known = json.loads(told.splitlines()[-1])
        self.pages = self.known["pages"]
        server = stack.enter_context(gunicorn("newsportal.wsgi", **self.environment))
        self.port = server.port
        server.wait_for("/robots.txt")

    def get(self, path: str) -> tuple[float, int, bytes]:
        """Milliseconds, status and body."""
        return self.ask("GET", quote(path, safe="/?=&%,"))[:3]

    def ask(self, method: str, path: str, body: str | None = None, cookies: str = ""):
        headers = {"User-Agent": AGENT}
        if path.startswith("/admin/"):
            headers["Cookie"] = f"sessionid={self.known['session']}; {cookies}"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        began = time.perf_counter()
        client.request(method, path, body, headers)
        answer = client.getresponse()
        content = answer.read()
        taken = 1000 * (time.perf_counter() - began)
        client.close()
        return taken, answer.status, content, answer.headers

    def save(self) -> tuple[float, int, bytes]:
        """Sends the form of a draft back with another headline, as “Save and continue” does."""
        path = self.pages["admin, form of a story"]
        _taken, _status, page, headers = self.ask("GET", path)
        form = html.fromstring(page.decode()).get_element_by_id("article_form")
        form.fields["headline"] = f"Tin thử lần {time.monotonic_ns()}"
        values = [*form.form_values(), ("_continue", "1")]
        cookie = re.search(r"csrftoken=\w+", headers["Set-Cookie"])[0]
        return self.ask("POST", path, urlencode(values), cookie)[:3]

    def search(self, query: str) -> tuple[float, int, bytes]:
        return self.get(f"/tim-kiem/?{query}")


def searches(site: Site) -> dict[str, list[str]]:
    """Of each kind many, so that none is answered from what the last one has just read."""
    headlines, authors = site.known["headlines"], site.known["authors"]
    common = ["công an", "cong an", "người dân", "nguoi dan", "cảnh báo", "bà con", "cơ quan chức năng"]
    middling = [f"{word} {number}" for word in ("xã An", "ma túy", "hiến máu", "căn cước") for number in (5, 18, 36, 83)]  # fmt: skip
    phrases = ["lừa đảo qua mạng", "an toàn giao thông", "gửi lời cảm ơn", "giấy phép lái xe", "rét đậm", "cơ quan chức năng khuyến cáo người dân", "chiếm đoạt tài sản", "khám bệnh miễn phí"]  # fmt: skip
    many = [
        " ".join(headline.split()[:8] + other.split()[-4:])
        for headline, other in zip(headlines, headlines[1:], strict=False)
    ]
    return {
        "rare": [f"q={name} {number}" for name in authors for number in (131, 977)],
        "common": [f"q={words}" for words in common],
        "middling": [f"q={words}" for words in middling],
        "phrase": [f'q="{words}"' for words in phrases],
        "phrase of a headline": [f'q="{headline}"' for headline in headlines],
        "two common words, seldom a phrase": [
            f'q="{words}"' for words in ("công tác an", "dân an", "xã công", "an người", "tỉnh xã")
        ],
        "many words": [f"q={words}" for words in many],
        "with a minus": [f"q={words} -{other}" for words, other in zip(common, common[2:], strict=False)],
        "in a section": [f"q={words}&section={site.known['section']}" for words in common],
        "of an author": [f"q={words}&author={site.known['author']}" for words in common],
        "of a year": [f"q={words}&from={year}&to={year}" for words in common for year in range(2012, 2025)],
        "by date": [f"q={words}&sort=date" for words in common],
    }


def measured(sites: list[Site], ask) -> list[list[float]]:
    """Of each site the times, asked in turn."""
    times: list[list[float]] = [[] for _ in sites]
    for turn in range(-2, ROUNDS):
        for place in range(len(sites)):
            place = (place + turn) % len(sites)
            taken, status, content = ask(sites[place])
            if status not in (200, 302):
                sys.exit(f"{sites[place].size}: {status}\n{content[:2000].decode(errors='replace')}")
            if turn >= 0:
                times[place].append(taken)
    return times


def measured_at_once(sites: list[Site], kind: str) -> list[list[float]]:
    times: list[list[float]] = [[] for _ in sites]
    for site in sites:
        site.search(searches(site)[kind][0])
    for turn in range(TURNS):
        for place, site in enumerate(sites):
            queries = searches(site)[kind]
            wanted = [queries[(turn * AT_ONCE * 5 + number) % len(queries)] for number in range(AT_ONCE * 5)]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for taken, status, content in pool.map(site.search, wanted):
                    if status != 200:
                        sys.exit(f"{site.size}: {kind} {status}\n{content[:2000].decode(errors='replace')}")
                    times[place].append(taken)
    return times


def row(name: str, times: list[list[float]], *, is_search: bool = False):
    medians = [statistics.median(each) for each in times]
    tails = [statistics.quantiles(each, n=20)[-1] for each in times]
    cells = [f"{median:.0f} / {tail:.0f}" for median, tail in zip(medians, tails, strict=True)]
    ratio = medians[-1] / medians[0]
    is_over = tails[-1] > LIMIT_SEARCH if is_search else ratio > LIMIT_RATIO
    mark = " **over**" if is_over else ""
    print(f"| {name} | {' | '.join(cells)} | {ratio:.2f}{mark} |", flush=True)


def main(folder: Path):
    sites = [Site(folder, size) for size in SIZES]
    for site in sites:
        site.fill()
    with ExitStack() as stack:
        for site in sites:
            site.start(stack)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; milliseconds, p50 / p95")
        print(f"| | {' | '.join(f'{size:,}' for size in SIZES)} | p50, last to first |")
        print(f"|---|{'---|' * (len(SIZES) + 1)}")
        for name in filter(ONLY.search, sites[0].pages):
            row(name, measured(sites, lambda site, name=name: site.get(site.pages[name])))
        if ONLY.search("admin, save"):
            row("admin, save of a story", measured(sites, Site.save))
        for kind in searches(sites[0]):
            if ONLY.search(f"search, {kind}"):
                row(f"search, {kind}", measured_at_once(sites, kind), is_search=True)
        print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and its servers with it
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/growth").resolve())
