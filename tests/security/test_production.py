"""The settings of a site behind HTTPS: what starts, and what a browser gets."""

import importlib.util
import os
import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from tests.factory import make_user

PRODUCTION = {
    "HTTPS": "1",
    "SECRET_KEY": "khoa-chi-dung-khi-kiem-thu-0123456789-abcdefghijklmnop",
    "ALLOWED_HOSTS": "tin.vi-du.vn",
    "SITE_URL": "https://tin.vi-du.vn",
    "TRUSTED_PROXIES": "unix",
}


@pytest.fixture
def settings_of(monkeypatch, tmp_path):
    """newsportal/settings.py read anew, under that environment."""

    def read(**environment):
        for name, value in ({"DATA_DIR": str(tmp_path)} | environment).items():
            monkeypatch.setenv(name, value)
        spec = importlib.util.spec_from_file_location(
            "newsportal.settings_of_production", site_settings.BASE_DIR / "newsportal/settings.py"
        )
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return read


@pytest.mark.requirement(49)
def test_deployment_check_finds_nothing(tmp_path, settings_of):
    # Without manage.py, which starts a database first; these checks ask none.
    environment = PRODUCTION | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "newsportal.settings"}
    result = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=site_settings.BASE_DIR, env={"PATH": os.environ["PATH"]} | environment, capture_output=True, text=True,
    )  # fmt: skip

    assert (result.returncode, "no issues (1 silenced)" in result.stdout) == (0, True), result.stderr
    assert settings_of(**PRODUCTION).SILENCED_SYSTEM_CHECKS == ["ckeditor.W001"]


@pytest.mark.requirement(49)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "ngan"),
        ("SECRET_KEY", "django-insecure-" + "0123456789abcdef" * 4),
        ("DEBUG", "1"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", ".vn"),
        ("SECOND_FACTOR", "maybe"),
        ("HTTPS", "ture"),
        ("SECURITY_CONTACT", "an-ninh@vi-du.vn\nContact: mailto:xau@vi-du.vn"),
    ],
)
def test_unsafe_settings_stop_the_start_and_are_named(settings_of, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        settings_of(**PRODUCTION | {name: value})


@pytest.mark.django_db
@pytest.mark.requirement(3, 6)
def test_cookies_of_the_admin_are_for_this_host_over_https_alone(settings, settings_of):
    production = settings_of(**PRODUCTION)
    for name in dir(production):
        if name.startswith(("SESSION_COOKIE_", "CSRF_COOKIE_", "SECURE_", "HTTPS")):
            setattr(settings, name, getattr(production, name))
    browser = Client(enforce_csrf_checks=True)
    login = reverse("account_login")

    plain = browser.get(login)
    page = browser.get(login, secure=True)
    token = browser.cookies["__Host-csrf"].value
    entered = browser.post(
        login,
        {"username": make_user().username, "password": "mat-khau-thu", "csrfmiddlewaretoken": token},
        secure=True,
        headers={"origin": "https://testserver"},
    )

    assert (plain.status_code, plain.url, plain.cookies) == (301, f"https://testserver{login}", {})
    assert page["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert entered.status_code == 302
    cookies = page.cookies | entered.cookies
    assert cookies.keys() == {"__Host-session", "__Host-csrf"}
    token = {"x-csrftoken": browser.cookies["__Host-csrf"].value, "origin": "https://testserver"}
    chosen = browser.post(reverse("language"), {"language": "vi"}, secure=True, headers=token).cookies
    assert chosen["__Secure-admin-language"]["path"] == "/admin/"
    for name, cookie in (cookies | chosen).items():
        assert (cookie["secure"], cookie["domain"], cookie["samesite"]) == (True, "", "Lax"), name
        assert cookie["path"] == "/" or not name.startswith("__Host-"), name
        assert cookie["httponly"] or name == "__Host-csrf"
    assert "no-store" in browser.get(reverse("admin:index"), secure=True)["Cache-Control"]
