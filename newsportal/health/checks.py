"""The checks. Each is one function that tells how bad it is, what is the case and what to do."""

import json
import os
import platform
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cache
from pathlib import Path

import django
from cryptography import x509
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.migrations.loader import MigrationLoader
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.models import Article, Notice
from newsportal.audit.chain import verify
from newsportal.replica import REPLICA, is_set_up
from newsportal.storage import StorageAway
from visitors.counter import counter

from .asking import Unreachable, ask

MB, GB = 1024**2, 1024**3
DAY = timedelta(days=1)
# A replica; as far as a position of the primary, and if not, the age of the newest change it has.
HOW_FAR = """
SELECT pg_is_in_recovery(), CASE WHEN pg_last_wal_replay_lsn() >= '{position}' THEN 0
    ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::float8
"""
LEAST_VERSION = 150000  # of PostgreSQL, as it numbers itself


class Level(IntEnum):
    OK, WARNING, BROKEN = range(3)


OK, WARNING, BROKEN = Level


@dataclass(frozen=True)
class Finding:
    level: Level
    sentence: str
    advice: str = ""
    figures: dict[str, float] = field(default_factory=dict)  # for Prometheus


# What decides whether this process can serve at all: /readyz asks these.


def database() -> Finding:
    began = time.monotonic()
    try:
        (row,), *_rest = ask(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
            " pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('max_connections')::int"
        )
    except Unreachable as error:
        return Finding(
            BROKEN,
            _("The database does not answer: %s") % error,
            _(
                "Look whether PostgreSQL runs and its disk has room. Readers go on reading kept pages meanwhile."
            ),
            {"database_up": 0},
        )
    number, version, size, used, most = row
    took = (time.monotonic() - began) * 1000
    figures = {"database_up": 1, "database_bytes": size, "database_connections": used}
    sentence = _("PostgreSQL %(version)s answers in %(ms)d ms and holds %(size)s; %(used)d of %(most)d connections.") % {
        "version": version, "ms": took, "size": filesizeformat(size), "used": used, "most": most,
    }  # fmt: skip
    if number < LEAST_VERSION:
        return Finding(WARNING, sentence, _("Upgrade PostgreSQL to version 15 or newer."), figures)
    if used > most * 0.8:
        return Finding(
            WARNING, sentence, _("Find out who holds the connections, or raise max_connections."), figures
        )
    return Finding(OK, sentence, "", figures)


