"""A browser window in which somebody is signed in already; the form itself is tested in test_working_draft.py."""

from django.conf import settings
from django.test import Client


def sign_in(page, user):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}]
    )
    return page
