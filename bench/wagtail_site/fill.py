"""Makes the pages of a story as bench/wagtail.py has written it: `python -m bench.wagtail_site.fill FILE`."""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.wagtail_site.settings")

import django

django.setup()

from django.core.files.images import ImageFile  # noqa: E402
from django.utils.dateparse import parse_datetime  # noqa: E402
from wagtail.images.models import Image  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from bench.wagtail_site.models import Byline, SectionPage, StoryPage  # noqa: E402


def main(file: Path):
    told = json.loads(file.read_text())
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=Page(title=told["site"], slug="trang-chu"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    for section in told["sections"]:
        page = home.add_child(
            instance=SectionPage(title=section["name"], slug=section["slug"], show_in_menus=True)
        )
        for story in section["stories"]:
            page.add_child(instance=story_page(story))
    print(StoryPage.objects.get(slug=told["slug"]).url)


def story_page(told: dict) -> StoryPage:
    page = StoryPage(
        title=told["headline"],
        slug=told["slug"],
        kicker=told["kicker"],
        lead=told["lead"],
        published_at=parse_datetime(told["published_at"]),
        body=[(kind, value if kind == "text" else photo(value)) for kind, value in told["body"]],
    )
    page.bylines = [Byline(**byline) for byline in told["bylines"]]
    return page


def photo(told: dict) -> dict:
    image = Image(title=told["alt"][:200], description=told["alt"])
    with Path(told["file"]).open("rb") as file:
        image.file.save(Path(told["file"]).name, ImageFile(file), save=False)
        image.save()
    return {"image": image, "caption": told["caption"]}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
