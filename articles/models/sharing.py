"""Secret links by which people without an account read a draft, and what they answer."""

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField, TextField
from articles.people import person_name

from .articles import Article


class SharedLinkQuerySet(models.QuerySet):
    def by_token(self, token: str) -> "SharedLink | None":
        """The link that this token opens now. The token itself is nowhere in the database."""
        alive = self.filter(revoked_at=None, expires_at__gt=timezone.now())
        return alive.select_related("made_by").filter(token_hash=hash_of(token)).first()


class SharedLink(models.Model):
    """Opens one draft, or one next version, until it expires or is taken back."""

    LONGEST = 30  # days
    MOST_ANSWERS = 20

    # The story for life; its row that is being written, which goes when that is published or given up.
    story = models.ForeignKey(Article, models.CASCADE, verbose_name=_("story"), related_name="shared_links")
    draft = models.ForeignKey(Article, models.SET_NULL, verbose_name=_("draft"), related_name="+", null=True)
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    reader = CharField(_("for whom"), max_length=80)
    may_approve = models.BooleanField(_("may approve the story"), default=True)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("taken back at"), null=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("made by"), related_name="+", null=True
    )
    openings = models.PositiveIntegerField(_("openings"), default=0)
    opened_at = models.DateTimeField(_("last opened at"), null=True)

    objects = SharedLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")
        ordering = ["-made_at", "-id"]
        default_permissions = []

    def __str__(self):
        return self.reader

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def sharer(self) -> str:
        return person_name(self.made_by) if self.made_by else "–"

    def note_opening(self) -> None:
        """That it was opened and when; nothing about who did."""
        type(self).objects.filter(pk=self.pk).update(openings=F("openings") + 1, opened_at=timezone.now())


class Answer(models.Model):
    """What somebody said of the text that a link showed; never changed afterwards."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Agreed")
        COMMENTED = "commented", _("Commented")

    link = models.ForeignKey(
        SharedLink, models.CASCADE, verbose_name=_("shared link"), related_name="answers"
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    verdict = models.CharField(_("answer"), max_length=12, choices=Verdict)
    name = CharField(_("name"), max_length=80)
    comment = TextField(_("comment"), blank=True)
    seen = models.CharField(_("fingerprint of the text seen"), max_length=64)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["-at", "-id"]
        default_permissions = []

    def __str__(self):
        return f"{self.get_verdict_display()}: {self.name}"


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
