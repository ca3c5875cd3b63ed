"""allauth's views, where the admin wants something else of them."""

from functools import wraps

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.webauthn import views as passkeys
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.usersessions import views as usersessions
from django.contrib.auth.models import User
from django.db import transaction
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

from . import sessions
from .forms import LoginForm


def one_at_a_time(view):
    """For each person: allauth notes in the set of codes that it was seen, which new codes may replace meanwhile."""

    @wraps(view)
    @transaction.atomic
    def alone(request, *args, **kwargs):
        User.objects.select_for_update(no_key=True).filter(pk=request.user.pk).first()
        return view(request, *args, **kwargs)

    return alone


class LoginView(account.LoginView):
    template_name = "access/login.html"
    form_class = LoginForm

    def dispatch(self, request, *args, **kwargs):
        """The admin sends everybody here whom it does not let in."""
        if request.user.is_authenticated and (step := sessions.next_step(request)):
            return redirect(step)
        return super().dispatch(request, *args, **kwargs)

    def form_invalid(self, form):
        response = super().form_invalid(form)
        for error in form.non_field_errors().as_data():
            if error.code == "too_many_login_attempts":
                response.status_code = 429
                response["Retry-After"] = error.params["seconds"]
        return response


class PasskeyLoginView(passkeys.LoginWebAuthnView):
    def form_valid(self, form):
        key = form.cleaned_data["credential"]
        login = Login(user=key.user, redirect_url=get_next_redirect_url(self.request))
        return perform_passwordless_login(self.request, key, login)


@method_decorator(reauthentication_required(allow_get=True, app="allauth.mfa"), name="dispatch")
class SessionsView(usersessions.ListUserSessionsView):
    template_name = "access/sessions.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"sessions": sessions.of_person(self.request.user)}
