"""For whoever can reach the server: lets a person into the admin again, whatever was lost."""

import logging

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from newsportal.access import passwords, sessions
from newsportal.audit.record import SERVER, Kind, record

from .serve import random_password

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Removes a person's second factor and ends all sessions; with --password, sets a random password, too."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--password", action="store_true", help="set a random password and print it")

    def handle(self, *, username, password, **options):
        try:
            user = User.objects.get(username=username)
        except User.DoesNotExist:
            raise CommandError(_("There is no account “%s”.") % username) from None
        with transaction.atomic():
            sessions.remove_second_factor(user)
            message = _("Second step removed by the server's command line.")
            if password:
                new = random_password()
                user.set_password(new)
                user.save(update_fields=["password"])
                passwords.note_given(user)
                message = _("Second step removed and password set by the server's command line.")
            LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message=message, single_object=True)
            record(Kind.RESTORE_ACCESS, SERVER, user, message)
        logger.warning("restore_access was used for the account %s.", username)
        if password:
            self.stdout.write(
                _("New password of %(username)s: %(password)s") % {"username": username, "password": new}
            )
        self.stdout.write(_("%s sets up the second step at the next login.") % username)
        if not user.is_active or not user.is_staff:
            self.stdout.write(_("The account is locked or not of staff: an administrator must open it."))
