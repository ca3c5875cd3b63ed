"""What browsers may do with an answer, said on every answer of the site: content policy and the headers beside it."""

from urllib.parse import urlsplit

from django.conf import settings

# Filled in when the page is sent (visitors/middleware.py), in the page and in its policy alike.
NONCE_PLACE = "<!--visits:nonce-->"

# Our scripts connect to nothing; what judges a page from within it, as Lighthouse does, asks for robots.txt.
FILES = f"'self' {settings.STATIC_HOST}".rstrip()
PAGE = (
    f"default-src 'none'; script-src {FILES}; style-src {FILES}; img-src {FILES}; font-src {FILES}; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Codes to be scanned come as data; pasted pictures do too, or as blobs, and are read before they are sent.
ADMIN = PAGE.replace("img-src 'self'", "img-src 'self' data: blob:").replace(
    "connect-src 'self'", "connect-src 'self' data: blob:"
)
# CKEditor styles its dialogs and lists by attributes; its scripts it has to bring from files like everybody else
# (static/js/admin/editor_handlers.js).
EDITOR = ADMIN.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
# A feed, a stylesheet, a photo: what is no page needs nothing, wherever somebody opens it.
FILE = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=()"
    ),
}


class SecurityHeaders:
    """Stands in MIDDLEWARE twice: inside the page cache, since a kept page takes its headers along, and around it,
    since what stands outside answers too. What an answer says itself holds."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 304:  # the browser goes by what it has, the nonce included
            return response
        for name, value in ALWAYS.items():
            response.setdefault(name, value)
        if not response.has_header("Content-Security-Policy"):
            response["Content-Security-Policy"] = policy_of(request, response)
        # Other portals show our pictures, and static files may come to our pages from another host.
        is_shared = response.get("Content-Type", "").startswith("image/") or request.path.startswith(
            settings.STATIC_PATH
        )
        response.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_shared else "same-origin")
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            preload = "; preload" if settings.SECURE_HSTS_PRELOAD else ""
            value = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains{preload}"
            response.setdefault("Strict-Transport-Security", value)
        return response


def policy_of(request, response) -> str:
    if not response.get("Content-Type", "").startswith("text/html"):
        return FILE
    if request.path.startswith("/admin/"):
        return EDITOR if holds(response, 'data-type="ckeditortype"') else ADMIN
    if settings.MEASURING_SCRIPT and holds(response, NONCE_PLACE):
        return measured(settings.MEASURING_TRACKER)
    return PAGE


def holds(response, mark: str) -> bool:
    return not response.streaming and mark.encode() in response.content


def measured(tracker: str) -> str:
    """The script from elsewhere is known by a nonce, not by its host, which may hold others."""
    parts = urlsplit(tracker)
    host = f"{parts.scheme}://{parts.netloc}"
    policy = PAGE.replace("script-src 'self'", f"script-src 'self' 'nonce-{NONCE_PLACE}'")
    return policy.replace("img-src 'self'", f"img-src 'self' {host}").replace(
        "connect-src 'self'", f"connect-src 'self' {host}"
    )
