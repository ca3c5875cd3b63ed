import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from articles.demo import many
from articles.models import Article

TOLD_EVERY = 50_000


class Command(BaseCommand):
    help = "Makes up any number of stories of twenty years, to try the portal at that size; never for a site with readers."

    def add_arguments(self, parser):
        parser.add_argument("count", type=int, help="how many stories")
        parser.add_argument("--add", action="store_true", help="put them beside the news that is there")

    def handle(self, *, count, add, **options):
        if count < 1:
            raise CommandError(_("At least one story has to be made."))
        if not add and Article.objects.exists():
            raise CommandError(
                _("The site holds news already. Made-up stories are put beside it with --add only.")
            )
        began = time.monotonic()
        many.make(count, self.tell)
        many.tidy()
        self.stdout.write(
            _("Stories made: %(count)s, in %(seconds)s seconds.")
            % {"count": count, "seconds": round(time.monotonic() - began)}
        )

    def tell(self, done):
        if done % TOLD_EVERY == 0:
            self.stdout.write(_("Stories made: %(count)s") % {"count": done})
