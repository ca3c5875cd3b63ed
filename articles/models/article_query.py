"""Stories by the dozen: what readers may see of them, what lists and pages load, and deriving them anew."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import Case, Exists, F, JSONField, OuterRef, Prefetch, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length, StrIndex
from django.utils import timezone

from articles import body, links, search
from articles.fold import fold
from articles.languages import page_language

from .belongings import belongings
from .folded import FoldedQuerySet
from .page_query import UNSHOWN, shown_story
from .photos import Photo
from .rows import Byline, names_beside
from .sections import Section

if TYPE_CHECKING:
    from .articles import Article

RENDERED_AT_ONCE = 100  # their texts are held in memory
INDEXED_AT_ONCE = 500  # while somebody waits
UNLISTED = ("body", "body_html", "body_text", "folded", "search_document")  # long, and in no list
SEARCHED = ("kicker", "headline", "lead", "body_html", "body_text", "section", "published_at")
FOR_SEARCH = ("search_document", "search_recipe")

# A story's corrections in the story's own query: hardly a story has one. Django took longer to write these words for
# each page than PostgreSQL to answer them.
CORRECTIONS = RawSQL(
    """ARRAY(
        SELECT jsonb_build_object('text', text, 'made_at', made_at) FROM articles_correction
        WHERE article_id = coalesce(articles_article.next_of_id, articles_article.id)
        ORDER BY made_at DESC, id DESC
    )""",
    (),
    output_field=ArrayField(JSONField()),
)


class ArticleQuerySet(FoldedQuerySet):
    def made_by_form(self, key: str | None) -> "Article | None":
        """The story that the form with this key has made."""
        try:
            return self.filter(form_key=UUID(key or "")).first()
        except ValueError:
            return None

    def published(self, now: datetime | None = None):
        """What readers may see now. The only place that compares dates with the clock."""
        now = now or timezone.now()
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now),
            Q(embargo_until=None) | Q(embargo_until__lte=now),
            status=self.model.Status.PUBLISHED,
            published_at__lte=now,
        )

    def in_language(self, code: str | None = None):
        """Stories of that language; without one, of the page that is being made."""
        return self.filter(language=code or page_language())

    def best_first(self, text: str):
        """Stories with these very words in kicker or headline, then those with them elsewhere, each newest first.

        Folding keeps lengths, and `folded` begins with kicker and headline: the place tells which it is.
        """
        place = StrIndex("folded", Value(" ".join(fold(text).split())))
        rank = Case(
            When(place=0, then=2),
            When(place__lte=Length("kicker") + 1 + Length("headline"), then=0),
            default=1,
        )
        return self.alias(place=place).order_by(rank, F("published_at").desc(nulls_last=True), "-id")

    def addresses(self, ids) -> dict[int, str]:
        """Of those that readers may see; one query, and none without ids."""
        stories = self.published().for_card().filter(pk__in=ids) if ids else ()
        return {story.pk: story.get_absolute_url() for story in stories}

    def render_anew(self) -> None:
        """Derives the pages again after their photos changed. Nobody's open form takes it for another's save."""
        ids = list(self.values_list("pk", flat=True))
        for start in range(0, len(ids), RENDERED_AT_ONCE):
            batch = self.model.objects.filter(pk__in=ids[start : start + RENDERED_AT_ONCE])
            with transaction.atomic():
                articles = list(batch.select_for_update().order_by("pk"))
                shown = {
                    id
                    for article in articles
                    for id in [*body.photo_ids(article.body), article.lead_photo_id]
                }
                photos = Photo.objects.in_bulk(shown - {None})
                linked = {id for article in articles for id in links.story_ids(article.body)}
                addresses = self.model.objects.addresses(linked)
                names = names_beside(article.pk for article in articles)
                for article in articles:
                    article.derive(photos, addresses)
                    article.touched_at = timezone.now()
                    article.make_search_document(names[article.pk])
                derived = ["body", "body_html", "body_text", "folded", "lead_photo", *FOR_SEARCH]
                self.model.objects.bulk_update(articles, [*derived, "touched_at"])

    def index(self) -> int:
        """Makes the search documents anew, in batches; tells of how many stories."""
        ids = list(self.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), RENDERED_AT_ONCE):
            batch = self.model.objects.filter(pk__in=ids[start : start + RENDERED_AT_ONCE]).order_by("pk")
            with transaction.atomic():
                articles = list(batch.select_for_update().only(*SEARCHED))
                names = names_beside(article.pk for article in articles)
                for article in articles:
                    article.make_search_document(names[article.pk])
                self.model.objects.bulk_update(articles, FOR_SEARCH)
        return len(ids)

    def unready_for_search(self):
        """Those of an earlier version."""
        return self.filter(search_recipe__lt=search.RECIPE)

    def index_newest(self) -> int:
        """After the name beside them has changed; older ones wait for `manage.py rebuild_search`."""
        newest = self.order_by(F("published_at").desc(nulls_last=True), "-id").values_list("pk", flat=True)
        return self.model.objects.filter(pk__in=list(newest[:INDEXED_AT_ONCE])).index()

    def scheduled(self):
        now = timezone.now()
        return self.filter(
            Q(published_at__gt=now) | Q(embargo_until__gt=now), status=self.model.Status.PUBLISHED
        )

    def expired(self):
        return self.filter(status=self.model.Status.PUBLISHED, expires_at__lte=timezone.now())

    def withdrawn(self):
        """Stories that readers once saw and that were taken back."""
        return self.filter(status=self.model.Status.WITHDRAWN, published_at__lte=F("withdrawn_at"))

    def featured(self, count: int) -> list["Article"]:
        """The newest story of each featured place, then the newest of all: `count` in the home page's order.

        One query, which looks at no more than the places and the newest `count`.
        """
        public = self.published().order_by("-published_at", "-id")
        holders = [public.filter(featured_place=place).values("pk")[:1] for place in self.model.FeaturedPlace]
        candidates = public.values("pk")[:count].union(*holders)
        placed, rest = {}, []
        for article in self.for_card().filter(pk__in=candidates):  # the newest first
            if article.featured_place and article.featured_place not in placed:
                placed[article.featured_place] = article
            else:
                rest.append(article)
        return [placed[place] for place in sorted(placed)] + rest[: count - len(placed)]

    def newest_by_section(
        self, sections: list[Section], count: int, *, without=()
    ) -> dict[Section, list["Article"]]:
        """Up to `count` stories of each section and those below it; one query, however many sections."""
        used = [article.pk for article in without]
        public = self.published().exclude(pk__in=used).order_by("-published_at", "-id")
        families = {section: [section, *section.subsections] for section in sections}
        # Each section along its own index.
        newest = [
            public.filter(section=below).values("pk")[:count]
            for family in families.values()
            for below in family
        ]
        if not newest:
            return {}
        articles = list(self.for_card().filter(pk__in=newest[0].union(*newest[1:])))  # the newest first
        return {
            section: [article for article in articles if article.section in family][:count]
            for section, family in families.items()
        }

    def newest_ids(self, count: int, sections=()) -> list[int]:
        """Of up to `count` stories that readers may see; each section is read along its own index."""
        rows = self.published().order_by("-published_at", "-id").values_list("published_at", "id")
        if sections:
            rows, *others = (rows.filter(section=section)[:count] for section in sections)
            if others:
                rows = rows.union(*others, all=True).order_by("-published_at", "-id")
        return [id for _published_at, id in rows[:count]]

    def newest_ids_beside(self, rows, count: int) -> list[int]:
        """Of the stories to which `rows` belong, which hold the times of their stories: along that index."""
        public = self.published().filter(pk=OuterRef("article"))
        dated = rows.filter(Exists(public), published_at__lte=timezone.now()).order_by(
            "-published_at", "-article"
        )
        # An author may sign a story in several roles.
        found = dated.values_list("article", "published_at").distinct()[:count]
        return [article for article, _published_at in found]

    def cards(self, ids) -> list["Article"]:
        """Those of them that readers may see, in this order; one query."""
        found = self.published().for_card().in_bulk(ids)
        return [found[id] for id in ids if id in found]

    def in_section(self, section: Section):
        """Stories of the section and of the sections below it."""
        return self.filter(Q(section=section) | Q(section__parent=section))

    def for_card(self):
        """All that a card shows, without the text itself."""
        return self.for_headline().select_related("lead_photo")

    def for_headline(self):
        """All that a headline in a list shows."""
        return self.select_related("section").defer(*UNLISTED)

    def newest_first(self):
        return self.order_by("-published_at", "-id")

    def for_feed(self):
        """All that feeds tell of a story; two queries."""
        texts = [
            "body",
            "body_text",
            "folded",
            "search_document",
            *(() if settings.FEED_FULL_TEXT else ["body_html"]),
        ]
        return (
            self._with_corrections()
            .select_related("section", "lead_photo")
            .defer(*texts)
            .prefetch_related(Prefetch("bylines", Byline.objects.select_related("author")))
        )

    def for_sitemap(self):
        """All that sitemaps tell of a story, its photos included; one query."""
        photos = Photo.objects.present().filter(articles=OuterRef("pk")).order_by("pk")
        return (
            self._with_corrections()
            .annotate(photo_files=ArraySubquery(photos.values("file")))
            .select_related("section")
            .only(
                "language", "headline", "slug", "published_at", "embargo_until", "updated_at", "section__slug"
            )
        )

    def _with_corrections(self):
        return self.annotate(correction_rows=CORRECTIONS)

    def for_page(self, now: datetime | None = None):
        """All that the story's own page shows; one query with what belongs to it."""
        return (
            self._with_corrections()
            .annotate(belonging_rows=belongings(now or timezone.now()))
            .select_related("section__parent", "lead_photo")
            .defer(*UNSHOWN)
        )

    def page_of(self, id: int) -> "Article | None":
        """The story that readers see under this number, as for_page() loads it; one query."""
        return shown_story(id)
