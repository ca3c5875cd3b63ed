"""Speaks to readers in the language of the address, and to staff in that of the account."""

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate, override
from django.views.decorators.http import require_POST

from articles.languages import VIETNAMESE, of_path, page_language
from articles.page_cache import shared

from .access.middleware import ADMIN
from .models import AccountLanguage, SiteIdentity

SESSION_KEY = "language"
# Of the device, for the pages of login, where nobody is known yet. Browsers send it to the admin alone.
COOKIE_AGE = 365 * 24 * 3600  # seconds


class Languages:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with override(of_path(request.path_info)):
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.path_info.startswith(ADMIN):
            activate(of_staff(request))
        elif not is_spoken(request):
            raise Http404("This portal has no English pages.")


def is_spoken(request) -> bool:
    """Whether the portal has pages in the language of the address."""
    return page_language() == VIETNAMESE or identity(request).has_english


def identity(request) -> SiteIdentity:
    return shared(request, ("identity", page_language()), SiteIdentity.load)


def of_staff(request) -> str:
    """From the session, which the admin reads anyway: no page costs a query more."""
    wanted = request.COOKIES.get(cookie_name())
    if request.user.is_authenticated:
        wanted = request.session.get(SESSION_KEY)
    return wanted if wanted in dict(AccountLanguage.CHOICES) else VIETNAMESE


def begin_session(request, user) -> None:
    request.session[SESSION_KEY] = AccountLanguage.of(user)


def cookie_name() -> str:
    """Not __Host-, which would send it with public pages as well."""
    return "__Secure-admin-language" if settings.HTTPS else "admin_language"


@require_POST
def choose(request):
    """Keeps the language with the account and on the device, and goes back to where the switch was pressed."""
    language = request.POST.get("language")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("admin:index")
    response = HttpResponseRedirect(back)  # nosemgrep (checked above)
    if language in dict(AccountLanguage.CHOICES):
        if request.user.is_authenticated:
            AccountLanguage.objects.update_or_create(user=request.user, defaults={"language": language})
            request.session[SESSION_KEY] = language
        response.set_cookie(
            cookie_name(),
            language,
            max_age=COOKIE_AGE,
            path=ADMIN,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response
