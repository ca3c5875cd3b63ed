"""Logins and what belongs to them, as Django and allauth tell of them; new superusers; settings of the server."""

from allauth.account.signals import password_changed, password_reset
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connection
from django.db.models.signals import post_migrate, post_save
from django.dispatch import receiver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import AuditEntry
from .record import SERVER, Kind, record

FACTORS = {
    Authenticator.Type.TOTP: gettext_lazy("Code from your telephone"),
    Authenticator.Type.WEBAUTHN: gettext_lazy("Passkey"),
    Authenticator.Type.RECOVERY_CODES: gettext_lazy("Recovery codes"),
}
# What decides who gets in and what strangers are given; no secrets.
OF_THE_SERVER = [
    "DEBUG", "HTTPS", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "ADMIN_NETWORKS", "SECOND_FACTOR", "PASSWORD_PROFILE",
    "SESSION_IDLE_MINUTES", "SESSION_HOURS", "SITE_URL", "FEED_FULL_TEXT", "API_REQUESTS_PER_MINUTE",
    "VISITS_PUBLIC_FIGURE", "LOG_FORMAT",
]  # fmt: skip


@receiver(user_logged_in)
def logged_in(request, user, **kwargs):
    record(Kind.LOGIN, user, user)


@receiver(user_logged_out)
def logged_out(request, user, **kwargs):
    if user:
        record(Kind.LOGOUT, user, user)


@receiver(user_login_failed)
def login_failed(credentials, **kwargs):
    """The name only where it is an account: people type passwords into the field of the name."""
    user = User.objects.filter(username=credentials.get("username") or "").first()
    record(Kind.LOGIN_FAILED, None, user or "", "" if user else _("A name that is no account."))


@receiver(authentication_failed)
def second_step_failed(user, authenticator, **kwargs):
    record(Kind.LOGIN_FAILED, None, user, _("Second step refused."))


@receiver([password_changed, password_reset])
def password_set(user, signal, **kwargs):
    by_mail = signal is password_reset
    record(
        Kind.PASSWORD, user, user, _("Set by a link in a mail.") if by_mail else _("Changed by the person.")
    )


@receiver(authenticator_added)
def factor_added(user, authenticator, **kwargs):
    record(Kind.SECOND_FACTOR, user, user, _("Set up: %s.") % FACTORS[authenticator.type])


@receiver(authenticator_removed)
def factor_removed(user, authenticator, **kwargs):
    record(Kind.SECOND_FACTOR, user, authenticator.user, _("Removed: %s.") % FACTORS[authenticator.type])


@receiver(authenticator_reset)
def factor_made_anew(user, authenticator, **kwargs):
    record(Kind.SECOND_FACTOR, user, user, _("Made anew: %s.") % FACTORS[authenticator.type])


@receiver(authenticator_used)
def factor_used(user, authenticator, **kwargs):
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record(Kind.RECOVERY_CODE, user, user)


@receiver(post_save, sender=User)
def superuser_made(instance, created, raw, **kwargs):
    """Whichever way: the admin, the first start or the command line."""
    if created and instance.is_superuser and not raw:
        request = context.request
        record(Kind.PEOPLE, request.user if request else SERVER, instance, _("Superuser made."))


@receiver(post_migrate)
def note_settings(sender, using, **kwargs):
    """With each `migrate`, which `serve` does at each start: what is other than the last time."""
    table = AuditEntry._meta.db_table
    if sender.name != "newsportal" or table not in connection.introspection.table_names():
        return
    words = "; ".join(f"{name}={getattr(settings, name)}" for name in OF_THE_SERVER)
    last = AuditEntry.objects.filter(kind=Kind.SERVER, about=SETTINGS).first()
    if last is None or last.detail != words:
        record(Kind.SERVER, SERVER, SETTINGS, words)


SETTINGS = "environment"
