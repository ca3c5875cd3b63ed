from smtplib import SMTPException

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from visitors import reports


class Command(BaseCommand):
    help = (
        "Sends the mails about visits that are due: for a timer, every hour. What was sent is not sent again."
    )

    def handle(self, **options):
        try:
            sent = reports.send_due(timezone.now())
        except (OSError, SMTPException) as error:
            raise CommandError(_("The mail server takes no mail: %s") % error) from error
        for subject in sent:
            self.stdout.write(subject)
        if not sent:
            self.stdout.write(_("Nothing is due."))
