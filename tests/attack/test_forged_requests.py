"""Forged requests to every address: without the token, from elsewhere, with another's token, by reading, with foreign ids."""

import re
from contextlib import contextmanager
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as site
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Notice, WorkingDraft
from tests.attack.targets import csrf_token, every_address, session_of
from tests.factory import make_user
from tests.newsportal.rendering import IN_LONG, unrendered
from tests.newsportal.test_access import make_people, make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
OWN, FOREIGN, SECRET = "https://testserver", "https://xau.example.net", "BÍ MẬT CỦA NGƯỜI KHÁC"
TOKEN = csrf_token()
FORGERIES = {
    "no token": {"Origin": OWN},
    "token of another": {"X-CSRFToken": csrf_token(), "Origin": OWN},
    "foreign origin": {"X-CSRFToken": TOKEN, "Origin": FOREIGN},
    "no origin told": {"X-CSRFToken": TOKEN, "Origin": "null"},
    "foreign page": {"X-CSRFToken": TOKEN, "Referer": f"{FOREIGN}/trang"},
    "no page told": {"X-CSRFToken": TOKEN},
}
# What a request without an effect may write, and why.
WRITTEN_ANYWAY = {
    "newsportal_auditentry": "refusals and exports are recorded",
    "django_session": "when the session was last used",
    "usersessions_usersession": "the same, for the list of one's sessions",
}
# What reading is meant to write, by the address.
WRITTEN_BY_READING = {
    "admin:articles_article_change": {"articles_openform"},  # colleagues see who has the story open
    "admin:articles_newsroomsettings_changelist": {
        "articles_newsroomsettings"
    },  # the one row, at the first look
    "admin:notice": {"articles_notice"},  # it is read now
    "articles:shared": {"articles_sharedlink"},  # openings are counted
}
OF_DJANGO = ("_add", "_delete", "_history")


@pytest.fixture
def newsroom():
    rows = make_rows()
    people = make_people(rows)
    return rows, people, every_address(rows, people["S"])


def browser(user) -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies[site.CSRF_COOKIE_NAME] = TOKEN
    if user.pk:
        client.cookies[site.SESSION_COOKIE_NAME] = session_of(user)
    return client


@contextmanager
def written():
    """The tables written to; what a test makes is undone."""
    tables = set()

    def look(execute, sql, params, many, context):
        if found := re.match(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', str(sql)):
            tables.add(found[1])
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(look):
        yield tables
        transaction.set_rollback(True)


@pytest.mark.requirement(34)
def test_no_address_takes_what_another_site_sends(newsroom):
    _rows, people, addresses = newsroom
    client = browser(people["S"])
    faults = []
    for number, (name, path) in enumerate(addresses.items()):
        # In short, each address is asked in one way; test_access.py asks all of them without a token.
        chosen = FORGERIES if IN_LONG else [[*FORGERIES][number % len(FORGERIES)]]
        for forgery in chosen:
            with unrendered(), written() as tables:
                response = client.post(path, {"next": "/"}, secure=True, headers=FORGERIES[forgery])
                status = response.status_code
            if status not in (403, 404, 405) or tables - WRITTEN_ANYWAY.keys():
                faults.append(f"{name}, {forgery}: {status} {tables or ''}")

    assert not faults, "\n".join(faults)


@pytest.mark.requirement(34)
def test_reading_changes_nothing_at_any_address(newsroom):
    _rows, people, addresses = newsroom
    client = browser(people["S"])
    faults = []
    for name, path in addresses.items():
        if name.endswith(OF_DJANGO) and not IN_LONG:
            continue
        for method in (client.get, client.head, client.options) if IN_LONG else (client.get,):
            with written() as tables:
                response = method(path, secure=True)
                if response.streaming:
                    response.getvalue()
            if changed := tables - WRITTEN_ANYWAY.keys() - WRITTEN_BY_READING.get(name, set()):
                faults.append(f"{name}, {method.__name__}: {changed}")

    assert not faults, "\n".join(faults)


@pytest.mark.requirement(9)
def test_ids_of_what_belongs_to_one_person_open_nothing_to_others(newsroom):
    """Working drafts, notices and passkeys: not even to a superuser."""
    rows, people, _addresses = newsroom
    owner = make_user("Người viết")
    draft = WorkingDraft.objects.create(
        user=owner, key=uuid4(), fields=[["headline", SECRET]], typed_at=timezone.now()
    )
    notice = Notice.objects.create(user=owner, kind="publish", story_id=rows["story"].pk, headline=SECRET)
    passkey = Authenticator.objects.create(user=owner, type="webauthn", data={"name": SECRET})
    add, keep = reverse("admin:articles_article_add"), reverse("admin:articles_article_keep_new")
    asked = [
        ("get", reverse("admin:articles_article_draft", args=[draft.pk]), {}),
        ("post", reverse("admin:articles_article_draft", args=[draft.pk]), {}),
        ("get", add, {"key": str(draft.key)}),
        ("post", add, {"_restore": "kept", "draft": draft.pk}),
        ("post", add, {"_restore": "kept", "draft": draft.pk, "key": str(draft.key)}),
        ("post", keep, {"headline": "Đè lên", "key": str(draft.key)}),
        ("get", reverse("admin:notice", args=[notice.pk]), {}),
        ("post", reverse("admin:notices"), {"read": notice.pk}),
        ("get", reverse("mfa_edit_webauthn", args=[passkey.pk]), {}),
        ("post", reverse("mfa_edit_webauthn", args=[passkey.pk]), {"name": "Đổi tên"}),
        ("get", reverse("mfa_remove_webauthn", args=[passkey.pk]), {}),
        ("post", reverse("mfa_remove_webauthn", args=[passkey.pk]), {}),
    ]
    before = belongings(owner)
    faults = []
    for letter in "nswepaS" if IN_LONG else "wS":
        client = browser(people[letter])
        for method, path, data in asked:
            headers = {"X-CSRFToken": TOKEN, "Origin": OWN}
            with transaction.atomic():
                response = getattr(client, method)(path, data, secure=True, headers=headers)
                if SECRET in response.content.decode() or belongings(owner) != before:
                    faults.append(f"{letter} {method} {path} {data}")
                transaction.set_rollback(True)

    assert not faults, "\n".join(faults)


def belongings(owner):
    return [
        list(model.objects.filter(user=owner).values()) for model in (Authenticator, Notice, WorkingDraft)
    ]
