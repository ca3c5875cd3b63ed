"""`manage.py backup`: makes one, lists them, or tries one out."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from newsportal.backups import folder, looking, making, restoring
from newsportal.backups.folder import BackupError


class Command(BaseCommand):
    help = "Backs the whole site up to BACKUP_DIR; `list` names the backups, `verify` restores one beside the site."

    def add_arguments(self, parser):
        parser.add_argument("action", nargs="?", choices=["make", "list", "verify"], default="make")
        parser.add_argument("name", nargs="?", default="", help="of the backup to verify; the newest one")
        parser.add_argument("--secrets", action="store_true", help="take SECRET_KEY and the like along")
        parser.add_argument("--identity", default="", help="file with the secret key of age, to verify")

    def handle(self, *, action, name, secrets, identity, **options):
        started = time.monotonic()
        try:
            if action == "make":
                self.make(secrets)
            elif action == "list":
                self.list()
            else:
                looking.drill(restoring.find(name), identity)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        if action != "list":
            self.stdout.write(_("Took %d seconds.") % (time.monotonic() - started))

    def make(self, secrets):
        made = making.make(with_secrets=secrets)
        self.stdout.write(
            _("Backup %(name)s: %(files)s files, %(all)s MB, of these %(new)s MB new.")
            % {
                "name": made.backup.folder,
                "files": len(made.backup.files),
                "all": made.backup.bytes // 1024**2,
                "new": made.written // 1024**2,
            }
        )
        if made.deleted:
            self.stdout.write(_("No longer kept: %s") % ", ".join(made.deleted))

    def list(self):
        for backup in folder.all_in(settings.BACKUP_DIR):
            self.stdout.write(f"{backup.name}  {backup.bytes // 1024**2:>8} MB")
