"""The addresses of login, before the admin's own: allauth's views, without sign-up and mail addresses."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from newsportal import languages

from . import views

FORM, ENTRANCE = "access/form.html", "access/entrance_form.html"
OVERVIEW = reverse_lazy("mfa_index")


def page(view, template, *, title, button="", text="", **options):
    """A view of allauth's with its words, which the general templates show around its form."""
    words = {"title": title, "button": button, "text": text}
    return view.as_view(template_name=template, extra_context=words, **options)


urlpatterns = [
    path("language/", languages.choose, name="language"),
    path("login/", views.LoginView.as_view(extra_context={"title": _("Log in")}), name="account_login"),
    path("login/passkey/", views.PasskeyLoginView.as_view(), name="mfa_login_webauthn"),
    path(
        "login/second-step/",
        page(second_factor.AuthenticateView, "access/second_step.html", title=_("Second step")),
        name="mfa_authenticate",
    ),
    path(
        "login/again/",
        page(account.ReauthenticateView, "access/again.html", title=_("Is it you?"), button=_("Go on")),
        name="account_reauthenticate",
    ),
    path(
        "login/again/code/",
        page(second_factor.ReauthenticateView, "access/again.html", title=_("Is it you?"), button=_("Go on")),
        name="mfa_reauthenticate",
    ),
    path(
        "login/again/passkey/",
        page(passkeys.ReauthenticateWebAuthnView, "access/again_passkey.html", title=_("Is it you?")),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "logout/",
        page(account.LogoutView, ENTRANCE, title=_("Log out"), button=_("Log out")),
        name="account_logout",
    ),
    path(
        "password_change/",
        page(
            account.PasswordChangeView,
            FORM,
            title=_("Change password"),
            button=_("Change password"),
            text=_("All your other sessions end with the old password."),
            success_url=OVERVIEW,
        ),
        name="account_change_password",
    ),
    path(
        "password_change/none/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path(
        "password_reset/",
        page(
            account.PasswordResetView,
            ENTRANCE,
            title=_("New password by e-mail"),
            button=_("Send the link"),
            text=_("The link goes to the address in your account. The second step stays as it is."),
        ),
        name="account_reset_password",
    ),
    path(
        "password_reset/sent/",
        page(
            account.PasswordResetDoneView,
            "access/entrance_text.html",
            title=_("Look into your mailbox"),
            text=_(
                "If an account has this address, a link is on its way; it holds for an hour. Without a mail in some minutes, ask an administrator which address your account has."
            ),
        ),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password_reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        page(
            account.PasswordResetFromKeyView,
            "access/reset.html",
            title=_("New password"),
            button=_("Set password"),
        ),
        name="account_reset_password_from_key",
    ),
    path(
        "password_reset/done/",
        page(
            account.PasswordResetFromKeyDoneView,
            "access/entrance_text.html",
            title=_("The password is changed"),
            text=_("Log in with the new one now."),
        ),
        name="account_reset_password_from_key_done",
    ),
    path(
        "access/",
        page(second_factor.IndexView, "access/overview.html", title=_("Login and security")),
        name="mfa_index",
    ),
    path(
        "access/sessions/",
        views.SessionsView.as_view(extra_context={"title": _("Sessions")}),
        name="usersessions_list",
    ),
    path(
        "access/app/",
        page(totp.ActivateTOTPView, "access/app.html", title=_("Code from your telephone")),
        name="mfa_activate_totp",
    ),
    path(
        "access/app/remove/",
        page(
            totp.DeactivateTOTPView,
            FORM,
            title=_("Use another telephone"),
            button=_("Remove the present one"),
            text=_(
                "The codes of the telephone used so far hold no more. You set up the new one right after."
            ),
            success_url=reverse_lazy("mfa_activate_totp"),
        ),
        name="mfa_deactivate_totp",
    ),
    path(
        "access/recovery-codes/",
        views.one_at_a_time(
            page(
                recovery_codes.ViewRecoveryCodesView, "access/recovery_codes.html", title=_("Recovery codes")
            )
        ),
        name="mfa_view_recovery_codes",
    ),
    path(
        "access/recovery-codes/new/",
        page(
            recovery_codes.GenerateRecoveryCodesView,
            FORM,
            title=_("New recovery codes"),
            button=_("Make new codes"),
            text=_("The old codes hold no more."),
        ),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "access/recovery-codes/download/",
        views.one_at_a_time(recovery_codes.DownloadRecoveryCodesView.as_view()),
        name="mfa_download_recovery_codes",
    ),
    path(
        "access/passkeys/new/",
        page(passkeys.AddWebAuthnView, "access/passkey.html", title=_("New passkey")),
        name="mfa_add_webauthn",
    ),
    path(
        "access/passkeys/<int:pk>/rename/",
        page(
            passkeys.EditWebAuthnView,
            FORM,
            title=_("Rename passkey"),
            button=_("Save"),
            success_url=OVERVIEW,
        ),
        name="mfa_edit_webauthn",
    ),
    path(
        "access/passkeys/<int:pk>/remove/",
        page(
            passkeys.RemoveWebAuthnView,
            FORM,
            title=_("Remove passkey"),
            button=_("Remove"),
            text=_("It no longer lets you in."),
            success_url=OVERVIEW,
        ),
        name="mfa_remove_webauthn",
    ),
]