@cache
def _migrations_on_disk() -> set[tuple[str, str]]:
    """Read once: an upgrade starts new processes. Those that stand for several older ones are left out."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {name for name, migration in loader.disk_migrations.items() if not migration.replaces}


def migrations() -> Finding:
    applied, *_rest = ask("SELECT app, name FROM django_migrations")
    missing = sorted(_migrations_on_disk() - set(applied))
    if not missing:
        return Finding(OK, _("The database has the form that this version needs."))
    names = ", ".join(".".join(name) for name in missing[:5])
    return Finding(
        BROKEN,
        _("The database has not been brought to this version: %s") % names,
        _("Run manage.py migrate."),
    )


def spool() -> Finding:
    """Views are written before they are stored: a folder that takes no file loses them."""
    folder = settings.VISITS_SPOOL
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        return Finding(
            BROKEN,
            _("Nothing can be written into %(folder)s: %(reason)s")
            % {"folder": folder, "reason": error.strerror},
            _("Make room on the disk, and give the folder to the user who runs the site."),
        )
    depot = counter().shipper.depot
    waiting = depot.waiting()
    size, oldest = 0, time.time()
    for name in waiting:
        try:
            stat = (folder / name).stat()
        except FileNotFoundError:
            continue  # stored meanwhile
        size, oldest = size + stat.st_size, min(oldest, stat.st_mtime)
    age = time.time() - oldest
    figures = {"spool_bytes": size, "spool_files": len(waiting), "spool_oldest_seconds": round(age)}
    troubles = counter().troubles()
    if "backlog" in troubles or age > 600:
        return Finding(
            WARNING,
            _("%(size)s of views wait to be stored, the oldest for %(age)s.")
            % {"size": filesizeformat(size), "age": timesince(timezone.now() - timedelta(seconds=age))},
            _("Nothing is lost yet. Look into the log for “Views wait”; run manage.py ship_visits."),
            figures,
        )
    if "one-address" in troubles:
        return Finding(
            WARNING,
            _("Nearly all readers seem to come from one address inside."),
            _("A proxy hides them: name it in TRUSTED_PROXIES."),
            figures,
        )
    return Finding(OK, _("Views are stored as they come; %s wait.") % filesizeformat(size), "", figures)


# What people should know of.


def replica() -> Finding | None:
    """Of the database, where DATABASE_REPLICA_URL names one."""
    if not is_set_up():
        return None
    look = _("Readers read on from the primary. Look whether the replica runs and reaches the primary.")
    try:
        ((position,),), *_rest = ask("SELECT pg_current_wal_lsn()::text")
    except Unreachable:
        position = "0/0"
    question = HOW_FAR.format(position=position)
    try:
        for pause in (0.2, 0.4, 0):  # the first change after a quiet hour is on its way for a moment
            ((is_replica, behind),), *_rest = ask(question, alias=REPLICA)
            if not behind:
                break
            time.sleep(pause)
    except Unreachable as error:
        return Finding(WARNING, _("The replica does not answer: %s") % error, look, {"replica_up": 0})
    figures = {"replica_up": 1, "replica_behind_seconds": round(behind or 0, 1)}
    if not is_replica:
        return Finding(
            WARNING,
            _("The server in DATABASE_REPLICA_URL is no replica."),
            _("Readers read from the primary. Set DATABASE_REPLICA_URL right, or take it out."),
            figures,
        )
    if position == "0/0":
        return Finding(
            OK, _("The replica answers; readers read from it while the primary is away."), "", figures
        )
    if behind:
        sentence = _("The replica is %s seconds behind.") % number_format(behind, 0)
        is_late = behind > settings.REPLICA_LAG_SECONDS
        return Finding(WARNING if is_late else OK, sentence, look if is_late else "", figures)
    return Finding(OK, _("The replica has everything that the primary has."), "", figures)


def files() -> Finding | None:
    """In S3-compatible storage, where S3_BUCKET names it."""
    if not settings.S3_BUCKET:
        return None
    try:
        default_storage.exists("photos")
    except StorageAway as error:
        return Finding(
            BROKEN,
            str(error),
            _("Look whether the storage runs and S3_BUCKET, its address and its keys are right."),
            {"files_up": 0},
        )
    return Finding(OK, _("The storage of photos and files answers."), "", {"files_up": 1})


def disk() -> Finding:
    places = {}
    for folder in (settings.DATA_DIR, settings.MEDIA_ROOT, settings.ORIGINALS_ROOT, settings.VISITS_SPOOL):
        path = Path(folder)
        while not path.exists():
            path = path.parent
        places.setdefault(path.stat().st_dev, path)
    level, sentences, least = OK, [], None
    for path in places.values():
        found = os.statvfs(path)
        free, total = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
        files_left = found.f_favail / found.f_files if found.f_files else 1
        least = free if least is None else min(least, free)
        if free < 500 * MB:
            level = BROKEN
        elif free < min(total // 10, 20 * GB) or files_left < 0.05:
            level = max(level, WARNING)
        sentences.append(
            _("%(folder)s: %(free)s of %(total)s free.")
            % {"folder": path, "free": filesizeformat(free), "total": filesizeformat(total)}
        )
        if files_left < 0.05:
            sentences.append(_("It takes hardly any more files."))
    advice = (
        "" if level == OK else _("Make room: old backups and logs first; media and originals are needed.")
    )
    return Finding(level, " ".join(sentences), advice, {"disk_free_bytes": least})


def backup() -> Finding:
    told = _told("backup.json")
    finished, verified = _moment(told.get("finished_at")), _moment(told.get("verified_at"))
    advice = _("Run manage.py backup, and let a timer run it every night.")
    if finished is None:
        return Finding(WARNING, _("There is no backup yet."), advice)
    figures = {"backup_finished_timestamp": finished.timestamp(), "backup_ok": float(bool(told.get("ok")))}
    when = date_format(timezone.localtime(finished), "d/m/Y H:i")
    if not told.get("ok"):
        return Finding(
            BROKEN,
            _("The last backup, %s, failed.") % when,
            _("Look into its log, run manage.py backup by hand."),
            figures,
        )
    age = timezone.now() - finished
    sentence = _("Last backup %(when)s, %(size)s.") % {
        "when": when,
        "size": filesizeformat(told.get("bytes", 0)),
    }
    if age > 26 * DAY / 24:
        return Finding(BROKEN if age > 7 * DAY else WARNING, sentence, advice, figures)
    if verified is None or timezone.now() - verified > 35 * DAY:
        return Finding(
            WARNING,
            sentence + " " + _("It has not been tried out for over a month."),
            _(
                "A backup that nobody has restored may be worth nothing: try it out as docs/operations.md tells."
            ),
            figures,
        )
    return Finding(OK, sentence, "", figures)


def nightly() -> Finding:
    told = _told("nightly.json")
    finished = _moment(told.get("finished_at"))
    advice = _("Let a timer run manage.py nightly every night.")
    if finished is None:
        return Finding(WARNING, _("The nightly work has never run."), advice)
    when = date_format(timezone.localtime(finished), "d/m/Y H:i")
    figures = {"nightly_finished_timestamp": finished.timestamp(), "nightly_ok": float(bool(told.get("ok")))}
    if not told.get("ok"):
        names = ", ".join(told.get("failed", []))
        return Finding(
            BROKEN,
            _("Of the nightly work of %(when)s failed: %(names)s") % {"when": when, "names": names},
            _("Run manage.py nightly by hand and read what it says."),
            figures,
        )
    if timezone.now() - finished > 26 * DAY / 24:
        return Finding(WARNING, _("The nightly work ran last on %s.") % when, advice, figures)
    return Finding(OK, _("The nightly work was done on %s.") % when, "", figures)


def schedules() -> Finding:
    """A time was set, but nobody has taken the step that publishes."""
    late = Article.objects.filter(
        status__in=[Article.Status.DRAFT, Article.Status.RETURNED, Article.Status.IN_REVIEW],
        published_at__lte=timezone.now(),
        next_of=None,
    ).order_by("published_at")
    count = late.count()
    if not count:
        return Finding(OK, _("No story has missed its time."), "", {"stories_overdue": 0})
    names = "; ".join(f"“{headline}”" for headline in late.values_list("headline", flat=True)[:3])
    sentence = ngettext(
        "%(count)d story has missed its time: %(names)s",
        "%(count)d stories have missed their time: %(names)s",
        count,
    ) % {"count": count, "names": names}
    return Finding(
        WARNING, sentence, _("Publish them, or take their time out; a time alone publishes nothing."),
        {"stories_overdue": count},
    )  # fmt: skip


def certificate() -> Finding | None:
    """Of TLS, where TLS_CERTIFICATE names its file."""
    if not settings.TLS_CERTIFICATE:
        return None
    try:
        read = x509.load_pem_x509_certificate(Path(settings.TLS_CERTIFICATE).read_bytes())
    except (OSError, ValueError) as error:
        return Finding(
            WARNING,
            _("The certificate cannot be read: %s") % error,
            _("Correct TLS_CERTIFICATE, or let the site's user read the file."),
        )
    left = read.not_valid_after_utc - datetime.now(UTC)
    figures = {"certificate_seconds_left": round(left.total_seconds())}
    sentence = _("The certificate holds until %s.") % date_format(
        timezone.localtime(read.not_valid_after_utc), "d/m/Y H:i"
    )
    if left < 21 * DAY:
        advice = _("Renew it and reload nginx; afterwards readers see a warning instead of the site.")
        return Finding(BROKEN if left < 3 * DAY else WARNING, sentence, advice, figures)
    return Finding(OK, sentence, "", figures)


def audit_log() -> Finding:
    chain = verify(newest=1000)
    figures = {"audit_entries": chain.head[0], "audit_chain_ok": float(chain.broken_at is None)}
    if chain.broken_at:
        return Finding(
            BROKEN,
            _("The chain is broken at entry %s.") % chain.broken_at,
            _(
                "Somebody has changed the log past the portal. Keep everything as it is, call whoever answers for security."
            ),
            figures,
        )
    return Finding(OK, _("The chain of the audit log holds, up to entry %s.") % chain.head[0], "", figures)


def mail() -> Finding:
    late = Notice.objects.filter(
        mail=Notice.Mail.WAITS, mail_attempts__gt=0, at__lt=timezone.now() - timedelta(hours=1)
    )
    failed = Notice.objects.filter(mail=Notice.Mail.FAILED, at__gt=timezone.now() - 7 * DAY)
    waiting, lost = late.count(), failed.count()
    figures = {"mails_waiting": waiting, "mails_failed": lost}
    if waiting or lost:
        return Finding(
            WARNING,
            _("Mails of the last week: %(lost)d failed, %(waiting)d wait after a failure.")
            % {"lost": lost, "waiting": waiting},
            _(
                "Look into the log for “not mailed” or “mail server”, check EMAIL_URL, then run manage.py send_notices."
            ),
            figures,
        )
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        level = WARNING if settings.HTTPS else OK
        advice = (
            _("Set EMAIL_URL; without it nobody gets a lost password back by mail.") if settings.HTTPS else ""
        )
        return Finding(level, _("Mails are not sent but written to the log."), advice, figures)
    return Finding(OK, _("No mail has failed within a week."), "", figures)


def clock() -> Finding:
    before = time.time()
    ((theirs,),), *_rest = ask("SELECT extract(epoch FROM clock_timestamp())::float8")
    after = time.time()
    # What the question took is no difference.
    off = max(before - theirs, theirs - after, 0)
    sentence = _("The clocks of this machine and of the database are %s seconds apart.") % number_format(
        off, 1
    )
    advice = _(
        "Let both machines follow a time server (chrony or systemd-timesyncd): codes of telephones and times of publication depend on it."
    )
    level = OK if off < 2 else WARNING if off < 30 else BROKEN
    return Finding(level, sentence, advice if level else "", {"clock_difference_seconds": round(off, 3)})


def versions() -> Finding:
    with Path(settings.BASE_DIR, "pyproject.toml").open("rb") as file:
        portal = tomllib.load(file)["project"]["version"]
    words = f"{portal}; Python {platform.python_version()}; Django {django.get_version()}"
    return Finding(OK, _("Portal %s") % words)


# Those behind the first ask the database: without it they are left out.
FOR_SERVING = {
    database: gettext_lazy("Database"),
    migrations: gettext_lazy("Form of the database"),
    spool: gettext_lazy("Counting of views"),
}
CHECKS = FOR_SERVING | {
    replica: gettext_lazy("Replica of the database"),
    files: gettext_lazy("Photos and files"),
    disk: gettext_lazy("Disk"),
    backup: gettext_lazy("Backup"),
    nightly: gettext_lazy("Nightly work"),
    schedules: gettext_lazy("Scheduled stories"),
    certificate: gettext_lazy("TLS certificate"),
    audit_log: gettext_lazy("Audit log"),
    mail: gettext_lazy("Mail"),
    clock: gettext_lazy("Clock"),
    versions: gettext_lazy("Versions"),
}
OF_THE_DATABASE = {migrations, schedules, audit_log, mail, clock}


def findings(checks=CHECKS) -> dict[str, Finding]:
    """By the names of the checks, those that can be made."""
    found, is_away = {}, False
    for check, label in checks.items():
        if is_away and check in OF_THE_DATABASE:
            continue
        try:
            finding = check()
        except Unreachable as error:  # gone since the first check
            finding = Finding(BROKEN, _("The database does not answer: %s") % error)
        if finding is not None:
            found[str(label)] = finding
        is_away = is_away or (check is database and finding.level == BROKEN)
    return found


def _told(name: str) -> dict:
    """What a job wrote down of itself in the data folder."""
    try:
        told = json.loads(Path(settings.DATA_DIR, name).read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _moment(text) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)
