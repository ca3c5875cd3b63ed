"""Brings a site back from a backup. Safe to run again after it was cut off."""

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyrage
from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from articles.models import PageChange
from newsportal.audit.record import SERVER, Kind, record

from . import database, folder, making
from .folder import Backup, BackupError

MODES = {"media": 0o644, "originals": 0o600, "visits": 0o600}


@dataclass(frozen=True)
class Restored:
    files: int
    migrated: list[str]
    undo: str  # the backup made of what was replaced, if any
    deleted: int


def find(name: str) -> Backup:
    """A backup by its name in BACKUP_DIR, by its path, or the newest one."""
    if not name:
        backups = folder.all_in(settings.BACKUP_DIR)
        if not backups:
            raise BackupError(_("There is no backup in %s.") % settings.BACKUP_DIR)
        return backups[-1]
    path = Path(name) if "/" in name else settings.BACKUP_DIR / name
    if path.name.endswith(folder.UNFINISHED):
        raise BackupError(_("%s was never finished.") % path)
    return Backup(path.absolute())


def identities(file: str) -> list:
    """The secret keys in a file as age-keygen writes it."""
    if not file:
        return []
    try:
        lines = Path(file).read_text().splitlines()
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    except (OSError, pyrage.IdentityError) as error:
        raise BackupError(
            _("The key in %(file)s cannot be used: %(error)s") % {"file": file, "error": error}
        ) from error


def restore(
    backup: Backup, *, keys: list, replace: bool, keep_undo: bool = True, link: bool = False
) -> Restored:
    """With `link`, files of a plain backup are linked instead of copied: for a look at it, not for use."""
    making.check_user()
    check_release(backup)
    if backup.manifest["encrypted_to"] and not keys:
        raise BackupError(_("The backup is encrypted: give the file with the secret key by --identity."))
    has_news = database.has_news()
    if has_news and not replace:
        raise BackupError(
            _("The database holds news. --replace puts the backup in their place, after a backup of them.")
        )
    undo = making.make(rotate=False).backup.name if has_news and keep_undo else ""
    with making.alone(settings.BACKUP_DIR):
        files = put_files(backup, keys, link)
        put_database(backup, keys)
        deleted = delete_others(backup) if has_news else 0
    before = set(backup.manifest["migrations"])
    call_command("migrate", interactive=False, verbosity=0)
    record(Kind.SERVER, SERVER, backup.name, _("The site was restored from this backup."))
    # Sites that are running learn of it.
    PageChange.objects.create(mark=int.from_bytes(os.urandom(7)))
    with connection.cursor() as cursor:
        migrated = [name for name in database.migrations(cursor) if name not in before]
    return Restored(files, migrated, undo, deleted)


def check_release(backup: Backup) -> None:
    ours = MigrationLoader(None).disk_migrations
    unknown = [name for name in backup.manifest["migrations"] if tuple(name.split(".", 1)) not in ours]
    if unknown:
        raise BackupError(
            _("The backup is of a newer release, which has the migration %s: install that release first.")
            % unknown[0]
        )


def put_files(backup: Backup, keys: list, link: bool) -> int:
    count = 0
    places, stores = making.places(), making.stores()
    for file in backup.files.values():
        place, _slash, rest = file.path.partition("/")
        if place in stores:
            put_into(stores[place], rest, backup, file, keys)
            count += 1
        if place not in places:
            continue
        target = places[place] / rest
        if place == "visits" and target.exists():
            continue  # views that wait here, perhaps more of them by now
        target.parent.mkdir(mode=0o755 if place == "media" else 0o700, parents=True, exist_ok=True)
        if link and not keys:
            backup.check(file)
            os.link(backup.stored(file.path), target)
        else:
            backup.take_out(file, target, keys)
            target.chmod(MODES[place])
        count += 1
    return count


def put_into(storage, name: str, backup: Backup, file: folder.File, keys: list) -> None:
    """A name that is taken holds the same photo, or the file of the same attachment."""
    if storage.exists(name):
        return
    with TemporaryDirectory(dir=settings.DATA_DIR) as place:
        copy = Path(place, "file")
        backup.take_out(file, copy, keys)
        with copy.open("rb") as content:
            storage.put(name, File(content).chunks())


def put_database(backup: Backup, keys: list) -> None:
    dump = settings.DATA_DIR / f"{database.DUMP}{folder.UNFINISHED}"
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        dump.touch(mode=0o600)
        backup.take_out(backup.files[database.DUMP], dump, keys)
        database.load(dump, backup.manifest)
    finally:
        dump.unlink(missing_ok=True)
    database.compare_rows(backup.manifest)


def delete_others(backup: Backup) -> int:
    """Files that came after the backup: no row leads to them any more, but their addresses would."""
    count = 0
    for name, storage in making.stores().items():
        for path, _size, _time in list(storage.everything()):
            if f"{name}/{path}" not in backup.files:
                storage.delete(path)
                count += 1
    for name, root in making.places().items():
        for path in root.rglob("*") if name != "visits" else ():
            if path.is_file() and f"{name}/{path.relative_to(root)}" not in backup.files:
                path.unlink()
                count += 1
    return count
