"""What follows from a login, a password or a second factor of allauth's."""

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from newsportal import languages

from . import passwords, sessions


@receiver(user_logged_in)
def begin_session(request, user, **kwargs):
    sessions.begin(request, user)
    languages.begin_session(request, user)


@receiver([password_changed, password_reset])
def note_own_password(request, user, **kwargs):
    passwords.note_own(user)
    request.session.pop("password_due", None)


@receiver(authenticator_added)
def pass_with_new_factor(request, user, authenticator, **kwargs):
    """Setting it up has proved it. Whoever was logged in elsewhere, by password alone, is so no more."""
    if authenticator.type in sessions.FACTORS:
        record_authentication(request, user, "mfa", type=authenticator.type)
        sessions.end_all(user, but=request.session.session_key)


@receiver(authenticator_removed)
def ask_for_another_factor(request, user, **kwargs):
    if not sessions.has_second_factor(user):
        records = get_authentication_records(request, user)
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            record for record in records if record["method"] != "mfa"
        ]
