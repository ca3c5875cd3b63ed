"""Looks at a site that came back from a backup as readers would, and tries a backup out on a site made for it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.models import Article, Attachment, Photo

from . import making
from .folder import Backup, BackupError

STORIES = 100  # the newest, looked at one by one
MEDIA = re.compile(r"/media/[^\s\"'<>,)]+")
DRILL = "verify.part"  # cleared away by the next backup, should this process be killed


@dataclass
class Seen:
    stories: int = 0
    pages: int = 0
    photos: int = 0
    files_of_pages: set = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def look() -> Seen:
    """Home, feed, sitemap and the newest stories answer, and every file that they or the library name is there."""
    seen = Seen(stories=Article.objects.published().count())
    stories = Article.objects.published().select_related("section").order_by("-published_at")[:STORIES]
    addresses = [reverse("articles:home"), "/sitemap.xml", *(story.get_absolute_url() for story in stories)]
    known_host = next((name for name in settings.ALLOWED_HOSTS if name.strip("*.") == name), "localhost")
    client = Client(raise_request_exception=False, headers={"user-agent": "newsportal-verify-bot"})
    for address in addresses:
        answer = client.get(address, secure=settings.HTTPS, SERVER_NAME=known_host)
        content = b"".join(answer) if answer.streaming else answer.content
        seen.pages += 1
        if answer.status_code != 200:
            seen.faults.append(f"{address}: {answer.status_code}")
        seen.files_of_pages.update(MEDIA.findall(content.decode()))
    for name in sorted(seen.files_of_pages):
        path = Path(settings.MEDIA_ROOT, unquote(name.removeprefix(settings.MEDIA_URL).split("?")[0]))
        if not path.is_file():
            seen.faults.append(f"{name}: 404")
    for name in library_files():
        seen.photos += 1
        if not Path(settings.MEDIA_ROOT, name).is_file():
            seen.faults.append(f"{settings.MEDIA_URL}{name}: 404")
    return seen


def library_files() -> Iterator[str]:
    yield from Photo.objects.present().values_list("file", flat=True).iterator()
    yield from Attachment.objects.values_list("file", flat=True).iterator()


def drill(backup: Backup, identity_file: str) -> None:
    """Restores the backup into an embedded database and folders of its own, by the command that people use."""
    root = settings.BACKUP_DIR
    with making.alone(root):
        folder = root / DRILL
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        if settings.STATIC_ROOT.is_dir():
            (folder / "static").symlink_to(
                settings.STATIC_ROOT
            )  # those of this release: no need to collect them
        environment = {
            "DATA_DIR": str(folder), "BACKUP_DIR": str(folder / "backups"),
            "DATABASE_URL": "", "DATABASE_DIRECT_URL": "", "DATABASE_REPLICA_URL": "", "S3_BUCKET": "", "EMAIL_URL": "", "VISITS_SPOOL": "", "VISITS_SHIP_EVERY": "0",
        }  # fmt: skip
        command = [sys.executable, "manage.py", "restore", str(backup.folder), "--drill"]
        if identity_file:
            command += ["--identity", os.path.abspath(identity_file)]
        try:
            result = subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | environment)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if result.returncode:
        making.note(verify_error=backup.name)
        raise BackupError(_("The backup %s could not be restored.") % backup.name)
    making.note(verified_at=datetime.now(UTC).isoformat(), verified=backup.name, verify_error="")
