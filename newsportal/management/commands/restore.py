"""`manage.py restore`: brings a site back from a backup."""

import argparse
import logging
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from newsportal.backups import looking, restoring
from newsportal.backups.folder import BackupError

from . import serve


class Command(BaseCommand):
    help = (
        "Restores a backup, the newest one unless named, migrates it to this release and looks at its pages."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="?", default="", help="in BACKUP_DIR, or a path with a /")
        parser.add_argument("--identity", default="", help="file with the secret key of age")
        parser.add_argument("--replace", action="store_true", help="although the database holds news")
        parser.add_argument("--no-undo", action="store_true", help="do not back up what is replaced")
        parser.add_argument("--drill", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *, name, identity, replace, no_undo, drill, **options):
        started = time.monotonic()
        try:
            backup = restoring.find(name)
            restored = restoring.restore(
                backup,
                keys=restoring.identities(identity),
                replace=replace,
                keep_undo=not no_undo,
                link=drill,
            )
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("Restored %(name)s: %(rows)s rows, %(files)s files, in %(seconds)d seconds.")
            % {
                "name": backup.name,
                "rows": sum(backup.manifest["rows"].values()),
                "files": restored.files,
                "seconds": time.monotonic() - started,
            }
        )
        if restored.migrated:
            self.stdout.write(_("Brought to this release by: %s") % ", ".join(restored.migrated))
        if restored.deleted:
            self.stdout.write(_("Files from after the backup that were deleted: %d") % restored.deleted)
        if restored.undo:
            self.stdout.write(_("To undo it: manage.py restore %s --replace") % restored.undo)
        serve.Command().collect_static_files()  # on a new machine there are none, and no page without them
        self.look()

    def look(self):
        logging.disable(logging.WARNING)  # threads that complain of a database which ends with this command
        seen = looking.look()
        self.stdout.write(
            _(
                "Looked at: %(pages)d pages of %(stories)d published stories; %(shown)d files that they show, %(photos)d of the library."
            )
            % {
                "pages": seen.pages,
                "stories": seen.stories,
                "shown": len(seen.files_of_pages),
                "photos": seen.photos,
            }
        )
        if seen.faults:
            raise CommandError(_("Not as it should be: %s") % "; ".join(seen.faults[:20]))
