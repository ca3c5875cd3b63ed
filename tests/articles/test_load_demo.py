import io
import shutil
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.flatpages.models import FlatPage
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings
from django.utils import timezone

from articles import body, checking
from articles.demo import loader, photos
from articles.models import Article, Author, Byline, Photo, Section
from newsportal.models import SiteIdentity, WebsiteLink
from tests.factory import make_article, make_photo, make_section, make_user
from tests.processes import ends
from visitors.models import Day, ImportedTotal, LabelMonth, Total

LOADED_AT = datetime(2027, 3, 9, 12, tzinfo=UTC)
PHOTO_ROWS = tomllib.loads((loader.FOLDER / "photos.toml").read_text(encoding="utf-8"))["photo"]
SEARCHES = [
    line
    for line in (Path(__file__).parent.parent / "data/search_queries.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
ONE_OF_EACH_SCENE = {row["scene"]: row for row in PHOTO_ROWS}.values()


def load_demo(*arguments):
    """The command with photos too small to take time."""
    with time_machine.travel(LOADED_AT, tick=False):
        call_command("load_demo", *arguments, photo_width=96, stdout=io.StringIO())


@pytest.mark.xdist_group("demo")
class TestLoadedNews(TestCase):
    """Loaded once for all of these, months after the day for which the texts are written."""

    @classmethod
    def setUpClass(cls):
        cls.media = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.media)
        cls.enterClassContext(override_settings(MEDIA_ROOT=cls.media))
        super().setUpClass()

    @classmethod
    def setUpTestData(cls):
        load_demo()

    def setUp(self):
        self.enterContext(time_machine.travel(LOADED_AT, tick=False))

    def test_holds_many_stories_of_many_sections(self):
        assert Article.objects.count() >= 60
        assert Section.objects.filter(parent=None, articles__isnull=False).distinct().count() >= 6
        assert Section.objects.exclude(parent=None).filter(articles__isnull=False).exists()

    def test_has_nothing_to_mend_but_what_has_expired(self):
        articles = list(Article.objects.all())

        found = {
            (article.state_name, point.code)
            for article, points in zip(articles, checking.points_of(articles), strict=True)
            for point in points
        }

        # The photos are narrower here than in the demo.
        assert found - {(state, "small_lead_photo") for state, _code in found} == {("expired", "expired")}

    def test_covers_about_three_years(self):
        times = Article.objects.published().values_list("published_at", flat=True)

        assert timedelta(days=1000) < max(times) - min(times) < timedelta(days=1200)

    def test_newest_is_of_yesterday(self):
        newest = Article.objects.published().order_by("-published_at")[0]

        assert timezone.localdate(newest.published_at) == timezone.localdate() - timedelta(days=1)

    def test_has_a_story_in_every_state(self):
        states = [article.state for article in Article.objects.all()]

        assert {state: states.count(state) for state in set(states)} == {
            Article.Status.PUBLISHED.label: len(states) - 4,
            Article.Status.DRAFT.label: 1,
            Article.Status.WITHDRAWN.label: 1,
            Article(status="published", published_at=LOADED_AT + timedelta(days=1)).state: 1,
            Article(status="published", published_at=LOADED_AT, expires_at=LOADED_AT).state: 1,
        }
        withdrawn = Article.objects.get(status=Article.Status.WITHDRAWN)
        assert withdrawn.published_at <= withdrawn.withdrawn_at

    def test_has_three_long_stories_with_captioned_photos_and_roles(self):
        long_stories = [article for article in Article.objects.all() if len(article.body_text.split()) > 900]

        assert len(long_stories) == 3
        for article in long_stories:
            assert 8 <= article.body_html.count("<img") <= 12
            assert article.body_html.count("<figcaption>") == article.body_html.count("<img")
            assert article.bylines.exclude(role=Byline.Role.NAME_ONLY).exists()

    def test_leaves_no_markup_behind(self):
        for article in Article.objects.all():
            for remnant in ("[photo:", "**", "](", "|---", "\n#", "&lt;"):
                assert remnant not in article.body_html, article.headline
            assert not body.foreign_images(article.body)

    def test_fills_all_featured_places(self):
        places = (
            Article.objects.published().exclude(featured_place=None).values_list("featured_place", flat=True)
        )

        assert sorted(places) == Article.FeaturedPlace.values

    def test_links_related_stories_in_their_order(self):
        for story in _stories():
            links = Article.objects.get(headline=story["headline"]).related_links.all()
            related = [link if isinstance(link, str) else link["title"] for link in story.get("related", [])]
            assert [str(link) for link in links] == related

    def test_every_photo_has_its_file_and_words(self):
        assert Photo.objects.count() == len(PHOTO_ROWS)
        for photo in Photo.objects.all():
            assert (Path(self.media) / photo.file.name).exists()
            assert photo.is_decorative != bool(photo.alt)

    def test_photographer_is_named_once(self):
        byline = Byline.objects.filter(role=Byline.Role.TEXT_AND_PHOTO).first()

        assert f"Ảnh: {byline.author.pen_name}" not in byline.article.body_html
        assert Article.objects.filter(body_html__contains="<em>Ảnh: ").exists()

    def test_fills_what_surrounds_the_news(self):
        assert SiteIdentity.load().agency == "Sở Thông tin cộng đồng"
        assert WebsiteLink.objects.count() == 20
        assert ImportedTotal.objects.get().amount == 1_675_123
        counted = sum(day.visits for day in Day.objects.all())
        assert Day.objects.count() == 730
        assert Total.objects.get().visits == 1_675_123 + counted
        assert sum(row.visits for row in LabelMonth.objects.filter(label__kind="channel")) <= counted
        page = FlatPage.objects.get(url="/lien-he/", sites=1)
        assert page.get_absolute_url() == "/trang/lien-he/"
        assert "<table>" in page.content
        assert not Article.objects.exclude(created_by=None).exists()

    def test_search_shows_the_story_that_is_looked_for_first(self):
        places = {}
        for line in SEARCHES:
            query, _tab, beginnings = line.partition("\t")
            found = self.client.get("/tim-kiem/", {"q": query}).context["page"] or ()
            headlines = [article.headline for article in found]
            right = tuple(beginnings.split("|"))
            places[query] = next(
                (place for place, headline in enumerate(headlines, 1) if headline.startswith(right)), None
            )

        mean = sum(1 / place for place in places.values() if place) / len(places)
        print(f"{len(places)} queries, mean reciprocal rank {mean:.3f}")  # noqa: T201
        print({query: place for query, place in places.items() if place != 1})  # noqa: T201
        assert len(places) >= 60
        assert mean >= 0.9

    def test_reset_restores_it_and_keeps_accounts(self):
        loaded = _content()
        user = make_user()
        photo = make_photo(user=user)
        below = make_section("Tin thể thao", parent=make_section("Thể thao"))
        make_article(section=below, lead_photo=photo, created_by=user)
        Article.objects.filter(featured_place=1).delete()

        with self.captureOnCommitCallbacks(execute=True):
            load_demo("--reset", "--noinput")

        assert _content() == loaded
        assert User.objects.filter(pk=user.pk).exists()
        assert not default_storage.exists(photo.file.name)
        assert all(default_storage.exists(photo.file.name) for photo in Photo.objects.all())


def test_refuses_where_there_is_news(db):
    make_article()

    with pytest.raises(CommandError):
        load_demo()

    assert Article.objects.count() == 1


def test_reset_changes_nothing_without_a_yes(db, monkeypatch):
    make_article()
    monkeypatch.setattr("builtins.input", lambda question: "không")

    with pytest.raises(CommandError):
        load_demo("--reset")

    assert Article.objects.count() == 1


def test_disk_that_takes_no_photo_is_told_in_a_sentence(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "no folder"
    settings.MEDIA_ROOT.touch()

    with pytest.raises(CommandError, match="no folder"):
        load_demo()

    assert not Section.objects.exists()


DRAWING = """
import multiprocessing, sys
import django

if __name__ == "__main__":
    django.setup()
    from articles.demo import loader
    drawn = loader._drawn(loader.read("photos.toml")["photo"], 96)
    next(drawn)
    print(*(process.pid for process in multiprocessing.active_children()), flush=True)
    sys.stdin.read()
"""


def test_drawing_processes_end_with_a_killed_command():
    with subprocess.Popen(
        [sys.executable, "-c", DRAWING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        drawing = process.stdout.readline().split()
        process.kill()

    assert len(drawing) == 2
    assert all(map(ends, drawing))


@pytest.mark.parametrize("row", ONE_OF_EACH_SCENE, ids=lambda row: row["scene"])
def test_photo_is_the_same_for_its_seed(row):
    scene, seed, size = row["scene"], row["seed"], row["size"]

    picture = photos.draw(scene, seed, size, 60)

    assert max(picture.size) == 60
    assert picture.tobytes() == photos.draw(scene, seed, size, 60).tobytes()
    assert picture.tobytes() != photos.draw(scene, seed + 7, size, 60).tobytes()


def _stories():
    for path in loader.FOLDER.glob("news/*.toml"):
        yield from tomllib.loads(path.read_text(encoding="utf-8"))["story"]


def _content():
    """All that a reader could notice."""
    return (
        {
            article.headline: (
                article.section.name,
                article.published_at,
                article.body_html,
                article.lead_photo and article.lead_photo.digest,
                [str(byline) for byline in article.bylines.all()],
                sorted(topic.name for topic in article.topics.all()),
                [str(link) for link in article.related_links.all()],
            )
            for article in Article.objects.all()
        }
        | {section.name: section.order for section in Section.objects.all()}
        | dict.fromkeys(map(str, Author.objects.all()))
    )
