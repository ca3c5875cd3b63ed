from allauth.account import forms as account_forms
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as second_factor_forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserCreationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from newsportal.audit.record import Kind, record

from . import passwords

CODE_LIVES = 120  # seconds, more than the three steps in which a code is taken


class LoginForm(account_forms.LoginForm):
    def add_prefix(self, field_name):
        """The name by which password managers know the field."""
        return super().add_prefix("username" if field_name == "login" else field_name)

    def clean(self):
        cleaned = super().clean()
        if self.user and passwords.has_lapsed(self.user):
            raise ValidationError(
                _(
                    "The password that you were given was not used in time. Ask an administrator for another one."
                ),
                code="given_password_lapsed",
            )
        return cleaned


class GivesPassword:
    """A form in which somebody chooses the password of another person."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password2"].help_text = _(
            "The person changes it at the first login, within seven days. Hand it over in person."
        )


class NewAccountForm(GivesPassword, UserCreationForm):
    """Without Django's choice of an account that has no password: there is no other way to log in at first."""

    def _save_m2m(self):
        super()._save_m2m()
        passwords.note_given(self.instance)


class GivenPasswordForm(GivesPassword, AdminPasswordChangeForm):
    def save(self, commit=True):
        user = super().save(commit)
        passwords.note_given(user)
        return user


class OnlyOnce:
    """allauth remembers a used code for one step only, and takes it in three."""

    def clean_code(self):
        try:
            code = super().clean_code()
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                record(Kind.LOCKED_OUT, None, self.user)
            raise
        if not cache.add(f"used-code:{self.user.pk}:{normalize_user_code(code)}", 1, CODE_LIVES):
            self._emit_authentication_failed(self.authenticator)
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(OnlyOnce, second_factor_forms.AuthenticateForm):
    pass


class CodeAgainForm(OnlyOnce, second_factor_forms.ReauthenticateForm):
    pass
