"""Pages and files of the site itself: colours, media, errors."""

import logging
import re
import secrets
import sys
from datetime import timedelta
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import activate
from django.views.decorators.cache import cache_control
from django.views.static import serve

from articles import images
from articles.api import errors
from articles.languages import VIETNAMESE
from articles.page_cache import is_away, kept, unavailable

from . import drawing, languages, stylesheet
from .models import SiteIdentity
from .storage import StorageAway

logger = logging.getLogger(__name__)

YEAR = 365 * 24 * 3600
SECURITY_TXT_DAYS = 180  # how long it is valid; made anew every day
# Shown in the browser; everything else is handed over as a download.
SHOWN_SUFFIXES = {".jpg", ".png", ".webp", ".gif"}


@cache_control(public=True, max_age=YEAR, immutable=True)
def theme(request, accent):
    """The accent colour of the site identity as a small stylesheet; pages hold no style of their own."""
    return as_css(stylesheet.theme(known_accent(accent)))


def site_css(request, accent, version):
    """The stylesheet of public pages. While a new version is brought to several machines, a page may ask the wrong one."""
    response = as_css(stylesheet.css(known_accent(accent)))
    if version == stylesheet.version():
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, no_cache=True)
    return response


def known_accent(accent: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{6}", accent):
        raise Http404
    return f"#{accent}"


def as_css(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/css; charset=utf-8")


@kept
def accessibility(request):
    """How far everybody can use the site, and whom to tell of what is in the way."""
    return render(request, "accessibility.html")


@kept
@cache_control(public=True, max_age=3600)
def manifest(request):
    """Name, colours and icons for who puts the portal on a phone's first screen."""
    identity = SiteIdentity.load()
    icons = [
        {"src": identity.icons[name], "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in (
            ("192", "192x192", "any"), ("512", "512x512", "any"), ("full512", "512x512", "maskable"),
        )
    ]  # fmt: skip
    home = reverse("articles:home")
    content = {
        "id": home, "start_url": home, "scope": home, "name": identity.name, "short_name": identity.name,
        "lang": "vi", "dir": "ltr", "display": "browser",
        "theme_color": identity.theme_colour, "background_color": "#ffffff", "icons": icons,
    }  # fmt: skip
    return JsonResponse(
        content, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )


@kept
@cache_control(public=True, max_age=24 * 3600)
def security_txt(request):
    """Whom to tell of a weakness, in the form of RFC 9116. The contact is the setting, or the portal's mail."""
    email = SiteIdentity.load().email
    contact = settings.SECURITY_CONTACT or (f"mailto:{email}" if email else "")
    if not contact:
        raise Http404
    expires = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = {
        "Contact": contact,
        "Expires": (expires + timedelta(days=SECURITY_TXT_DAYS)).isoformat(),
        "Preferred-Languages": "vi, en",
        "Canonical": settings.SITE_URL + reverse("security_txt"),
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@cache_control(public=True, max_age=24 * 3600)
def icon(request, key, name):
    """The site's emblem as a square; an address from before the last change leads to that of today."""
    if name not in drawing.ICONS:
        raise Http404
    identity = SiteIdentity.load()
    if identity.icons[name] != request.path:
        return redirect(identity.icons[name])
    content = images.drawn_once(f"icon-{key}-{name}", lambda: drawing.icon(identity.drawn_emblem, name))
    return HttpResponse(content, content_type="image/png")


@cache_control(public=True, max_age=YEAR, immutable=True)
def media(request, path):
    """Uploaded files where no web server in front serves them. Names never change their content."""
    try:
        if settings.S3_BUCKET:
            response = FileResponse(default_storage.open(path))
        else:
            response = serve(request, path, document_root=settings.MEDIA_ROOT)
    except StorageAway:
        raise
    except OSError as error:  # such as a name that is too long for the disk
        raise Http404 from error
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    is_shown = PurePosixPath(path).suffix.lower() in SHOWN_SUFFIXES
    response["Content-Disposition"] = "inline" if is_shown else "attachment"
    return response


def not_found(request, exception=None):
    if not languages.is_spoken(request):
        activate(VIETNAMESE)
    return render(request, "404.html", status=404)


def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)


def bad_request(request, exception=None):
    """Django's own looks for the token of a form, and so reads anew what could not be read."""
    return HttpResponseBadRequest(render_to_string("400.html"))


def server_error(request):
    """No context processors: what failed may be the database itself."""
    if is_away(sys.exception()):
        return unavailable(request)
    if request.path.startswith("/api/v1/"):
        return errors.server_error().response()
    if images.is_disk_full(sys.exception()):
        return HttpResponse(render_to_string("507.html"), status=507)
    reference = secrets.token_hex(4)
    logger.error(
        "A mistake was shown to its reader with the code %s: %s", reference, type(sys.exception()).__name__
    )
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)
