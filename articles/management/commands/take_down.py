import re

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles import takedown
from articles.models import Article
from newsportal.audit.record import SERVER, Kind, record


class Command(BaseCommand):
    help = (
        "Takes a story out of kept copies while the database is away and the admin cannot be reached."
        " Without one, writes those of an outage into the audit log, as the nightly work does."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("story", nargs="?", help="its address, or its number")

    def handle(self, *, story, **options):
        if story is None:
            record_by_hand()
            return
        number = re.fullmatch(r"(?:.*-)?([0-9]+)/?", story)
        if number is None:
            raise CommandError(_("“%(story)s” is no address of a story.") % {"story": story})
        takedown.note_by_hand(int(number[1]))
        try:
            connection.ensure_connection()
        except OperationalError:
            pass
        else:
            record_by_hand()
            raise CommandError(
                _("The database answers, so readers still see this story. Withdraw it in the admin instead.")
            )
        self.stdout.write(
            _(
                "Readers no longer see it in kept copies. Withdraw it in the admin as soon as the database is back:"
                " until then it would be published again."
            )
        )


def record_by_hand() -> None:
    with takedown.unrecorded() as stories, transaction.atomic():
        headlines = dict(
            Article.objects.filter(pk__in=[id for id, _at in stories]).values_list("pk", "headline")
        )
        for id, at in stories:
            moment = date_format(timezone.localtime(at), "d/m/Y H:i")
            detail = _("Taken out of kept copies on the server, %(moment)s") % {"moment": moment}
            record(Kind.STORY, SERVER, Article(pk=id), detail, name=headlines.get(id, str(id)))
