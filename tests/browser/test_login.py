"""Two steps in a real browser: a passkey of Chromium's virtual authenticator, and codes."""

import contextlib

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse

from articles.models import WorkingDraft
from tests.browser.axe import violations
from tests.browser.test_working_draft import ADD, hurry, log_in, open_form, state

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def writer(settings):
    settings.SECOND_FACTOR = True
    cache.clear()
    return User.objects.create_superuser("minhha", password="mat-khau-thu")


def plug_in_authenticator(page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def look_for_faults(page):
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_passkey_and_codes_let_in_and_keep_what_is_being_written(page, writer, live_server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    plug_in_authenticator(page)
    page.goto(reverse("admin:index"))
    look_for_faults(page)
    log_in(page, writer)
    page.wait_for_selector(".access__qr")
    look_for_faults(page)

    page.click(f"[href='{reverse('mfa_add_webauthn')}']")
    page.check("#id_passwordless")
    page.click("#passkey-button")
    page.wait_for_selector(".access__codes code")
    codes = page.locator(".access__codes code").all_inner_texts()
    look_for_faults(page)
    page.goto(reverse("mfa_index"))
    look_for_faults(page)
    assert Authenticator.objects.get(type="webauthn").user == writer

    open_form(page, ADD)
    Session.objects.all().delete()
    page.fill("#id_headline", "Viết qua giờ nghỉ")
    hurry(page)
    state(page, "Phiên làm việc đã hết")
    with page.context.expect_page() as opened:
        page.click("[data-login]")
    opened.value.wait_for_selector("#id_username")
    log_in(opened.value, writer)
    opened.value.wait_for_selector("#id_code")
    look_for_faults(opened.value)
    with contextlib.suppress(Exception):  # the tab closes itself
        opened.value.fill("#id_code", codes[0])
        opened.value.press("#id_code", "Enter")
    page.bring_to_front()
    page.fill("#id_lead", "Viết tiếp sau khi đăng nhập.")
    hurry(page)
    state(page, "đã giữ bản nháp tạm lúc")
    assert WorkingDraft.objects.get().data["headline"] == "Viết qua giờ nghỉ"

    page.context.clear_cookies()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(reverse("mfa_index"))
    page.click("#passkey-button")
    page.wait_for_selector(".access__rows")
    assert page.url.endswith(reverse("mfa_index"))
