"""A story."""

from functools import cached_property, lru_cache, partial

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from articles import body, links, search
from articles.fields import CharField, TextField, URLField
from articles.fold import slugify
from articles.languages import Language

from .article_query import FOR_SEARCH, SEARCHED, ArticleQuerySet
from .belongings import Belongings
from .folded import Folded
from .photos import Photo
from .rows import Beside, names_beside
from .sections import Section, Topic


class Article(Folded):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        RETURNED = "returned", _("Returned")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        TRASHED = "trashed", _("In the trash")

    UNDER_WAY = (Status.DRAFT, Status.IN_REVIEW, Status.RETURNED)

    class Genre(models.TextChoices):
        NEWS = "news", _("News item")
        ARTICLE = "article", _("Article")
        PHOTO_STORY = "photo_story", _("Photo story")
        INTERVIEW = "interview", _("Interview")
        TRANSLATION = "translation", _("Translation")
        REPRINT = "reprint", _("Reprint")

    class FeaturedPlace(models.IntegerChoices):
        LEAD = 1, _("Lead story")
        SECOND = 2, _("Featured 2")
        THIRD = 3, _("Featured 3")
        FOURTH = 4, _("Featured 4")
        FIFTH = 5, _("Featured 5")
        SIXTH = 6, _("Featured 6")
        SEVENTH = 7, _("Featured 7")

    language = models.CharField(
        _("language"),
        max_length=2,
        choices=Language,
        default=Language.VIETNAMESE,
        help_text=_("Of the text. English stories stand on the English pages alone."),
    )
    # Indexed below: hardly a story has one.
    translation_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("translation of"),
        related_name="translations",
        null=True,
        blank=True,
        db_index=False,
        help_text=_("The same story in the other language. Each then leads its readers to the other."),
    )
    section = models.ForeignKey(
        Section, models.PROTECT, verbose_name=pgettext_lazy("of news", "section"), related_name="articles"
    )
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), related_name="articles", blank=True)
    kicker = CharField(
        _("kicker"), max_length=120, blank=True, help_text=_("A short line above the headline.")
    )
    headline = CharField(_("headline"), max_length=300)
    slug = models.SlugField(
        _("address"),
        max_length=120,
        blank=True,
        help_text=_("Leave empty to have it made from the headline. Old addresses keep working."),
    )
    lead = TextField(
        pgettext_lazy("of a story", "lead"),
        blank=True,
        help_text=_(
            "The opening paragraph, also the description in search results; 300 characters at the most read well."
        ),
    )
    dateline = CharField(
        _("dateline"), max_length=60, blank=True, help_text=_("The place before the first words.")
    )
    body = TextField(_("body"), blank=True)
    body_html = TextField(editable=False, default="")
    body_text = TextField(editable=False, default="")
    # Of lead and body, as Word counts them; kept by save().
    words = models.PositiveIntegerField(_("words"), editable=False, default=0)
    # Kept by save(): see search.document().
    search_document = SearchVectorField(null=True, editable=False)
    search_recipe = models.PositiveSmallIntegerField(default=1, editable=False)
    # Ids of stories like this one, the likest first; kept by similar.note().
    similar = ArrayField(models.BigIntegerField(), null=True, editable=False)
    lead_photo = models.ForeignKey(
        Photo,
        models.SET_NULL,
        verbose_name=_("lead photo"),
        related_name="+",
        null=True,
        blank=True,
        help_text=_(
            "Shown in lists and when the story is shared. Left empty, the first photo of the body is taken."
        ),
    )
    # Kept by save(): the photos of the body and the lead photo.
    photos = models.ManyToManyField(Photo, verbose_name=_("photos"), related_name="articles", editable=False)
    source_name = CharField(_("source"), max_length=120, blank=True)
    source_url = URLField(_("source's address"), blank=True)
    genre = models.CharField(
        _("genre"),
        max_length=12,
        choices=Genre,
        default=Genre.NEWS,
        help_text=_("For the report of who wrote what; readers do not see it."),
    )
    featured_place = models.PositiveSmallIntegerField(
        _("featured place"),
        choices=FeaturedPlace,
        null=True,
        blank=True,
        help_text=_("Place on the home page. The newest story with a place holds it."),
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("A time to come schedules the story. Left empty, publishing sets it to now."),
    )
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Readers no longer see the story from then on.")
    )
    embargo_until = models.DateTimeField(
        _("embargo until"),
        null=True,
        blank=True,
        help_text=_("Promised to the source: readers do not see the story before, whatever its other times."),
    )
    show_time = models.BooleanField(_("show the time of day"), default=False)
    updated_at = models.DateTimeField(_("updated at"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)
    withdrawal_reason = TextField(_("reason of the withdrawal"), blank=True, editable=False)
    # The published story of which this is the next version; readers see that one until this one is published.
    next_of = models.OneToOneField(
        "self",
        models.CASCADE,
        verbose_name=_("next version of"),
        related_name="next_version",
        null=True,
        blank=True,
        editable=False,
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    form_key = models.UUIDField(_("key of the form"), null=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    modified_at = models.DateTimeField(_("modified at"), auto_now=True)
    # When anything changed that programs are told of the story, its photos and corrections included; by it they
    # ask for what is new to them. Open forms compare modified_at instead, which those leave alone.
    touched_at = models.DateTimeField(null=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    folded_from = ("kicker", "headline", "lead", "body_text")
    # Filled by for_page().
    correction_rows: list[dict] = []
    belonging_rows: dict[str, list[dict]]

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        ordering = ["-published_at", "-id"]
        permissions = [
            ("review_article", _("Can edit and return the stories of others")),
            ("publish_article", _("Can publish and withdraw stories")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="article_published_has_time",
                violation_error_message=_("A published story needs the time of its publication."),
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(published_at=None) | Q(expires_at__gt=F("published_at")),
                name="article_expires_after_publication",
                violation_error_message=_("The story must expire after its publication."),
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_at__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_at=None)),
                name="article_withdrawn_has_time",
                violation_error_message=_("A withdrawn story, and no other, has the time of its withdrawal."),
            ),
            models.CheckConstraint(
                condition=Q(next_of=None) | Q(status__in=["draft", "in_review", "returned"]),
                name="article_next_version_is_unpublished",
                violation_error_message=_("The next version of a story is not published beside it."),
            ),
            # A next version has the same as its story.
            models.UniqueConstraint(
                fields=["translation_of"],
                condition=Q(next_of=None, translation_of__isnull=False),
                name="article_translated_once",
                violation_error_message=_("That story has a translation already."),
            ),
            models.CheckConstraint(
                condition=Q(translation_of=None) | ~Q(translation_of=F("id")),
                name="article_is_not_its_own_translation",
                violation_error_message=_("A story is not a translation of itself."),
            ),
        ]
        indexes = [
            # Few stories are English: by the indexes of all stories their lists would read past all the others.
            models.Index(
                F("published_at").desc(), F("id").desc(), name="article_english",
                condition=Q(status="published", language="en"),
            ),
            models.Index(
                "section", F("published_at").desc(), F("id").desc(), name="article_section_english",
                condition=Q(status="published", language="en"),
            ),
            models.Index(
                fields=["translation_of"], name="article_translation",
                condition=Q(translation_of__isnull=False),
            ),
            models.Index(
                "section", F("published_at").desc(), F("id").desc(), name="article_section_newest",
                condition=Q(status="published"),
            ),
            models.Index(
                F("published_at").desc(), F("id").desc(), name="article_newest", condition=Q(status="published")
            ),
            GinIndex(F("search_document"), name="article_search", condition=Q(status="published")),
            GinIndex(F("search_document"), name="article_search_unseen", condition=~Q(status="published")),
            models.Index(F("published_at").desc(), F("id").desc(), name="article_time"),
            models.Index(
                Greatest("published_at", "embargo_until", "touched_at"), F("id"), name="article_changed",
                condition=Q(status="published"),
            ),
            models.Index(
                "featured_place", F("published_at").desc(), F("id").desc(), name="article_featured",
                condition=Q(status="published", featured_place__isnull=False),
            ),
            models.Index(F("modified_at").desc(), F("id").desc(), name="article_modified"),
            models.Index("status", F("modified_at").desc(), F("id").desc(), name="article_status"),
            models.Index(fields=["embargo_until"], name="article_embargo", condition=Q(embargo_until__isnull=False)),
            models.Index(fields=["expires_at"], name="article_expiry", condition=Q(expires_at__isnull=False)),
            models.Index(
                F("modified_at").desc(), name="article_under_way",
                condition=Q(status__in=["draft", "in_review", "returned"]),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.headline

    def save(self, *args, update_fields=None, **kwargs):
        """Derives all that pages look up: address, rendered body, its words."""
        self.slug = self.slug or slugify(self.headline) or "tin"
        self.touched_at = timezone.now()
        update_fields = update_fields and {*update_fields, "touched_at"}
        is_withdrawn = self.status == self.Status.WITHDRAWN
        self.withdrawn_at = (self.withdrawn_at or timezone.now()) if is_withdrawn else None
        self.withdrawal_reason = self.withdrawal_reason if is_withdrawn else ""
        is_rendered = update_fields is None or "body" in update_fields
        if is_rendered:
            photos = self.render_body()
            update_fields = update_fields and {*update_fields, "body_html", "body_text", "lead_photo"}
        if update_fields is None or not {"lead", "body"}.isdisjoint(update_fields):
            self.words = len(f"{self.lead} {self.body_text}".split())
            update_fields = update_fields and {*update_fields, "words"}
        is_searched = update_fields is None or not set(SEARCHED).isdisjoint(update_fields)
        if is_searched:
            names = names_beside([self.pk])[self.pk] if self.pk else Beside()
            self.make_search_document(names)
            update_fields = update_fields and {*update_fields, *FOR_SEARCH}
        if update_fields is not None and "status" in update_fields:
            update_fields = {*update_fields, "withdrawn_at", "withdrawal_reason"}
        with transaction.atomic():
            super().save(*args, update_fields=update_fields, **kwargs)
            if update_fields is None or "lead_photo" in update_fields:
                # Waits for who is just replacing a photo or taking it down, and did not see this story yet.
                self._note_photos()
            if is_rendered and photos != self._photo_states(photos):
                Article.objects.filter(pk=self.pk).render_anew()
                self.refresh_from_db(fields=["body", "body_html", "body_text", "folded", "lead_photo"])
                self._note_photos()
            if is_searched:
                # Forms and versions save the rows of a story after the story itself.
                transaction.on_commit(partial(self._index_anew, names))

    def get_absolute_url(self):
        """In the story's own language, whoever asks."""
        return address_of(self.language, self.section.slug, self.slug, self.pk)

    def render_body(self) -> dict[int, tuple]:
        """Cleans the body and derives from it; tells the states of its photos."""
        self.body = links.mark(body.clean(self.body))
        photos = Photo.objects.in_bulk({*body.photo_ids(self.body), self.lead_photo_id} - {None})
        self.derive(photos, Article.objects.addresses(links.story_ids(self.body)))
        return {id: (photo.file.name, photo.recipe) for id, photo in photos.items()}

    def _photo_states(self, ids) -> dict[int, tuple]:
        rows = Photo.objects.filter(pk__in=ids).values_list("pk", "file", "recipe")
        return {id: (file, recipe) for id, file, recipe in rows}

    def derive(self, photos: dict[int, Photo], addresses: dict[int, str]):
        """Renders the clean body for readers, its links to stories by `addresses`.

        Without a lead photo the first one is taken.

        A photo that was taken out on request leaves with its caption, which names the person.
        """
        removed = {id for id, photo in photos.items() if photo.removed_at}
        shown = {id: photo.picture for id, photo in photos.items() if id not in removed}
        self.body = body.with_photos(self.body, shown, removed)
        self.body_html = body.render(links.resolved(self.body, addresses), shown)
        self.body_text = body.to_text(self.body)
        self.folded = self.fold_words()
        if self.lead_photo_id in removed:
            self.lead_photo = None
        if self.lead_photo_id is None:
            self.lead_photo = next((photos[id] for id in body.photo_ids(self.body) if id in shown), None)

    def make_search_document(self, beside: Beside) -> None:
        around = [*search.captions(self.body_html), *beside.names]
        texts = [("A", self.headline), ("B", self.kicker), ("B", self.lead)]
        marks = [search.section_mark(self.section_id), *map(search.author_mark, beside.authors)]
        if self.published_at:
            marks += search.day_marks(timezone.localdate(self.published_at))
        texts += [*(("C", text) for text in around), ("D", self.body_text)]
        self.search_document, self.search_recipe = search.document(texts, marks), search.RECIPE

    def _index_anew(self, names: Beside):
        if self.pk and names_beside([self.pk])[self.pk] != names:
            Article.objects.filter(pk=self.pk).index()

    def _note_photos(self):
        """Whose photos are where is looked up, not searched for in bodies."""
        shown = Photo.objects.filter(Q(pk__in=body.photo_ids(self.body)) | Q(pk=self.lead_photo_id))
        self.photos.set(shown.select_for_update(no_key=True).order_by("pk"))

    @property
    def state_name(self) -> str:
        """The status as people see it, which depends on the clock: also "scheduled" and "expired"."""
        now = timezone.now()
        if self.status != self.Status.PUBLISHED:
            return self.status
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "scheduled" if self.visible_from > now else self.status

    @property
    def visible_from(self):
        """When readers see the published story: at its time, and not before an embargo ends."""
        return max(self.published_at, self.embargo_until or self.published_at)

    @property
    def changed_at(self):
        """When readers last got something new to read in the published story."""
        corrected = [row["made_at"] for row in self.shown_corrections]
        return max([self.visible_from, self.updated_at or self.visible_from, *corrected])

    @property
    def photo_urls(self) -> list[str]:
        """Of all its photos in full size; needs for_sitemap()."""
        return [Photo.file.field.storage.url(name) for name in self.photo_files]

    @property
    def root_id(self) -> int:
        """The number that the story keeps for life; a next version has a passing one of its own."""
        return self.next_of_id or self.pk

    @cached_property
    def belongings(self) -> Belongings:
        """What its page shows with it; needs for_page()."""
        return Belongings.of(self.belonging_rows)

    @property
    def state(self) -> str:
        return {"scheduled": gettext("Scheduled"), "expired": gettext("Expired")}.get(
            self.state_name, self.get_status_display()
        )

    @property
    def shown_corrections(self) -> list[dict]:
        """Those that the story's page shows, the newest first: text and time; needs for_page()."""
        return [row | {"made_at": parse_datetime(row["made_at"])} for row in self.correction_rows]


@lru_cache(4096)
def address_of(language: str, section_slug: str, slug: str, id: int) -> str:
    with override(language):
        return reverse("articles:article", args=[section_slug, slug, id])
