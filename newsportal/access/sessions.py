"""What a session has to show before it reaches the admin, when it ends, and ending those of a person."""

import time

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from visitors.agents import identify

from . import passwords

SEEN_EVERY = 60  # seconds; more often would be a write for every request
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def begin(request, user) -> None:
    request.session["began"] = request.session["seen"] = time.time()
    request.session["password_due"] = passwords.is_due(user)


def has_ended(session, now: float) -> bool:
    return (
        now - session.get("seen", 0) > settings.SESSION_IDLE_MINUTES * 60
        or now - session.get("began", 0) > settings.SESSION_HOURS * 3600
    )


def has_passed_second_step(request) -> bool:
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def next_step(request) -> str | None:
    """The name of the page where somebody with a right password has to go before anywhere else."""
    if settings.SECOND_FACTOR and not has_passed_second_step(request):
        return "mfa_activate_totp"
    if request.session.get("password_due"):
        return "account_change_password"
    return None


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def of_person(user: User) -> list[UserSession]:
    """The sessions that still hold, each with the `device` it was begun on."""
    rows = sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.created_at)
    for row in rows:
        agent = identify(row.user_agent)
        row.device = ", ".join(filter(None, [agent.browser, agent.system])) or row.user_agent
    return rows


def end_all(user: User, *, but: str | None = None) -> int:
    """All sessions of the person, but for the one with that key; how many there were."""
    sessions = UserSession.objects.filter(user=user).exclude(session_key=but)
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def remove_second_factor(user: User) -> None:
    """The person enrols anew at the next login; whoever is logged in with the old one is logged out."""
    Authenticator.objects.filter(user=user).delete()
    end_all(user)
