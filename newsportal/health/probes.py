"""What watches the portal asks: /healthz, /readyz and /metrics, answered before Django's handler begins.

So they know no host names, sessions and redirects: a probe asks by any address, and none of it goes to a log.
"""

import threading
import time
from secrets import compare_digest

from django.conf import settings

from newsportal.client_address import is_in
from newsportal.headers import ALWAYS, FILE
from newsportal.metrics import board

from .checks import CHECKS, FOR_SERVING, Level, database, findings, replica

EVERY = 1  # seconds; however many ask, the database is asked no more often by a process
LOOPBACK = ["127.0.0.0/8", "::1"]
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_X_FORWARDED_PROTO")


def answer(path: str, environ: dict, start_response) -> list[bytes]:
    status, text = PROBES[path](environ)
    body = text.encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", FILE),
        *ALWAYS.items(),
    ]
    start_response(status, headers)
    return [body] if environ["REQUEST_METHOD"] != "HEAD" else []


def is_trusted(environ: dict) -> bool:
    """On this machine and past no proxy, or with the token."""
    scheme, _space, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if (
        settings.METRICS_TOKEN
        and scheme == "Bearer"
        and compare_digest(token.encode("latin-1"), settings.METRICS_TOKEN.encode())
    ):
        return True
    # A proxy on this machine has a loopback address, too, whoever asks it.
    is_forwarded = any(environ.get(header) for header in FORWARDED)
    address = environ.get("REMOTE_ADDR", "")
    return not is_forwarded and (not address or is_in(address, LOOPBACK))


def healthz(environ: dict) -> tuple[str, str]:
    """The process answers; it touches nothing."""
    return "200 OK", "ok\n"


def readyz(environ: dict) -> tuple[str, str]:
    """Whether to send readers here. Strangers learn no reasons."""
    words = readiness.words()
    if not words:
        return "200 OK", "ok\n"
    return "503 Service Unavailable", words if is_trusted(environ) else "not ready\n"


class Readiness:
    """Kept for a moment: strangers may ask, and each answer takes a connection of the database."""

    def __init__(self):
        self._asking = threading.Lock()
        self._words, self._asked_at = "starting\n", -EVERY

    def words(self) -> str:
        """What is broken; empty where nothing is. While one thread asks, others get the answer before."""
        if time.monotonic() - self._asked_at >= EVERY and self._asking.acquire(blocking=False):
            try:
                found = findings(FOR_SERVING).items()
                broken = [(name, finding) for name, finding in found if finding.level == Level.BROKEN]
                if [name for name, _finding in broken] == [FOR_SERVING[database]] and self._have_replica():
                    broken = []
                self._words = "".join(f"{name}: {finding.sentence}\n" for name, finding in broken)
            finally:
                self._asked_at = time.monotonic()
                self._asking.release()
        return self._words

    @staticmethod
    def _have_replica() -> bool:
        finding = replica()
        return finding is not None and finding.level == Level.OK


readiness = Readiness()


def metrics(environ: dict) -> tuple[str, str]:
    if not is_trusted(environ):
        return "404 Not Found", "not found\n"
    lines = list(board.lines())
    lines.append("# TYPE newsportal_check_level gauge")
    figures = {}
    names = {str(label): check.__name__ for check, label in CHECKS.items()}
    for name, found in findings().items():
        lines.append(f'newsportal_check_level{{check="{names[name]}"}} {found.level.value}')
        figures |= found.figures
    for name, value in figures.items():
        lines += [f"# TYPE newsportal_{name} gauge", f"newsportal_{name} {value}"]
    return "200 OK", "\n".join(lines) + "\n"


PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
