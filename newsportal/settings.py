"""Settings of the portal. Every value has a default that works on a laptop; behind HTTPS a missing
secret stops the start."""

import importlib.util
import os
import re
import secrets
import sys
from ipaddress import ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from . import embedded, measuring
from .access import settings as access_settings
from .logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent


YES, NO = {"1", "true", "on", "yes", "ok", "y"}, {"0", "false", "off", "no", "n"}


class Environment(environ.Env):
    """The environment, where an empty variable is one that is not set."""

    ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}
    asked = set()  # names of all variables that settings come from

    def get_value(self, var, *args, **kwargs):
        self.asked.add(var)
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            taken = "1 or 0" if kwargs.get("cast") is bool else "a number"
            raise ImproperlyConfigured(f"{var} takes {taken}, not “{self.ENVIRON[var]}”.") from error

    @classmethod
    def parse_value(cls, value, cast):
        """A switch is never off because of a slip of the pen: HTTPS=ture stops the start."""
        if cast is bool and value.strip().lower() not in YES | NO:
            raise ValueError(value)
        return super().parse_value(value, cast)


env = Environment()

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).expanduser().absolute()
DEBUG = env.bool("DEBUG", default=False)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", HOST])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# True behind a proxy that ends TLS: cookies go over HTTPS only and plain HTTP is redirected.
HTTPS = env.bool("HTTPS", default=False)


