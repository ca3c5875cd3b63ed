from django.core.management.base import BaseCommand
from django.utils import timezone

from visitors import retention


class Command(BaseCommand):
    help = "Closes the days before today and removes figures past their time. The site does it every night."

    def handle(self, **options):
        for name, count in retention.close_days(timezone.localdate()).items():
            self.stdout.write(f"{name}: {count}")
