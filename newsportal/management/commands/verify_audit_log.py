from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from newsportal.audit.chain import holds, verify


class Command(BaseCommand):
    help = "Checks the whole chain of the audit log and names the first broken entry."

    def add_arguments(self, parser):
        parser.add_argument(
            "--head", metavar="NUMBER:HASH", help="an entry noted down earlier must still be there"
        )

    def handle(self, *, head, **options):
        try:
            is_kept = head is None or holds(head)
        except ValueError:
            raise CommandError(_("--head takes NUMBER:HASH, as this command prints it.")) from None
        chain = verify()
        if chain.broken_at:
            raise CommandError(_("The chain is broken at entry %s.") % chain.broken_at)
        if not is_kept:
            raise CommandError(_("The entry %s is no longer in the log: it was written anew.") % head)
        self.stdout.write(
            _("The chain holds: %(count)s entries, head %(number)s:%(hash)s")
            % {"count": chain.checked, "number": chain.head[0], "hash": chain.head[1]}
        )
