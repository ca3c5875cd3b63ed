"""What happened to a story: its versions, and every step that somebody took with it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField, TextField
from articles.people import person_name

from .articles import Article


class VersionQuerySet(models.QuerySet):
    def of(self, article: Article):
        """Those of the story and of the next version that is being written of it, newest first."""
        return self.filter(article=article.root_id)


class ArticleVersion(models.Model):
    """A story as it was when somebody saved, submitted or published it; never changed afterwards."""

    class Kind(models.TextChoices):
        IMPORTED = "imported", _("Imported from Word")
        SAVED = "saved", _("Saved")
        SUBMITTED = "submitted", _("Submitted")
        PUBLISHED = "published", _("Published")
        RESTORED = "restored", _("Restored")
        DISCARDED = "discarded", _("Discarded")

    article = models.ForeignKey(Article, models.CASCADE, verbose_name=_("story"), related_name="versions")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = CharField(_("name"), max_length=120, blank=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("made by"),
        related_name="+",
        null=True,
        blank=True,
    )
    content = models.JSONField(_("content"))  # articles/versions.py knows its shape

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-made_at", "-id"]
        default_permissions = []

    def __str__(self):
        return self.name or self.get_kind_display()

    @property
    def person(self) -> str:
        return person_name(self.made_by) if self.made_by else ""


class HistoryQuerySet(models.QuerySet):
    def of(self, article: Article):
        return self.filter(story_id=article.root_id)


class HistoryEntry(models.Model):
    """A step of a story, kept for good: no row it could be deleted with, and the names as they were then."""

    story_id = models.BigIntegerField(_("number of the story"), db_index=True)
    headline = CharField(_("headline"), max_length=300)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("person"), related_name="+", null=True
    )
    person = CharField(_("person"), max_length=200)
    step = CharField(_("step"), max_length=40)
    from_status = models.CharField(_("from"), max_length=12, blank=True)
    to_status = models.CharField(_("to"), max_length=12, blank=True)
    is_next_version = models.BooleanField(_("of the next version"), default=False)
    reason = TextField(_("reason"), blank=True)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["-at", "-id"]
        default_permissions = ["view"]

    # What was done, as people say it; the names of steps are those of articles/workflow.py.
    LABELS = {
        "import": _("Imported from Word"),
        "submit": _("Submitted for review"),
        "publish": _("Published"),
        "schedule": _("Scheduled"),
        "return": _("Returned"),
        "take_back": _("Taken back to edit"),
        "withdraw": _("Withdrawn"),
        "trash": _("Moved to the trash"),
        "restore": _("Restored from the trash"),
        "discard": _("Next version given up"),
        "delete": _("Deleted for good"),
        "restore_version": _("Older version brought back"),
        "correct": _("Correction published"),
        "remove_correction": _("Correction removed"),
        "share": _("Shared by a link"),
        "unshare": _("Shared link taken back"),
        "approved": _("Agreed"),
        "commented": _("Commented"),
    }

    def __str__(self):
        return f"{self.headline}: {self.label}"

    @property
    def label(self):
        return self.LABELS.get(self.step, self.step)