def local_secret_key(path: Path) -> str:
    """A random key kept in the data folder, so that a laptop's sessions outlive a restart."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if HTTPS:
        raise ImproperlyConfigured(
            "Set SECRET_KEY: a long random text, kept secret, the same on every machine."
        )
    SECRET_KEY = local_secret_key(DATA_DIR / "secret_key")
if HTTPS:
    if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("django-insecure-"):
        raise ImproperlyConfigured("SECRET_KEY takes at least 50 random characters.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG shows the inside of the site to everybody: not with HTTPS.")
    if any(host.startswith(("*", ".")) for host in ALLOWED_HOSTS):
        raise ImproperlyConfigured("ALLOWED_HOSTS takes the names of the site, none with * or a leading dot.")

INSTALLED_APPS = [
    "newsportal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "newsportal.apps.PublishedFilesConfig",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "ckeditor",
    "newsportal.apps.NewsportalConfig",
    "articles",
    "visitors",
]
SITE_ID = 1

MIDDLEWARE = [
    # Outermost, since all that follows may have to say something.
    "newsportal.languages.Languages",
    # Outside the counter, which writes into the finished page. A proxy that compresses finds it done.
    "django.middleware.gzip.GZipMiddleware",
    "newsportal.headers.SecurityHeaders",
    "visitors.middleware.CountVisits",
    # A kept page has its headers, and passes by all that follows.
    "articles.page_cache.PageCache",
    "newsportal.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsportal.access.middleware.AdminGate",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "newsportal.urls"
WSGI_APPLICATION = "newsportal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsportal.context_processors.site",
                "newsportal.access.context_processors.frame",
                "visitors.context_processors.visits",
            ],
        },
    },
]
# Our templates for the widgets of the admin live beside the others.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

# Behind PgBouncer in transaction mode commands go to PostgreSQL itself: a dump, a migration or a lock needs a
# connection of its own. What the site asks fits into transactions, but for cursors of the server.
IS_POOLED = "DATABASE_DIRECT_URL" in env and Path(sys.argv[0]).name != "manage.py"
if "DATABASE_DIRECT_URL" in env and not IS_POOLED:
    DATABASE = env.db("DATABASE_DIRECT_URL")
else:
    DATABASE = env.db("DATABASE_URL") if "DATABASE_URL" in env else embedded.database(DATA_DIR)
# Seconds. A server that vanished without a word is given up instead of holding a thread for two hours.
PATIENCE = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def connected(database: dict) -> dict:
    return {
        **database,
        "OPTIONS": PATIENCE | database.get("OPTIONS", {}),
        "CONN_MAX_AGE": 60,  # seconds; health checks replace a connection that a restart has cut
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": IS_POOLED,
    }


DATABASES = {"default": connected(DATABASE)}
# Pages for readers come from here while it keeps up (docs/decisions/0039-several-machines.md).
if "DATABASE_REPLICA_URL" in env:
    DATABASES["replica"] = connected(env.db("DATABASE_REPLICA_URL")) | {"TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["newsportal.replica.Router"]
REPLICA_LAG_SECONDS = env.int("REPLICA_LAG_SECONDS", default=30)  # further behind it is passed over
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who gets into the admin: docs/operations.md tells of each setting, newsportal/access holds the code.
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=True)
ADMIN_NETWORKS = env.list("ADMIN_NETWORKS", default=[])  # addresses and networks; empty: everybody may log in
PASSWORD_PROFILE = env.str("PASSWORD_PROFILE", default="default")
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=15)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
vars().update(access_settings.password_settings(PASSWORD_PROFILE))
vars().update(access_settings.ALLAUTH)
PASSWORD_HASHERS = access_settings.PASSWORD_HASHERS
PASSWORD_RESET_TIMEOUT = 3600  # seconds
AUTHENTICATION_BACKENDS = ["newsportal.access.backends.StaffBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "admin:index"

LANGUAGE_CODE = "vi"
# Public pages by their address, the admin by the account; see articles/languages.py.
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["newsportal.formats"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

STATIC_PATH = "/static/"
# Such as https://tinh.example.vn, a CDN that fetches from this site what it lacks; empty: this site.
STATIC_HOST = env.str("STATIC_HOST", default="").rstrip("/")
if STATIC_HOST and not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?", STATIC_HOST):
    raise ImproperlyConfigured(
        f"STATIC_HOST takes an address such as https://tinh.example.vn, not “{STATIC_HOST}”."
    )
STATIC_URL = STATIC_HOST + STATIC_PATH
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Photos as they were sent, places and serial numbers included: below no address of the site.
ORIGINALS_ROOT = DATA_DIR / "originals"
PDF_ROOT = DATA_DIR / "pdf"  # stories as PDF, made when first asked for; may be emptied at any time
# Files in S3-compatible storage instead, for several machines; needs requirements/s3.txt.
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_ENDPOINT = env.str("S3_ENDPOINT", default="")  # such as https://s3.example.vn; empty: Amazon's
S3_REGION = env.str("S3_REGION", default="us-east-1")  # many others take any
S3_ACCESS_KEY = env.str("S3_ACCESS_KEY", default="")
S3_SECRET_KEY = env.str("S3_SECRET_KEY", default="")
if S3_BUCKET and importlib.util.find_spec("storages") is None:
    raise ImproperlyConfigured("S3_BUCKET needs the packages of requirements/s3.txt.")
FILES = "newsportal.s3" if S3_BUCKET else "newsportal.storage"
STORAGES = {
    "default": {"BACKEND": f"{FILES}.MediaStorage"},
    "originals": {"BACKEND": f"{FILES}.OriginalsStorage"},
    "staticfiles": {"BACKEND": "newsportal.storage.StaticFilesStorage"},
}
CACHES = {
    # Attempts and used codes are counted in one place for all processes and machines. More entries than strangers make
    # in a day from one address: Django's 300 would let them push out the counts of their own attempts.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},  # of each process: costs no query
    # Pictures drawn for shared links and icons. No address leads to the files, and they may be deleted at any time.
    "drawn": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "drawn",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
}
FILE_UPLOAD_PERMISSIONS = 0o644
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # bytes; a long story's form, without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SESSION_COOKIE_HTTPONLY = (
    True  # not the CSRF cookie: an open page reads it after the login was renewed elsewhere
)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    # Browsers take these names only with Secure, for this host alone.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # The owner of the domain may have browsers know it beforehand (docs/decisions/0041-hsts-preload.md).
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=True)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
CSRF_FAILURE_VIEW = "newsportal.views.csrf_failure"

# CKEditor 4 is past its end of life. Whatever it sends is cleaned, and cleaned again before it gets it back; parts
# with known holes are neither loaded nor published (articles/widgets.py, newsportal/apps.py). SECURITY.md tells all.
SILENCED_SYSTEM_CHECKS = ["ckeditor.W001"]
# Another build of CKEditor 4, such as a paid long-term one, can be put in its place.
CKEDITOR_BASEPATH = env.str("CKEDITOR_BASEPATH", default="/static/ckeditor/ckeditor/")

# Photos. The limits are checked before a picture is decoded: a 20 kB file can claim 170 megapixels.
PHOTO_MAX_BYTES = env.int("PHOTO_MAX_BYTES", default=20 * 1024 * 1024)
PHOTO_MAX_PIXELS = env.int("PHOTO_MAX_PIXELS", default=50_000_000)
PHOTO_MAX_SIDE = env.int("PHOTO_MAX_SIDE", default=12_000)  # pixels
DOCX_MAX_BYTES = env.int("DOCX_MAX_BYTES", default=50 * 1024 * 1024)  # a Word file to import
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=50 * 1024 * 1024)

# Visits: what the figures mean is in docs/visits.md.
VISITS_SPOOL = Path(env.str("VISITS_SPOOL", default=str(DATA_DIR / "visits"))).expanduser().absolute()
# Where nginx logs the views it answers from its cache (docs/decisions/0047-pages-by-nginx.md); unset: it has none.
VISITS_LOG = Path(env.str("VISITS_LOG")).absolute() if "VISITS_LOG" in env else None
VISITS_SHIP_EVERY = env.float(
    "VISITS_SHIP_EVERY", default=1
)  # seconds; 0: only `manage.py ship_visits` ships
VISITS_ONLINE_MINUTES = env.int("VISITS_ONLINE_MINUTES", default=5)
VISITS_IDLE_MINUTES = env.int("VISITS_IDLE_MINUTES", default=30)
VISITS_SUSPECT_VIEWS = env.int(
    "VISITS_SUSPECT_VIEWS", default=60
)  # of one reader in five minutes; more: no person
# Whom stories ask for the ids of the most read ones, and for how many seconds a ranking is kept.
MOST_READ_IDS, MOST_READ_SECONDS = "visitors.rankings.most_read_ids", 60
VISITS_PUBLIC_FIGURE = env.str(
    "VISITS_PUBLIC_FIGURE", default="visits"
)  # or "views": total and today of the block
# Proxies whose X-Forwarded-For is believed, as addresses or networks; everybody else's is ignored.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
for name, networks in (("TRUSTED_PROXIES", TRUSTED_PROXIES), ("ADMIN_NETWORKS", ADMIN_NETWORKS)):
    for network in networks:
        if (name, network) != ("TRUSTED_PROXIES", "unix"):
            try:
                ip_network(network, strict=False)
            except ValueError as error:
                raise ImproperlyConfigured(
                    f"{name} takes addresses and networks, not “{network}”."
                ) from error

# A measuring system elsewhere, such as the national one: its script, its id for this portal, and where figures go.
MEASURING_SCRIPT = env.str("MEASURING_SCRIPT", default="")
MEASURING_ID = env.str("MEASURING_ID", default="")
MEASURING_TRACKER = env.str("MEASURING_TRACKER", default="")
measuring.check(MEASURING_SCRIPT, MEASURING_ID, MEASURING_TRACKER)

# Finished pages in the memory of each process (docs/decisions/0030-page-cache.md); 0: none is kept.
PAGE_CACHE_BYTES = env.int("PAGE_CACHE_BYTES", default=0 if DEBUG else 64 * 1024 * 1024)
# How long kept pages go on being served while the database is away.
PAGE_CACHE_OUTAGE_HOURS = env.int("PAGE_CACHE_OUTAGE_HOURS", default=24)

# What was taken from readers: their copies of pages show it no longer, even while the database is away.
TAKEN_DOWN = DATA_DIR / "taken_down"

# Backups (docs/decisions/0036-backup.md); a folder of another disk or machine is better than the default.
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(DATA_DIR / "backups"))).expanduser().absolute()
# How many days, weeks and months have one of theirs kept.
BACKUP_KEEP = env.list("BACKUP_KEEP", cast=int, default=[7, 4, 12])
if len(BACKUP_KEEP) != 3:
    raise ImproperlyConfigured("BACKUP_KEEP takes three numbers: days, weeks and months, such as 7,4,12.")
# Public keys of age (age1…) that backups are encrypted to; the secret ones are kept elsewhere.
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])

# The demo news is for trying the portal out; behind HTTPS an empty database stays empty.
LOAD_DEMO = env.bool("LOAD_DEMO", default=not HTTPS)

# First administrator, made by `manage.py serve` when there is none.
ADMIN_USERNAME = env.str("ADMIN_USERNAME", default="admin")
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")  # empty: a random one, printed once

WEB_WORKERS = env.int("WEB_WORKERS", default=2)
if WEB_WORKERS < 1:
    raise ImproperlyConfigured(f"WEB_WORKERS takes a number from 1 on, not “{WEB_WORKERS}”.")

# Such as smtp+tls://USER:PASSWORD@HOST:587; without one, mails are written to the log.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 20  # seconds
NOTICES_MAIL_AT_ONCE = env.bool("NOTICES_MAIL_AT_ONCE", default=True)  # or only by `manage.py send_notices`
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default="newsportal@localhost")
# How the site is reached, for links in mails; never taken from a request.
SITE_URL = env.str("SITE_URL", default=f"http://{HOST}:{PORT}").rstrip("/")
# Whom security.txt names for weaknesses; empty: the mail address of the site identity.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
if SECURITY_CONTACT and not re.fullmatch(r"(mailto:|https://|tel:)[!-~]+", SECURITY_CONTACT):
    raise ImproperlyConfigured(
        f"SECURITY_CONTACT begins with mailto:, https:// or tel:, not “{SECURITY_CONTACT}”."
    )
# Feeds carry the whole text of a story, not the lead alone.
FEED_FULL_TEXT = env.bool("FEED_FULL_TEXT", default=False)
# Of the open data interface, for each address and process of the server; 0: no limit.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=120)

# Who asks for /metrics from another machine sends it as a bearer token; empty: only this machine may ask.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
TLS_CERTIFICATE = env.str("TLS_CERTIFICATE", default="")  # a PEM file, whose end the page of the status tells

# "line" for people, on stderr; "json", one object a line, on stdout. Neither holds addresses of readers.
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT takes line or json, not “{LOG_FORMAT}”.")
LOGGING = logging_settings(LOG_FORMAT)
