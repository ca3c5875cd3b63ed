"""One table, made with its triggers by newsportal's migration 0009: the database chains the entries and refuses
every change of one."""

import json
from datetime import UTC
from hashlib import sha256

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditQuerySet(models.QuerySet):
    def chained(self):
        """In the order of the chain; entries of a transaction that is under way have no number yet."""
        return self.filter(number__isnull=False).order_by("number")


class AuditEntry(models.Model):
    """Names stay as text, without a tie to the rows they name: accounts and stories may go, the entry stays."""

    class Kind(models.TextChoices):
        LOGIN = "login", _("Login")
        LOGIN_FAILED = "login_failed", _("Failed login")
        LOCKED_OUT = "locked_out", _("Locked out for a time")
        LOGOUT = "logout", _("Logout")
        PASSWORD = "password", _("Password")
        SECOND_FACTOR = "second_factor", _("Second step of login")
        RECOVERY_CODE = "recovery_code", _("Recovery code")
        RESTORE_ACCESS = "restore_access", _("Access restored on the server")
        REFUSED = "refused", _("Refused")
        PEOPLE = "people", _("People and rights")
        STORY = "story", _("Stories: publishing, times, trash")
        PHOTO = "photo", _("Photos")
        SETTINGS = "settings", _("Settings and site content")
        EXPORT = "export", _("Export")
        SERVER = "server", _("Settings of the server")

    START = "0" * 64  # what the first entry carries as the hash before it

    number = models.BigIntegerField(_("number"), null=True, unique=True, editable=False)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    account = models.BigIntegerField(_("number of the account"), null=True)
    actor = models.TextField(_("person"), blank=True)
    address = models.TextField(_("address"), blank=True)
    about_type = models.TextField(blank=True)
    about_id = models.TextField(blank=True)
    about = models.TextField(_("about"), blank=True)
    detail = models.TextField(_("what"), blank=True)
    previous = models.CharField(_("hash of the entry before"), max_length=64, null=True)  # noqa: DJ001 - until the commit
    hash = models.CharField(_("hash"), max_length=64, null=True)  # noqa: DJ001

    objects = AuditQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "newsportal_auditentry"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        default_permissions = ["view"]

    def __str__(self):
        return f"{self.number or '–'}: {self.get_kind_display()}"

    def line(self) -> str:
        """What is hashed: a JSON array, character by character as PostgreSQL writes it."""
        return json.dumps(
            [
                self.number, self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), self.kind, self.account,
                self.actor, self.address, self.about_type, self.about_id, self.about, self.detail, self.previous,
            ],
            ensure_ascii=False,
        )  # fmt: skip

    def expected_hash(self) -> str:
        return sha256(self.line().encode()).hexdigest()
