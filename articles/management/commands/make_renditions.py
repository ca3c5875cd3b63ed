from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from articles.models import Photo


class Command(BaseCommand):
    help = (
        "Makes the files that photos of an earlier version lack, and deletes what killed uploads left behind."
    )

    def handle(self, **options):
        for photo in Photo.objects.outdated().order_by("-pk").iterator():
            try:
                photo.make_renditions()
            except OSError as error:  # its file is lost or broken; the others go on
                self.stderr.write(
                    _("Photo %(id)s cannot be read: %(reason)s") % {"id": photo.pk, "reason": error}
                )
        Photo.objects.delete_abandoned()
