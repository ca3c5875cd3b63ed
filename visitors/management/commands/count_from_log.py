import signal
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from visitors.counter import counter
from visitors.views_log import Follower


class Command(BaseCommand):
    help = "Counts the views that nginx answers from its cache, out of its log. Runs until it is ended."

    def handle(self, **options):
        if settings.VISITS_LOG is None:
            raise CommandError(_("VISITS_LOG names no folder: nginx answers nothing by itself."))
        follower = Follower(settings.VISITS_LOG, counter())
        if not follower.take():
            raise CommandError(_("The log %s is being followed already.") % settings.VISITS_LOG)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        follower.follow()
