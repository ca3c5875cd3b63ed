"""`manage.py export_static FOLDER`: the public site as files for a plain web server."""

import os
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from newsportal import mirror

SHOWN = 20  # addresses that are named


class Command(BaseCommand):
    help = (
        "Writes a copy of the public site into FOLDER, or brings the one there up to date. docs/operations.md"
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--processes", type=int, default=os.cpu_count(), help="that make pages; one a core"
        )

    def handle(self, *, folder, processes, **options):
        started = time.monotonic()
        os.umask(0o022)  # files and folders are readable for everybody, wherever they are copied to
        try:
            outcome = mirror.export(folder.absolute(), max(processes, 1))
        except (mirror.MirrorError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _(
                "%(pages)s pages, %(files)s files: %(written)s written, %(removed)s removed, in %(seconds)s seconds."
            )
            % {
                "pages": outcome.pages,
                "files": len(outcome.files),
                "written": outcome.written,
                "removed": outcome.removed,
                "seconds": round(time.monotonic() - started),
            }
        )
        for address in sorted(set(outcome.dead))[:SHOWN]:
            self.stdout.write(_("A link leads nowhere: %s") % address)
        if outcome.failed:
            for line in outcome.failed[:SHOWN]:
                self.stderr.write(line)
            raise CommandError(
                _("%s pages could not be made; theirs stay as they were, and nothing was removed.")
                % len(outcome.failed)
            )
