"""Makes a backup, deletes those no longer kept, and tells the status page of both."""

import fcntl
import io
import json
import os
import shlex
import shutil
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pyrage
from django.conf import settings
from django.core.files.storage import default_storage, storages
from django.utils.translation import gettext as _

from newsportal.settings import BASE_DIR, Environment

from . import database, folder
from .folder import Backup, BackupError, Making

SETTINGS, SECRET_KEY = "settings.env", "secret_key"
SECRETS = [
    "ADMIN_PASSWORD", "DATABASE_DIRECT_URL", "DATABASE_REPLICA_URL", "DATABASE_URL", "EMAIL_URL", "METRICS_TOKEN",
    "S3_ACCESS_KEY", "S3_SECRET_KEY", "SECRET_KEY",
]  # fmt: skip
WAITING_VIEWS = ("*.seg", "*.pack", "aside/*")  # not the salts: see database.LEFT_OUT


@dataclass(frozen=True)
class Made:
    backup: Backup
    written: int  # bytes
    deleted: list[str]


def make(*, with_secrets: bool = False, rotate: bool = True) -> Made:
    """A whole backup in BACKUP_DIR."""
    root = settings.BACKUP_DIR
    try:
        with alone(root):
            check_user()
            with folder.making(root, recipients(), datetime.now(UTC)) as making:
                facts = fill(making, with_secrets)
                backup = making.finish(facts)
            superfluous = delete_superfluous(root) if rotate else []
    except (BackupError, OSError) as error:
        note(ok=False, finished_at=datetime.now(UTC).isoformat(), error=str(error))
        raise
    note(
        ok=True, finished_at=datetime.now(UTC).isoformat(), bytes=backup.bytes, name=backup.name,
        error="", encrypted=bool(making.encrypted_to),
    )  # fmt: skip
    return Made(backup, making.written, superfluous)


def fill(making: Making, with_secrets: bool) -> dict:
    """Files before and after the database: what is deleted meanwhile is there, and what is added as well."""
    check_space(making)
    take_files(making)
    facts = database.dump(making)
    take_files(making)
    making.write(io.BytesIO(environment(with_secrets).encode()), SETTINGS)
    key = settings.DATA_DIR / SECRET_KEY
    if with_secrets and key.exists():
        making.take(key, SECRET_KEY)
    return {"portal": portal_version(), **facts}


def places() -> dict[str, Path]:
    """What is copied file by file: name in the backup, and folder of the site."""
    visits = {"visits": Path(settings.VISITS_SPOOL)}
    if settings.S3_BUCKET:
        return visits
    return {"media": Path(settings.MEDIA_ROOT), "originals": Path(settings.ORIGINALS_ROOT), **visits}


def stores() -> dict:
    """What is copied from S3-compatible storage."""
    return {"media": default_storage, "originals": storages["originals"]} if settings.S3_BUCKET else {}


def take_files(making: Making) -> None:
    for name, root in places().items():
        patterns = WAITING_VIEWS if name == "visits" else ["**/*"]
        for pattern in patterns:
            for path in root.glob(pattern):
                if path.is_file():
                    making.take(path, f"{name}/{path.relative_to(root)}")
    for name, storage in stores().items():
        for path, size, modified in storage.everything():
            making.take_by(
                partial(storage.open, path), f"{name}/{path}", size, int(modified.timestamp() * 1e9)
            )


def check_space(making: Making) -> None:
    """A backup that fills the disk would take the site down with it."""
    known = making.before.files if making.before else {}
    needed = database.size()
    for name, root in places().items():
        for path in root.rglob("*"):
            if path.is_file() and f"{name}/{path.relative_to(root)}" not in known:
                needed += path.stat().st_size
    for name, storage in stores().items():
        needed += sum(size for path, size, _time in storage.everything() if f"{name}/{path}" not in known)
    free = shutil.disk_usage(making.folder).free
    if free < needed * 1.1:
        raise BackupError(
            _("%(folder)s has %(free)s MB free, and the backup may need %(needed)s MB.")
            % {"folder": making.folder.parent, "free": free // 1024**2, "needed": needed // 1024**2}
        )


def environment(with_secrets: bool) -> str:
    """The settings as a file of NAME=VALUE, for a shell or a service manager."""
    lines = []
    for name in sorted(Environment.asked & set(Environment.ENVIRON)):
        if name in SECRETS and not with_secrets:
            lines.append(f"# {name} is set and was left out; --secrets takes it along.\n")
        else:
            lines.append(f"{name}={shlex.quote(Environment.ENVIRON[name])}\n")
    return "".join(lines)


def portal_version() -> str:
    return tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]


def recipients() -> list[str]:
    try:
        for name in settings.BACKUP_RECIPIENTS:
            pyrage.x25519.Recipient.from_str(name)
    except pyrage.RecipientError as error:
        raise BackupError(_("BACKUP_RECIPIENTS takes public keys of age (age1…): %s") % error) from error
    return sorted(settings.BACKUP_RECIPIENTS)


def delete_superfluous(root: Path) -> list[str]:
    zone = ZoneInfo(settings.TIME_ZONE)
    old = folder.superfluous(folder.all_in(root), *settings.BACKUP_KEEP, zone)
    for backup in old:
        # First no backup any more, then gone: one that is cut off while it goes is never taken for whole.
        shutil.rmtree(backup.folder.rename(backup.folder.with_suffix(folder.UNFINISHED)))
    return [backup.name for backup in old]


@contextmanager
def alone(root: Path):
    """One backup at a time; the kernel drops the lock with its process."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(_("Another backup or restore is under way.")) from None
        yield


def check_user() -> None:
    """Files that root makes for a site of somebody else could not be read by it."""
    owner = settings.DATA_DIR.stat().st_uid if settings.DATA_DIR.exists() else os.geteuid()
    if owner != os.geteuid():
        raise BackupError(_("Run this as the user to whom %s belongs.") % settings.DATA_DIR)


def note(**facts) -> None:
    """Adds to DATA_DIR/backup.json, which the status page reads."""
    path = settings.DATA_DIR / "backup.json"
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        known = {}
    new = path.with_suffix(".json.part")
    new.write_text(json.dumps(known | facts, indent=1, ensure_ascii=False) + "\n")
    new.replace(path)
