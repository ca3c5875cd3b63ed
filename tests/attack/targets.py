"""What is attacked: each address of the site, by its name, with the rows behind it, and sessions to attack with."""

import json
import secrets
import time

from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.newsportal import test_access as access

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Of test_access.ELSEWHERE, those whose address holds something.
ARGUMENTS = {
    "account_reset_password_from_key": {"uidb36": "1", "key": "abc-def"},
    "admin:app_list": {"app_label": "articles"},
    "admin:view_on_site": {"content_type_id": 1, "object_id": 1},
    "media": {"path": "photos/khong-co.jpg"},
    "mfa_edit_webauthn": {"pk": 1},
    "mfa_remove_webauthn": {"pk": 1},
}


def every_address(rows, user) -> dict[str, str]:
    """Those of stories lead to one of the user's own, in the state in which it takes the step."""
    stories = {state: next(access.stories_for(user, rows, state)) for state in ("draft", "published", "next")}
    states = {name: entry[0] for name, entry in (access.STORIES | access.STORY_POSTS).items()}
    found = {name: access.address(name, rows) for name in (*access.ADDRESSES, *access.POSTS)}
    found |= {name: access.address(name, rows, stories[state]) for name, state in states.items()}
    found |= {name: reverse(name, kwargs=ARGUMENTS.get(name)) for name in access.ELSEWHERE}
    # What deletes rows comes last, what ends the session after it.
    return dict(sorted(found.items(), key=lambda it: ("logout" in it[0], it[0].endswith("_delete"))))


def session_of(user) -> str:
    """Both steps of the login are taken; the steps themselves are tested in test_login.py."""
    client = Client()
    client.force_login(user)
    session = client.session
    now = time.time()
    session["account_authentication_methods"] = [
        {"method": "password", "at": now, "username": user.username},
        {"method": "mfa", "at": now, "type": "totp"},
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def make() -> None:
    """Run in the site that is to be attacked; what it made is printed for who attacks it."""
    rows = access.make_rows()
    people = access.make_people(rows)
    for letter, user in people.items():
        if letter != "r":
            TOTP.activate(user, TOTP_SECRET)
    print(
        json.dumps(
            {
                "addresses": every_address(rows, people["S"]),
                "people": {letter: user.pk for letter, user in people.items()},
                "session_cookie": settings.SESSION_COOKIE_NAME,
                "csrf_cookie": settings.CSRF_COOKIE_NAME,
            }
        )
    )


def sign_in(*keys: int) -> None:
    from django.contrib.auth.models import User

    print(json.dumps([session_of(User.objects.get(pk=key)) for key in keys]))


def csrf_token() -> str:
    return secrets.token_hex(16)
