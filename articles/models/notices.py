"""What the newsroom tells its people: that a story waits for them, or what became of theirs."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField, TextField

KEPT = timedelta(days=90)


class NoticeQuerySet(models.QuerySet):
    def unread(self):
        return self.filter(read_at=None)

    def outdated(self):
        return self.filter(at__lt=timezone.now() - KEPT)


class Notice(models.Model):
    """One story's news for one person. Names are kept as they were; the story may go."""

    class Kind(models.TextChoices):
        SUBMITTED = "submit", _("waits for review")
        RETURNED = "return", _("was returned to you")
        PUBLISHED = "publish", _("was published")
        SCHEDULED = "schedule", _("was scheduled")
        WITHDRAWN = "withdraw", _("was withdrawn")
        APPROVED = "approve", _("was agreed to by its outside reader")
        COMMENTED = "comment", _("has a comment of its outside reader")

    class Mail(models.TextChoices):
        NONE = "none", _("not asked for")
        WAITS = "waits", _("waits")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    story_id = models.BigIntegerField(_("number of the story"))
    is_next_version = models.BooleanField(_("of the next version"), default=False)
    headline = CharField(_("headline"), max_length=300)
    person = CharField(_("person"), max_length=200)
    reason = TextField(_("reason"), blank=True)
    due_at = models.DateTimeField(_("published at"), null=True)  # of a scheduled story
    at = models.DateTimeField(_("at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True)
    mail = models.CharField(_("mail"), max_length=6, choices=Mail, default=Mail.NONE)
    mail_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-id"]
        default_permissions = []
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_of_person"),
            models.Index(fields=["at"], name="notice_at"),
            models.Index(fields=["id"], name="notice_mail_waits", condition=Q(mail="waits")),
        ]

    def __str__(self):
        return gettext("“%(headline)s” %(happened)s") % {
            "headline": self.headline,
            "happened": self.get_kind_display(),
        }
