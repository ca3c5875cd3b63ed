import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from newsportal.health.checks import Level, findings

WORDS = {Level.OK: "OK", Level.WARNING: "!", Level.BROKEN: "X"}


class Command(BaseCommand):
    help = "Tells how the system is, and what to do. Ends with 0: well, 1: needs attention, 2: broken."
    requires_system_checks = ()

    def handle(self, **options):
        found, what_to_do = findings(), _("What to do")
        for name, finding in found.items():
            self.stdout.write(f"{WORDS[finding.level]:3}{name}: {finding.sentence}")
            if finding.advice:
                self.stdout.write(f"     {what_to_do}: {finding.advice}")
        if worst := max(finding.level for finding in found.values()):
            sys.exit(worst)
