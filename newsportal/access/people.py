"""A colleague's login, in the hands of an administrator: second factor and sessions."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    is_reauthentication_required,
    raise_if_reauthentication_required,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import sessions
from .forms import GivenPasswordForm, NewAccountForm


class LoginOfPerson:
    """For the ModelAdmin of accounts."""

    add_form = NewAccountForm
    change_password_form = GivenPasswordForm

    def get_urls(self):
        view = self.admin_site.admin_view(self.access_view)
        return [path("<int:object_id>/access/", view, name="auth_user_access"), *super().get_urls()]

    def user_change_password(self, request, id, form_url=""):
        """Asks first, where allauth would keep what was sent in the session: the form holds a password."""
        if id == str(request.user.pk):
            return redirect("account_change_password")
        if settings.SECOND_FACTOR and is_reauthentication_required(request, app="allauth.mfa"):
            again = get_adapter(request).get_reauthentication_methods(request.user)[0]["url"]
            return redirect(f"{again}?{urlencode({'next': request.path})}")
        return super().user_change_password(request, id, form_url)

    def access_view(self, request, object_id):
        person = self.get_object(request, str(object_id))
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        if person == request.user:
            return redirect("mfa_index")
        if request.method == "POST":
            raise_if_reauthentication_required(request, app="allauth.mfa")
            step = self.remove_factor if "remove_second_factor" in request.POST else self.end_sessions
            with transaction.atomic():
                done = step(request, person)
                self.log_change(request, person, done)
            self.message_user(request, done, messages.SUCCESS)
            return redirect("admin:auth_user_access", person.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Login of %s") % person,
            "person": person,
            "factors": Authenticator.objects.filter(user=person, type__in=sessions.FACTORS),
            "sessions": sessions.of_person(person),
        }
        return TemplateResponse(request, "access/person.html", context)

    def remove_factor(self, request, person) -> str:
        sessions.remove_second_factor(person)
        get_adapter(request).send_notification_mail("access/email/second_factor_removed", person)
        return _("Second step removed; it is set up anew at the next login.")

    def end_sessions(self, request, person) -> str:
        count = sessions.end_all(person)
        return ngettext("%(count)d session ended.", "%(count)d sessions ended.", count) % {"count": count}
