from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from visitors.counter import counter
from visitors.models import Gap, Source


class Command(BaseCommand):
    help = "Stores the views that wait in this machine's spool, and tells how things stand. Safe at any time."

    def add_arguments(self, parser):
        parser.add_argument("--state", action="store_true", help="only tell how things stand")

    def handle(self, *, state, **options):
        try:
            if not state:
                self.ship()
            self.tell_state()
        except OperationalError as error:
            reason = " ".join(str(error).split())
            raise CommandError(_("The views wait; the database cannot be used: %s") % reason) from error

    def ship(self):
        stored = counter().ship()
        if stored is None:
            self.stdout.write(_("The running site ships its views by itself."))
        else:
            self.stdout.write(_("Views stored: %s") % stored)

    def tell_state(self):
        depot = counter().shipper.depot
        self.stdout.write(
            _("Waiting in %(folder)s: %(files)s files, %(bytes)s bytes")
            % {"folder": settings.VISITS_SPOOL, "files": len(depot.waiting()), "bytes": depot.size()}
        )
        newest = Source.objects.order_by("-shipped_at").first()
        shipped_at = newest and date_format(timezone.localtime(newest.shipped_at), "H:i:s d/m/Y")
        self.stdout.write(_("Stored last: %s") % (shipped_at or _("never")))
        self.stdout.write(_("Gaps in the figures: %s") % Gap.objects.count())
        for gap in Gap.objects.all()[:5]:
            self.stdout.write(f"  {gap}")
