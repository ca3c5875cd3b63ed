"""A story of the portal in Wagtail, with and without wagtail-cache: the same text, photos and lists of other news.

Installed from PyPI into a venv of its own below the data folder, in the versions of Django, psycopg2 and gunicorn
that serve the portal. What is around the story is taken from the portal's own page, as templates without a variable,
so that both pages are of about the same HTML, and Wagtail pays for that no more than for reading it from memory.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection
from lxml import etree, html

from articles.models import Article, Photo, Section
from bench.serving import TREE, Served, gunicorn

PACKAGES = ["wagtail>=7.4,<7.5", "wagtail-cache>=3,<4"]
SHARED = ["Django", "psycopg2-binary", "gunicorn"]
DATABASE = "bench_wagtail"
OTHERS = 12  # stories of each section
# What of the portal's page stands around the story, by the template that it becomes.
PARTS = {
    "head": r"</title>(.*?)</head>",
    "top": r"<body>(.*?)<nav class=\"menu\"",
    "tools": r"(<div class=\"article__line\">.*?)</header>",
    "side": r"</section>\s*(<section class=\"(?:website-links|statistics)\".*?)</aside>\s*</div>",
    "foot": r"(<footer class=\"footer\">.*?)</body>",
}


def same_story(story: Article, page: str, sites: ExitStack) -> list[tuple[str, Served, str]]:
    """Of each row: its name, the site and the path. `page` is the portal's."""
    folder = settings.DATA_DIR / "bench" / "wagtail"
    python = install(folder / "venv")
    for name in ("templates", "media", "bench_migrations"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "templates/portal").mkdir(parents=True)
    (folder / "bench_migrations").mkdir()
    (folder / "bench_migrations/__init__.py").touch()
    for name, pattern in PARTS.items():
        part = re.search(pattern, page, re.DOTALL)[1]
        (folder / f"templates/portal/{name}.html").write_text(f"{{% verbatim %}}{part}{{% endverbatim %}}")
    (folder / "story.json").write_text(json.dumps(told(story)))
    environment = {
        "DJANGO_SETTINGS_MODULE": "bench.wagtail_site.settings",
        "WAGTAIL_FOLDER": str(folder),
        "PYTHONPATH": str(folder),
        "WAGTAIL_DATABASE": json.dumps(settings.DATABASE | {"NAME": make_database(), "CONN_MAX_AGE": 60}),
    }
    run = {
        "env": os.environ | environment,
        "cwd": TREE,
        "check": True,
        "stdout": subprocess.PIPE,
        "text": True,
    }
    for command in ("makemigrations", "migrate"):
        subprocess.run([python, "-m", "django", command], **run)
    made = subprocess.run([python, "-m", "bench.wagtail_site.fill", str(folder / "story.json")], **run)
    path = made.stdout.strip()
    application = "django.core.wsgi:get_wsgi_application()"
    plain = sites.enter_context(gunicorn(application, python=python, **environment))
    cached = sites.enter_context(gunicorn(application, python=python, **environment, WAGTAIL_CACHE_PAGES="1"))
    sizes = [len(site.wait_for(path).body) for site in (plain, cached)]
    print(f"the same story in Wagtail {version_in(python)}: {sizes[0]} bytes")
    return [("story in Wagtail", plain, path), ("story in Wagtail, wagtail-cache", cached, path)]


def install(venv: Path) -> str:
    python, wanted = str(venv / "bin/python"), [*PACKAGES, *(f"{name}=={version(name)}" for name in SHARED)]
    stamp = venv / "installed"
    if not stamp.exists() or stamp.read_text() != "\n".join(wanted):
        print("installing Wagtail…", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", *wanted], check=True)
        stamp.write_text("\n".join(wanted))
    return python


def version_in(python: str) -> str:
    command = [python, "-c", "import wagtail; print(wagtail.__version__)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def make_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    return DATABASE


def told(story: Article) -> dict:
    sections = []
    for section in Section.objects.filter(parent=None):
        newest = Article.objects.published().filter(section=section).exclude(pk=story.pk)
        stories = [*newest.order_by("-published_at")[:OTHERS], *([story] if story.section == section else [])]
        sections.append(
            {"name": section.name, "slug": section.slug, "stories": [told_of(each) for each in stories]}
        )
    return {"site": "Trang chủ", "slug": slug_of(story), "sections": sections}


def told_of(story: Article) -> dict:
    bylines = [
        {"role": byline.get_role_display(), "name": byline.author.pen_name, "unit": byline.author.unit}
        for byline in story.bylines.select_related("author")
    ]
    return {
        "headline": story.headline,
        "slug": slug_of(story),
        "kicker": story.kicker,
        "lead": story.lead,
        "published_at": story.published_at.isoformat(),
        "body": list(blocks(story)),
        "bylines": bylines,
    }


def slug_of(story: Article) -> str:
    return f"{story.slug}-{story.pk}"


def blocks(story: Article):
    """Each captioned photo, and what stands between two of them."""
    photos = Photo.objects.in_bulk(story.photos.values_list("pk", flat=True))
    text = ""
    for element in html.fragments_fromstring(story.body):
        if element.tag != "figure":
            text += etree.tostring(element, encoding="unicode", method="html")
            continue
        if text:
            yield "text", text
        image, caption = element.find(".//img"), element.find("figcaption")
        words = html.tostring(caption, encoding="unicode") if caption is not None else ""
        yield (
            "photo",
            {
                "file": photos[int(image.get("data-photo"))].file.path,
                "alt": image.get("alt"),
                "caption": re.sub("</?figcaption>", "", words),
            },
        )
        text = ""
    if text:
        yield "text", text
