import re

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from articles import takedown


class Command(BaseCommand):
    help = "Takes a story out of kept copies while the database is away and the admin cannot be reached."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("story", help="its address, or its number")

    def handle(self, *, story, **options):
        number = re.fullmatch(r"(?:.*-)?([0-9]+)/?", story)
        if number is None:
            raise CommandError(_("“%(story)s” is no address of a story.") % {"story": story})
        takedown.note(takedown.mark_of_story(int(number[1])))
        try:
            connection.ensure_connection()
        except OperationalError:
            pass
        else:
            raise CommandError(
                _("The database answers, so readers still see this story. Withdraw it in the admin instead.")
            )
        self.stdout.write(
            _(
                "Readers no longer see it in kept copies. Withdraw it in the admin as soon as the database is back:"
                " until then it would be published again."
            )
        )
