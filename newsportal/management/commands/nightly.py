"""What is to be done once a night; each job by itself, so that one that fails keeps no other from its work."""

import json
import logging
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

logger = logging.getLogger(__name__)

JOBS = [
    "ship_visits",
    "close_visit_days",
    "send_visit_reports",
    "send_notices",
    "take_down",  # those of an outage go into the audit log
    "clearsessions",
    "verify_audit_log",
]


class Command(BaseCommand):
    help = (
        "Does the nightly work and notes its outcome for the page of the system's status. Safe to run again."
    )

    def handle(self, **options):
        failed = []
        for job in JOBS:
            try:
                call_command(job, stdout=self.stdout, stderr=self.stderr)
            except Exception:
                logger.exception("The nightly job %s failed.", job)
                failed.append(job)
        told = {"finished_at": timezone.now().isoformat(), "ok": not failed, "failed": failed}
        path = Path(settings.DATA_DIR, "nightly.json")
        new = path.with_suffix(".json.new")
        new.write_text(json.dumps(told))
        new.replace(path)
        if failed:
            sys.exit(1)
