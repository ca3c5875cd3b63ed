"""What allauth asks the project: addresses, limits, mails, secrets at rest."""

import base64
import hashlib
import logging
import threading
import time
from math import ceil

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from newsportal.audit.record import Kind, record
from newsportal.client_address import client_address, household
from newsportal.models import SiteIdentity

logger = logging.getLogger(__name__)

SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}
LOCK_OUT_TOLD_EVERY = 60  # seconds; who goes on trying does not fill the audit log
FAILED = {"app": "allauth.account", "action": "login_failed"}


class AccountAdapter(DefaultAccountAdapter):
    def get_client_ip(self, request):
        return client_address(request.META) or "0.0.0.0"  # noqa: S104 - no address at all, on a unix socket

    def is_safe_url(self, url):
        return url_has_allowed_host_and_scheme(
            url, {self.request.get_host()}, require_https=self.request.is_secure()
        )

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)

    # Attempts

    def _get_login_attempts_cache_key(self, request, **credentials):
        """By name and address: whoever guesses elsewhere locks out nobody but himself."""
        return f"{credentials.get('username', '').lower()} {household(self.get_client_ip(request))}"

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            user = User.objects.filter(username=credentials.get("username", "")).first()
            if cache.add(f"locked-out:{hashlib.sha256(key.encode()).hexdigest()}", 1, LOCK_OUT_TOLD_EVERY):
                record(Kind.LOCKED_OUT, None, user or "")
            raise _too_many(_wait(request, key)) from error

    def is_reauthentication_required(self, *, app, **kwargs):
        """Who has just logged in is not asked again."""
        records = get_authentication_records(self.request, self.request.user)
        oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        return not any(record["at"] > oldest for record in records)

    def get_reauthentication_methods(self, user):
        """A password alone is not enough for who has a second factor."""
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"] != "reauthenticate"] or methods

    # Mails

    def get_reset_password_from_key_url(self, key):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def format_email_subject(self, subject):
        return f"{SiteIdentity.load().name}: {subject}"

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        if user.email:
            super().send_notification_mail(template_prefix, user, context, user.email)

    def send_mail(self, template_prefix, email, context):
        context = {"site_name": SiteIdentity.load().name, "site_url": settings.SITE_URL, **context}
        message = self.render_mail(template_prefix, email, context)
        # In the background: the answer must not tell by its time that there was a mail to send.
        threading.Thread(target=_send, args=[message], name="access-mail", daemon=True).start()


def _send(message) -> None:
    try:
        message.send()
    except OSError as error:
        logger.warning("A mail about an account was not sent: %s", error)


def _wait(request, key: str) -> int:
    """Seconds until the next attempt is let in."""
    waits = [1]
    for rate in ratelimit.get_rates(**FAILED):
        name = ratelimit.get_cache_key(request, **FAILED, rate=rate, key=key)
        history = cache.get(name, [])  # the newest first
        if len(history) >= rate.amount:
            waits.append(history[-1] + rate.duration - time.time())
    return ceil(max(waits))


def _too_many(seconds: int) -> ValidationError:
    minutes, hours = ceil(seconds / 60), ceil(seconds / 3600)
    if minutes < 60:
        message, count = (
            ngettext(
                "Too many failed attempts. Try again in %(count)d minute.",
                "Too many failed attempts. Try again in %(count)d minutes.",
                minutes,
            ),
            minutes,
        )
    else:
        message, count = (
            ngettext(
                "Too many failed attempts. Try again in %(count)d hour.",
                "Too many failed attempts. Try again in %(count)d hours.",
                hours,
            ),
            hours,
        )
    return ValidationError(
        message, code="too_many_login_attempts", params={"count": count, "seconds": seconds}
    )


class SecondFactorAdapter(DefaultMFAAdapter):
    def _get_site_name(self):
        return SiteIdentity.load().name

    def _get_user_identifier(self, user):
        return user.get_username()

    def encrypt(self, text):
        """A copy of the database alone does not hold the second factors."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error("Second factors were kept under another SECRET_KEY: see restore_access.")
            raise self.validation_error("incorrect_code") from None


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (
        hashlib.blake2b(key.encode(), digest_size=32, person=b"second-factor").digest() for key in keys
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
