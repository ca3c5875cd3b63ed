"""`make run`: prepares the site, then serves it until it is told to stop."""

import errno
import hashlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from articles import similar
from articles.models import Article, Photo, Section
from newsportal import embedded
from visitors.counter import counter

PREPARATION = 0x6E657773  # the advisory lock of prepare()
FIRST_ANSWER = 60  # seconds
LOOK_AROUND = 2  # seconds
UNDER_NOHUP = (signal.SIGHUP, signal.SIG_IGN)
# Of the password, which is read from a screen and typed: no 0 and o, 1 and l.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = "Prepares the site (database, first news, first administrator, static files) and serves it."

    def handle(self, **options):
        in_terminal = is_shown_in_terminal()  # asked first: it may close at any time
        listener = self.listen()
        with listener:
            self.prepare()
            without_second_factor = is_local_demo()
            gunicorn = start_gunicorn(listener, {"SECOND_FACTOR": "0"} if without_second_factor else {})
        renditions = start_renditions() if self.photos_are_outdated else None
        # From here gunicorn alone holds the port, so it is free as soon as gunicorn ends.
        try:
            with signals_stop(gunicorn) as stopping:
                if without_second_factor:
                    self.say(_("For trying out, login asks for no second step; SECOND_FACTOR=1 asks for it."))
                self.wait_for_first_answer(gunicorn, stopping)
                self.wait_for_end(gunicorn, in_terminal)
        finally:
            if gunicorn.poll() is None:
                gunicorn.terminate()
                gunicorn.wait()
            if renditions:
                renditions.terminate()
                renditions.wait()
        if not stopping:
            raise CommandError(_("The web server stopped by itself; its reason stands above."))

    def listen(self) -> socket.socket:
        """Takes the port before anything is prepared, so that two `make run` cannot both go on."""
        host, port = settings.HOST, settings.PORT
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return socket.create_server((host, port), family=family, backlog=2048)
        except (OSError, OverflowError) as error:
            message = _("Port %(port)s of %(host)s cannot be used: %(reason)s")
            if getattr(error, "errno", None) == errno.EADDRINUSE:
                message = _(
                    "Port %(port)s is in use by another program. Choose another: make run PORT=%(other)s"
                )
            other = port + 1 if port < 65535 else port - 1
            raise CommandError(
                message % {"port": port, "host": host, "reason": error, "other": other}
            ) from error

    def prepare(self):
        # Two machines of one database that start together must not both load the news.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARATION])
        self.say(_("Preparing the database…"))
        call_command("migrate", interactive=False, verbosity=0)
        if settings.LOAD_DEMO and not Article.objects.exists() and not Section.objects.exists():
            call_command("load_demo")
        Article.objects.unready_for_search().index()  # of an earlier version
        similar.fill()
        self.create_administrator()
        counter().ship(wait=0)  # what the last run left, and figures for the first page
        self.collect_static_files()
        Photo.objects.delete_abandoned()
        self.photos_are_outdated = Photo.objects.outdated().exists()
        connection.close()

    def create_administrator(self):
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        username = settings.ADMIN_USERNAME
        if users.filter(username=username).exists():
            raise CommandError(
                _("There is no administrator, and “%s” is somebody else: set ADMIN_USERNAME.") % username
            )
        try:
            get_user_model()._meta.get_field("username").run_validators(username)
        except ValidationError as error:
            raise CommandError(_("ADMIN_USERNAME cannot be used: %s") % " ".join(error.messages)) from error
        password = settings.ADMIN_PASSWORD or random_password()
        with transaction.atomic():
            users.create_superuser(username, password=password)
            if not settings.ADMIN_PASSWORD:
                # Before the commit: whatever kills this process, nobody holds a password never shown.
                self.say(
                    _("Administrator: %(username)s, password: %(password)s (shown only this once)")
                    % {"username": username, "password": password}
                )

    def collect_static_files(self):
        # Only after a change: collecting writes every file anew, under a site that may be serving them.
        fingerprint = static_fingerprint()
        stamp = Path(settings.STATIC_ROOT, ".collected")
        if not stamp.exists() or stamp.read_text() != fingerprint:
            stamp.unlink(missing_ok=True)
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(fingerprint)

    def wait_for_first_answer(self, gunicorn, stopping):
        # The socket has been listening all along: one request waits until a worker takes it.
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104
        client = http.client.HTTPConnection(host, settings.PORT, timeout=FIRST_ANSWER)
        try:
            # Named as a robot, so that it is not counted as a visit.
            headers = {"User-Agent": "newsportal-serve-bot"}
            if known_hosts := [name for name in settings.ALLOWED_HOSTS if name.strip("*.") == name]:
                headers["Host"] = known_hosts[0]
            client.request("GET", "/robots.txt", headers=headers)
            client.getresponse()
        except (OSError, http.client.HTTPException) as error:
            if stopping:
                return
            raise CommandError(
                _("The web server did not start (%s); its reason stands above.") % error
            ) from error
        finally:
            client.close()
        address = f"http://[{host}]" if ":" in host else f"http://{host}"
        self.say(_("Site for readers: %s") % f"{address}:{settings.PORT}/")
        self.say(_("Site for editors: %s") % f"{address}:{settings.PORT}/admin/")
        self.say(_("Ctrl-C stops the site and its database."))

    def wait_for_end(self, gunicorn: subprocess.Popen, in_terminal: bool):
        while True:
            try:
                gunicorn.wait(timeout=LOOK_AROUND)
                return
            except subprocess.TimeoutExpired:
                # A closing terminal tells the first process of its session only, and make, which may be
                # that one, waits for its command without a word.
                if in_terminal and not os.isatty(0):
                    in_terminal = False
                    os.kill(os.getpid(), signal.SIGHUP)
                if embedded.revive(settings):
                    self.say(_("The embedded database had died and was started again."))

    def say(self, text: str):
        self.stdout.write(text)
        self.stdout.flush()


