"""What people are just doing with stories: the text they have not saved yet, and who has which story open."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField

from .articles import Article

KEPT_FOR = timedelta(days=30)
# Not part of what was typed, and nobody else's business.
UNTYPED = {"csrfmiddlewaretoken"}


class StaleDraft(Exception):
    """The form has been saved already: this came late."""


def typed_in(data: QueryDict) -> list[list[str]]:
    """What was typed, in its order; not the buttons, whose names begin with an underscore."""
    return [
        [name.replace("\0", ""), value.replace("\0", "")]  # the database takes no NUL
        for name, values in data.lists()
        for value in values
        if name not in UNTYPED and not name.startswith("_")
    ]


class WorkingDraftQuerySet(models.QuerySet):
    def unsaved(self):
        """Without those of forms that have made their story meanwhile."""
        made = Article.objects.filter(form_key=OuterRef("key"))
        return self.filter(~Exists(made), is_saved=False)

    @transaction.atomic
    def keep(self, user, article: Article | None, data: QueryDict) -> "WorkingDraft":
        """Puts what was typed in the place of what this person had typed there before.

        Raises StaleDraft when this form has been saved meanwhile. Holds the story's row, so that of a save and
        an autosave one waits for the other.
        """
        key = form_key(data.get("key"))
        if article:
            Article.objects.select_for_update().filter(pk=article.pk).first()
        if Article.objects.made_by_form(str(key)) or self.filter(user=user, key=key, is_saved=True).exists():
            raise StaleDraft
        place = {"article": article} if article else {"article": None, "key": key}
        fields = typed_in(data)
        draft, is_new = self.update_or_create(
            user=user,
            **place,
            defaults={
                "key": key,
                "fields": fields,
                "is_saved": False,
                "typed_at": timezone.now(),
                "headline": " ".join(dict(fields).get("headline", "").split())[:300],
                **({"story_id": article.root_id} if article else {}),
            },
        )
        if is_new:
            self.model.objects.filter(typed_at__lt=timezone.now() - KEPT_FOR).delete()
        return draft

    def close(self, user, article: Article, data: QueryDict, *, is_new: bool) -> None:
        """What was typed is saved; the row stays to tell an autosave of the same form that comes late."""
        key = form_key(data.get("key"))
        if is_new:
            self.filter(user=user, key=key).delete()  # the story itself has the key
            return
        self.update_or_create(
            user=user,
            article=article,
            defaults={
                "key": key,
                "fields": typed_in(data),
                "is_saved": True,
                "typed_at": timezone.now(),
                "headline": article.headline,
                "story_id": article.root_id,
            },
        )


def form_key(sent: str | None) -> UUID:
    """Which opened form this is; what names none is a form of its own."""
    try:
        return UUID(sent or "")
    except ValueError:
        return uuid4()


class WorkingDraft(models.Model):
    """What a person has typed into a story's form: overwritten by the next autosave, never public, no version.

    As the browser sends it, so it may be incomplete or wrong. Of a story that was never saved, or is gone,
    there is no article, and the form's key tells which it is.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="working_drafts")
    article = models.ForeignKey(Article, models.SET_NULL, related_name="working_drafts", null=True)
    story_id = models.BigIntegerField(null=True)  # the number for life of the story, if it was saved once
    key = models.UUIDField()
    headline = CharField(max_length=300, blank=True)
    fields = models.JSONField()
    is_saved = models.BooleanField(default=False)
    typed_at = models.DateTimeField(db_index=True)

    objects = WorkingDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("unsaved text")
        verbose_name_plural = _("unsaved texts")
        ordering = ["-typed_at"]
        default_permissions = []
        constraints = [
            models.UniqueConstraint(fields=["user", "article"], name="working_draft_once"),
            models.UniqueConstraint(
                fields=["user", "key"], condition=Q(article=None), name="working_draft_of_new_story_once"
            ),
        ]

    def __str__(self):
        return self.headline

    @property
    def data(self) -> QueryDict:
        data = QueryDict(mutable=True)
        for name, value in self.fields:
            data.appendlist(name, value)
        return data


class OpenFormQuerySet(models.QuerySet):
    def alive(self):
        """Forms whose browser has told of itself lately."""
        return self.filter(seen_at__gt=timezone.now() - OpenForm.SILENCE).select_related("user")

    def open(self, user, article: Article) -> None:
        now = timezone.now()
        self.filter(article=article, seen_at__lt=now - OpenForm.SILENCE).delete()
        OpenForm.objects.bulk_create(
            [OpenForm(user=user, article=article, opened_at=now, seen_at=now)],
            update_conflicts=True,
            unique_fields=["user", "article"],
            update_fields=["seen_at"],
        )


class OpenForm(models.Model):
    """Who has a story's form open, on whichever machine; told every 20 seconds by the browser."""

    SILENCE = timedelta(seconds=50)  # two messages lost

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, models.CASCADE, related_name="open_forms")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = OpenFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("open form")
        verbose_name_plural = _("open forms")
        ordering = ["opened_at"]
        default_permissions = []
        constraints = [models.UniqueConstraint(fields=["user", "article"], name="open_form_once")]

    def __str__(self):
        return f"{self.user}: {self.article}"
