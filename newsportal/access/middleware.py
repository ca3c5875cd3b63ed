"""Guards every address of the admin, the pages of login included."""

import time

from allauth.core.context import request_context
from django.conf import settings
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import Http404, QueryDict

from newsportal.audit.record import Kind, record
from newsportal.client_address import client_address, is_in

from . import sessions

ADMIN = "/admin/"
# Requests that an open page makes by itself do not keep its session alive.
BY_ITSELF = {"articles_article_presence", "visitors_day_live"}


def without_nul(query: QueryDict) -> QueryDict:
    """PostgreSQL takes no NUL in a text, and the lists hand over what their filters are given."""
    query = query.copy()
    for name, values in query.lists():
        query.setlist(name, [value.replace("\0", "") for value in values])
    return query


class AdminGate:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_refused = response.status_code == 403 and request.path_info.startswith(ADMIN)
        if is_refused and request.user.is_authenticated:
            with request_context(request):
                record(Kind.REFUSED, request.user, f"{request.method} {request.path}")
        return response

    def process_view(self, request, view, args, kwargs):
        if not request.path_info.startswith(ADMIN):  # the whole path may begin with a folder
            return
        if settings.ADMIN_NETWORKS and not is_in(client_address(request.META), settings.ADMIN_NETWORKS):
            raise Http404("The admin is not open to this network.")
        if "%00" in request.META["QUERY_STRING"]:
            request.GET = without_nul(request.GET)
        # It names the field by which the row is found, and Django fails at one without a name.
        if "object_id" in kwargs and "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):
            raise BadRequest("The field has no name.")
        if request.user.is_authenticated:
            self.look_after(request)

    def look_after(self, request):
        name = request.resolver_match.url_name or ""
        now = time.time()
        if sessions.has_ended(request.session, now):
            logout(request)
        elif name.startswith("mfa_") and not sessions.has_passed_second_step(request):
            # Logged in by password before the person had a second factor, maybe by somebody else.
            if sessions.has_second_factor(request.user):
                logout(request)
        elif name not in BY_ITSELF and now - request.session["seen"] > sessions.SEEN_EVERY:
            request.session["seen"] = now