def is_local_demo() -> bool:
    """Whether the site is tried out on the machine it runs on, where nobody else reaches its login."""
    is_chosen = bool(os.environ.get("SECOND_FACTOR", "").strip())
    return not (is_chosen or settings.HTTPS) and settings.HOST in ("127.0.0.1", "::1", "localhost")


def is_shown_in_terminal() -> bool:
    """Whether this is a terminal's foreground job; one in the background may outlive its terminal."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def random_password() -> str:
    """16 letters in groups of four: 80 bits."""
    letters = "".join(secrets.choice(LETTERS) for position in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def static_fingerprint() -> str:
    """Changes when a static file of the site or of an installed package does."""
    files = [
        (name, storage.path(name), storage.size(name), storage.get_modified_time(name).isoformat())
        for finder in get_finders()
        for name, storage in finder.list([])
    ]
    return hashlib.sha256(repr(files).encode()).hexdigest()


def start_gunicorn(listener: socket.socket, environment: dict[str, str]) -> subprocess.Popen:
    """gunicorn in its own session: Ctrl-C reaches it once, as a request to end in good order."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "-c", "python:newsportal.gunicorn"),
            *("--bind", f"fd://{listener.fileno()}", "newsportal.wsgi"),
        ],
        cwd=settings.BASE_DIR,
        env=os.environ | {"SERVE_PID": str(os.getpid())} | environment,
        pass_fds=[listener.fileno()],
        start_new_session=True,
    )


def start_renditions() -> subprocess.Popen:
    """Photos of an earlier version go on with the files they have until this has made the others."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "make_renditions"], cwd=settings.BASE_DIR, start_new_session=True
    )


@contextmanager
def signals_stop(gunicorn: subprocess.Popen):
    """Passes the signals that mean an end on to gunicorn: first "finish", then "now". Yields the
    list of those that came. They stay harmless afterwards, while the database stops."""
    received = []

    def stop(number, frame):
        received.append(number)
        if gunicorn.poll() is None:
            gunicorn.send_signal(signal.SIGTERM if len(received) == 1 else signal.SIGQUIT)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if (number, signal.getsignal(number)) != UNDER_NOHUP:
            signal.signal(number, stop)
    yield received
