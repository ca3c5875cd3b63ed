"""Passwords: lost, given by somebody else, refused, grown old."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.test import Client
from django.urls import reverse

from newsportal.access.settings import PASSWORD_PROFILES, password_settings
from newsportal.models import SiteIdentity
from tests.factory import make_user
from tests.newsportal.test_login import (  # noqa: F401 - one is a fixture
    DESK,
    PASSWORD,
    SECRET,
    code,
    enrolled,
    log_in,
    logged_in,
    mails,
    second_step,
    two_steps,
)

pytestmark = pytest.mark.django_db


@pytest.mark.requirement(33)
def test_password_that_somebody_else_chose_is_changed_at_its_first_use_and_lapses(client, clock):
    boss = logged_in(enrolled(is_superuser=True))
    given, own = "cau-long-bien-1902", "duong-song-hong-1987"

    def give(url, **data):
        assert boss.post(url, {"password1": given, "password2": given, **data}).status_code == 302

    give(reverse("admin:auth_user_add"), username="minhha", email="ha@vi-du.vn")
    user = User.objects.get(username="minhha", email="ha@vi-du.vn")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    TOTP.activate(user, SECRET)
    clock.shift(timedelta(days=8))
    assert "Hãy xin quản trị viên" in log_in(client, user, given).content.decode()
    user.set_password(own)  # as changepassword does on the server
    user.save(update_fields=["password"])
    assert log_in(Client(), user, own).status_code == 302

    boss = logged_in(enrolled(is_superuser=True))
    give(reverse("admin:auth_user_password_change", args=[user.pk]), usable_password="true")
    log_in(client, user, given)
    second_step(client, code())
    assert client.get(DESK, follow=True).wsgi_request.path == reverse("account_change_password")
    client.post(
        reverse("account_change_password"), {"oldpassword": given, "password1": own, "password2": own}
    )
    assert client.get(DESK).status_code == 200
    clock.shift(timedelta(days=8))
    log_in(client, user, own)
    second_step(client, code())
    assert client.get(DESK).status_code == 200


def test_own_password_is_changed_with_the_present_one():
    user = enrolled(is_superuser=True)

    page = logged_in(user).get(reverse("admin:auth_user_password_change", args=[user.pk]))

    assert page.url == reverse("account_change_password")


@pytest.mark.requirement(30)
def test_lost_password_is_replaced_by_a_link_that_holds_once_and_for_an_hour(
    client, mailoutbox, settings, clock
):
    settings.SITE_URL = "https://tin.vi-du.vn"
    settings.ALLOWED_HOSTS = ["testserver", "xau.vi-du.vn"]
    user, new = enrolled(email="ha@vi-du.vn"), "duong-song-hong-1987"
    ask = reverse("account_reset_password")

    answers = [
        re.sub(
            rb'(csrfmiddlewaretoken" value=")\w+',
            rb"\1",
            client.post(ask, {"email": email}, follow=True, headers={"host": "xau.vi-du.vn"}).content,
        )
        for email in ("ha@vi-du.vn", "khong-co@vi-du.vn", "ha@vi-du.vn".replace("a", "а"))
    ]
    (link,) = re.findall(r"https://tin\.vi-du\.vn(\S+)", mails(mailoutbox)[0].body)[:1]
    form = client.get(link, follow=True)
    client.post(form.wsgi_request.path, {"password1": new, "password2": new})
    again = Client().get(link, follow=True).content.decode()

    assert answers[0] == answers[1]
    assert "xau.vi-du.vn" not in mailoutbox[0].body
    assert "không còn hiệu lực" in again
    assert log_in(client, user, new).url == reverse("mfa_authenticate")
    assert [mail.to for mail in mails(mailoutbox)] == [["ha@vi-du.vn"]] * 2

    assert client.post(ask, {"email": "ha@vi-du.vn"}).status_code == 302
    (late,) = re.findall(r"https://tin\.vi-du\.vn(\S+)", mails(mailoutbox)[-1].body)[:1]
    clock.shift(timedelta(minutes=61))
    assert "không còn hiệu lực" in Client().get(late, follow=True).content.decode()


@pytest.mark.requirement(30)
def test_nobody_fills_a_mailbox_with_links_for_a_new_password(client, mailoutbox, clock):
    user = enrolled(email="ha@vi-du.vn")
    answers = {"ha@vi-du.vn": [], "khong-co@vi-du.vn": []}

    for hour in range(4):
        for number in range(5):
            for email, statuses in answers.items():
                stranger = Client(REMOTE_ADDR=f"198.51.100.{hour * 5 + number}")
                statuses.append(
                    stranger.post(reverse("account_reset_password"), {"email": email}).status_code
                )
        clock.shift(timedelta(minutes=61))

    assert (
        answers["ha@vi-du.vn"]
        == answers["khong-co@vi-du.vn"]
        == [302] * 3 + [429] * 2 + [302] * 2 + [429] * 13
    )
    assert [mail.to for mail in mailoutbox] == [[user.email]] * 5


@pytest.mark.requirement(33)
@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("ngắn", False),
        ("qwertyuiop123", False),
        ("So-Thong-Tin-2026", False),
        ("congtintuc!newsportal", False),
        ("mật khẩu quản trị", False),
        ("đường về nhà xa", True),
        ("x" * 33 + "đường về nhà qua cầu Long Biên", True),
    ],
)
def test_default_profile_asks_for_length_and_nothing_common(settings, password, is_taken):
    settings.AUTH_PASSWORD_VALIDATORS = PASSWORD_PROFILES["default"]["AUTH_PASSWORD_VALIDATORS"]
    SiteIdentity.objects.create(name="Cổng tin tức", agency="Sở Thông tin")

    try:
        validate_password(password)
    except ValidationError:
        assert not is_taken
    else:
        assert is_taken


def test_profile_of_the_standard_asks_for_kinds_age_and_new_ones(client, settings, clock):
    settings.SECOND_FACTOR = False
    for name, value in password_settings("tcvn14423").items():
        setattr(settings, name, value)
    user = User.objects.create_user("minhha", password="Duong-Song-0", is_staff=True)

    def change(old, new):
        client.post(
            reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new}
        )
        return client.get(DESK).status_code

    log_in(client, user, "Duong-Song-0")
    assert client.get(DESK, follow=True).wsgi_request.path == reverse("account_change_password")
    assert change("Duong-Song-0", "duong-song-hong-1987") == 302
    assert change("Duong-Song-0", "Duong-Song-Hong-1987") == 200
    change("Duong-Song-Hong-1987", "Duong-Song-Da-1988")
    change("Duong-Song-Da-1988", "Duong-Song-Hong-1987")
    user.refresh_from_db()
    assert user.check_password("Duong-Song-Da-1988")

    clock.shift(timedelta(days=61))
    log_in(client, user, "Duong-Song-Da-1988")
    assert client.get(DESK).status_code == 302


def test_unknown_profile_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="PASSWORD_PROFILE"):
        password_settings("tcvn")


def test_old_hash_becomes_argon2_at_the_next_login(client, settings):
    user = make_user()
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]

    log_in(client, user)

    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
