from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from articles import notices


class Command(BaseCommand):
    help = (
        "Sends the mails about stories that wait: for a timer, such as every five minutes. Each is sent once."
    )

    def handle(self, **options):
        sent, failed = notices.send_waiting()
        self.stdout.write(_("Mails sent: %(count)s") % {"count": sent})
        if failed:
            raise CommandError(_("The mail server did not take %(count)s mails.") % {"count": failed})
