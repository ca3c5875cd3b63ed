from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from articles.models import Article


class Command(BaseCommand):
    help = "Makes the search documents of all stories anew, in batches; readers go on searching meanwhile."

    def add_arguments(self, parser):
        parser.add_argument(
            "--missing",
            action="store_true",
            help="only of stories of an earlier version, as after an upgrade",
        )

    def handle(self, *, missing, **options):
        articles = Article.objects.unready_for_search() if missing else Article.objects.all()
        self.stdout.write(_("Stories made ready for search: %(count)s.") % {"count": articles.index()})
