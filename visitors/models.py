"""Who reads the portal: visits, views and visitors a day, without a trace of what anyone read.

View: a public page read by a person. Visit: the first view of a visitor in the Vietnamese day, or after
VISITS_IDLE_MINUTES without one. Visitor: one key a day, made from address and browser with a random salt
that is thrown away. Online: keys with a view in the last VISITS_ONLINE_MINUTES.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField


class Salt(models.Model):
    """The day's random salt, the same for every process; without it keys cannot be traced to addresses."""

    day = models.DateField(_("day"), primary_key=True)
    value = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("salt")
        verbose_name_plural = _("salts")

    def __str__(self):
        return self.day.isoformat()


class Visitor(models.Model):
    """One key's day. Kept for two days, then only the sums of Day remain."""

    day = models.DateField(_("day"))
    key = models.BinaryField(max_length=8)
    last_seen_at = models.DateTimeField(_("last seen at"))
    views = models.PositiveIntegerField(_("views"), default=0)
    visits = models.PositiveIntegerField(_("visits"), default=0)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        constraints = [models.UniqueConstraint(fields=["day", "key"], name="visitor_once_per_day")]
        indexes = [models.Index(fields=["last_seen_at"])]

    def __str__(self):
        return f"{self.day:%d/%m/%Y}"


class Day(models.Model):
    day = models.DateField(_("day"), primary_key=True)
    views = models.PositiveBigIntegerField(_("views"), default=0)
    visits = models.PositiveBigIntegerField(_("visits"), default=0)
    visitors = models.PositiveBigIntegerField(_("visitors"), default=0)

    class Meta:
        verbose_name = _("visits of a day")
        verbose_name_plural = _("visits by day")
        ordering = ["-day"]

    def __str__(self):
        return f"{self.day:%d/%m/%Y}"


class StartValue(models.Model):
    """Visits carried over from an earlier portal; rows are added, never lowered."""

    visits = models.PositiveBigIntegerField(_("visits"), validators=[MinValueValidator(1)])
    source = CharField(_("counted by"), max_length=120, help_text=_("Where the figure comes from."))
    note = CharField(_("note"), max_length=200, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("added by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("start value")
        verbose_name_plural = _("start values")
        ordering = ["-added_at"]
        constraints = [
            models.CheckConstraint(condition=Q(visits__gt=0), name="start_value_is_positive"),
            models.UniqueConstraint(
                fields=["source"],
                name="start_value_once_per_source",
                violation_error_message=_("The figure of this source has already been added."),
            ),
        ]

    def __str__(self):
        return self.source


@dataclass(frozen=True)
class Figures:
    """The public block: visits in all and today, visitors online."""

    total: int
    online: int
    today: int


def record_view(*, at: datetime, address: str, user_agent: str) -> None:
    """Counts one view of a person. With record_untracked_view the seam for another way of writing."""
    day = timezone.localdate(at)
    key = _key(_salt(day), address, user_agent)
    with transaction.atomic():
        visitor, is_new = Visitor.objects.select_for_update().get_or_create(
            day=day, key=key, defaults={"last_seen_at": at}
        )
        idle = at - visitor.last_seen_at > timedelta(minutes=settings.VISITS_IDLE_MINUTES)
        visits = int(is_new or idle)
        Visitor.objects.filter(pk=visitor.pk).update(
            views=F("views") + 1, visits=F("visits") + visits, last_seen_at=max(at, visitor.last_seen_at)
        )
        _add_to_day(day, visits=visits, visitors=int(is_new))


def record_untracked_view(*, at: datetime, is_visit: bool) -> None:
    """Counts a view of somebody who asked not to be followed: no key is made."""
    with transaction.atomic():
        _add_to_day(timezone.localdate(at), visits=int(is_visit), visitors=0)


def public_figures() -> Figures:
    """One query, whatever the number of days."""
    now = timezone.now()
    since = now - timedelta(minutes=settings.VISITS_ONLINE_MINUTES)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT coalesce(sum(visits), 0) FROM visitors_startvalue)
                    + (SELECT coalesce(sum(visits), 0) FROM visitors_day),
                (SELECT count(DISTINCT key) FROM visitors_visitor WHERE last_seen_at > %s),
                (SELECT coalesce(sum(visits), 0) FROM visitors_day WHERE day = %s)
            """,
            [since, timezone.localdate(now)],
        )
        return Figures(*map(int, cursor.fetchone()))


def _add_to_day(day: date, *, visits: int, visitors: int) -> None:
    Day.objects.get_or_create(day=day)
    Day.objects.filter(day=day).update(
        views=F("views") + 1, visits=F("visits") + visits, visitors=F("visitors") + visitors
    )


def _salt(day: date) -> bytes:
    salt, is_new = Salt.objects.get_or_create(day=day, defaults={"value": secrets.token_bytes(32)})
    if is_new:
        yesterday = day - timedelta(days=1)
        Salt.objects.filter(day__lt=yesterday).delete()
        Visitor.objects.filter(day__lt=yesterday).delete()
    return bytes(salt.value)


def _key(salt: bytes, address: str, user_agent: str) -> bytes:
    return hashlib.blake2b(
        f"{address}\n{user_agent}".encode(errors="replace"), key=salt, digest_size=8
    ).digest()
