"""A backup on the disk: a folder of plain files and a manifest, under another name until it is whole.

Knows no database. A file that the backup before this one has already is the same file there (a hard link), so a
day costs what is new of that day, and each backup can still be read, copied or deleted by itself.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path, PurePosixPath

import pyrage
from django.utils.translation import gettext as _

FORMAT = 1
MANIFEST = "manifest.json"
NAME = "%Y-%m-%dT%H-%M-%SZ"
IS_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ")
UNFINISHED = ".part"
ENCRYPTED = ".age"
PIECE = 1024 * 1024  # bytes


class BackupError(Exception):
    """Why a backup cannot be made or used, in one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class File:
    path: str  # such as media/photos/ab/….jpg
    size: int  # of the original, in bytes
    modified: int  # likewise, in nanoseconds
    stored: int  # bytes in the backup: an encrypted file is a little larger
    sha256: str  # of the bytes in the backup, so that a check needs no key


class Backup:
    """A finished backup."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def made_at(self) -> datetime:
        return datetime.strptime(self.name, NAME).replace(tzinfo=UTC)

    @cached_property
    def manifest(self) -> dict:
        try:
            manifest = json.loads((self.folder / MANIFEST).read_bytes())
        except (OSError, ValueError) as error:
            raise BackupError(
                _("%(folder)s is no backup: %(error)s") % {"folder": self.folder, "error": error}
            ) from error
        if manifest["format"] != FORMAT:
            raise BackupError(_("%s was made by a newer release.") % self.folder)
        return manifest

    @cached_property
    def files(self) -> dict[str, File]:
        files = {file[0]: File(*file) for file in self.manifest["files"]}
        for path in files:
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise BackupError(
                    _("%(folder)s is no backup: %(error)s") % {"folder": self.folder, "error": path}
                )
        return files

    @property
    def bytes(self) -> int:
        return sum(file.stored for file in self.files.values())

    def stored(self, path: str) -> Path:
        return self.folder / (path + ENCRYPTED if self.manifest["encrypted_to"] else path)

    def take_out(self, file: File, target: Path, identities: list) -> None:
        """Writes the file to `target`; nothing is left there where its bytes are not those of the backup."""
        part = target.with_name(f".{target.name}{UNFINISHED}")
        try:
            with self.stored(file.path).open("rb") as source, part.open("wb") as copy:
                if identities:
                    reader = _Hashed(source)
                    pyrage.decrypt_io(reader, copy, identities)
                    reader.read_to_end()
                else:
                    reader = _Hashed(source)
                    shutil.copyfileobj(reader, copy, PIECE)
            self._compare(file, reader)
            os.utime(part, ns=(file.modified, file.modified))
            part.replace(target)
        except (OSError, pyrage.DecryptError) as error:
            raise BackupError(
                _("%(path)s of the backup cannot be read: %(error)s") % {"path": file.path, "error": error}
            ) from error
        finally:
            part.unlink(missing_ok=True)

    def check(self, file: File) -> None:
        try:
            with self.stored(file.path).open("rb") as source:
                reader = _Hashed(source)
                reader.read_to_end()
        except OSError as error:
            raise BackupError(
                _("%(path)s of the backup cannot be read: %(error)s") % {"path": file.path, "error": error}
            ) from error
        self._compare(file, reader)

    def _compare(self, file: File, reader: "_Hashed") -> None:
        if reader.sha256.hexdigest() != file.sha256:
            raise BackupError(
                _("%(path)s of the backup %(name)s is damaged: other bytes than when it was made.")
                % {"path": file.path, "name": self.name}
            )


class _Hashed:
    """What is read from, or written to, a file, with its hash on the way."""

    def __init__(self, file):
        self.file, self.sha256, self.count = file, hashlib.sha256(), 0

    def read(self, size=-1) -> bytes:
        return self._note(self.file.read(size))

    def write(self, piece: bytes) -> int:
        return self.file.write(self._note(piece))

    def flush(self) -> None:
        self.file.flush()

    def read_to_end(self) -> None:
        while self.read(PIECE):
            pass

    def _note(self, piece: bytes) -> bytes:
        self.sha256.update(piece)
        self.count += len(piece)
        return piece


class Making:
    """A backup that is being made."""

    def __init__(self, folder: Path, encrypted_to: list[str], before: Backup | None):
        self.folder = folder
        self.encrypted_to = encrypted_to
        # Of other recipients, nothing can be taken over.
        self.before = before if before and before.manifest["encrypted_to"] == encrypted_to else None
        self.files: dict[str, File] = {}
        self.written = 0  # bytes that were new

    def take(self, source: Path, path: str) -> None:
        """Takes a file of the site in; one that is gone meanwhile, or stands here unchanged, is passed over."""
        with suppress(FileNotFoundError):
            found = source.stat()
            self.take_by(partial(source.open, "rb"), path, found.st_size, found.st_mtime_ns)

    def take_by(self, open_file: Callable, path: str, size: int, modified: int) -> None:
        """The same for a file of any place; `modified` in nanoseconds."""
        known = self.files.get(path)
        if known and (known.size, known.modified) == (size, modified):
            return
        known = self.before and self.before.files.get(path)
        if known and (known.size, known.modified) == (size, modified) and self._link(known):
            self.files[path] = known
            return
        with suppress(FileNotFoundError), open_file() as file:
            self.write(file, path, size=size, modified=modified)

    def write(self, reader, path: str, *, size: int = 0, modified: int = 0) -> File:
        target = self._target(path)
        with target.open("wb") as file:
            target.chmod(0o600)
            writer = _Hashed(file)
            if self.encrypted_to:
                pyrage.encrypt_io(
                    reader, writer, [pyrage.x25519.Recipient.from_str(name) for name in self.encrypted_to]
                )
            else:
                shutil.copyfileobj(reader, writer, PIECE)
        self.files[path] = File(path, size, modified, writer.count, writer.sha256.hexdigest())
        self.written += writer.count
        return self.files[path]

    def finish(self, facts: dict) -> Backup:
        """From the renaming on it is a backup; whatever ends the process before leaves none."""
        manifest = {
            "format": FORMAT, "encrypted_to": self.encrypted_to, **facts,
            "files": [astuple(file) for file in self.files.values()],
        }  # fmt: skip
        (self.folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False))
        (self.folder / MANIFEST).chmod(0o600)
        os.sync()
        return Backup(self.folder.rename(self.folder.with_suffix("")))

    def _link(self, known: File) -> bool:
        source = self.before.stored(known.path)
        try:
            if source.stat().st_size != known.stored:
                return False
            os.link(source, self._target(known.path))
        except OSError:  # a file of another disk, one with too many names, or none any more
            return False
        return True

    def _target(self, path: str) -> Path:
        target = self.folder / (path + ENCRYPTED if self.encrypted_to else path)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # never through a link into the backup before
        return target


def all_in(root: Path) -> list[Backup]:
    """The finished backups, oldest first."""
    folders = sorted(root.iterdir()) if root.is_dir() else []
    return [Backup(path) for path in folders if IS_NAME.fullmatch(path.name) and (path / MANIFEST).is_file()]


@contextmanager
def making(root: Path, encrypted_to: list[str], now: datetime) -> Iterator[Making]:
    """A new backup beside the others; what a killed process left is cleared away first, and so is this one if it fails."""
    for left in root.glob(f"*{UNFINISHED}"):
        if left.is_dir() and not left.is_symlink():  # a file, or a link, is somebody else's
            shutil.rmtree(left)
    folder = root / (now.strftime(NAME) + UNFINISHED)
    folder.mkdir(mode=0o700)
    others = all_in(root)
    try:
        yield Making(folder, encrypted_to, others[-1] if others else None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def superfluous(backups: list[Backup], days: int, weeks: int, months: int, zone) -> list[Backup]:
    """All but those of the last 24 hours and the newest of each of the last so many days, weeks and months that have one."""
    kept = {backup for backup in backups if backups[-1].made_at - backup.made_at < timedelta(days=1)}
    for count, period in (days, "%Y-%j"), (weeks, "%G-%V"), (months, "%Y-%m"):
        newest = {backup.made_at.astimezone(zone).strftime(period): backup for backup in backups}
        kept.update(list(newest.values())[-count:] if count else [])
    return [backup for backup in backups if backup not in kept]
