from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from articles.demo import loader
from articles.demo.photos import WIDTH
from articles.fold import fold
from articles.models import Article, Author, Photo, Section, Topic
from newsportal.audit.record import SERVER, Kind, record
from visitors import demo
from visitors.models import Day


class Command(BaseCommand):
    help = "Loads the demo news; with --reset it replaces all the news there is. Accounts are never touched."

    def add_arguments(self, parser):
        parser.add_argument(
            "--reset", action="store_true", help="remove the news of the site first, after asking"
        )
        parser.add_argument("--noinput", "--no-input", action="store_true", help="do not ask")
        parser.add_argument("--photo-width", type=int, default=WIDTH, help="of the drawn photos, in pixels")

    def handle(self, *, reset, noinput, photo_width, **options):
        if reset and not noinput:
            self.ask()
        if not reset and Article.objects.exists():
            raise CommandError(
                _("The site holds news already. Use --reset to replace all of it by the demo news.")
            )
        self.stdout.write(_("Loading the demo news and drawing its photos…"))
        try:
            with transaction.atomic():
                if reset:
                    record(Kind.SERVER, SERVER, "load_demo", "--reset")
                    loader.clear()
                loader.load(photo_width=photo_width)
                if not Day.objects.exists():
                    demo.load()
        except (OSError, OperationalError) as error:  # such as a full disk
            reason = " ".join(str(error).split())
            raise CommandError(
                _("The demo news could not be stored, and nothing was changed: %s") % reason
            ) from error
        counts = {
            "stories": Article.objects.count(),
            "photos": Photo.objects.count(),
            "sections": Section.objects.count(),
            "topics": Topic.objects.count(),
            "authors": Author.objects.count(),
        }
        self.stdout.write(
            _(
                "Loaded: %(stories)s stories, %(photos)s photos, %(sections)s sections, %(topics)s topics "
                "and %(authors)s authors."
            )
            % counts
        )

    def ask(self):
        yes = pgettext("typed to confirm", "yes")
        question = _(
            "This removes all stories, photos, sections, topics, authors, links and pages "
            "of the site. Accounts and visit figures stay. Type “%(yes)s” to go on: "
        )
        try:
            answer = input(question % {"yes": yes})
        except EOFError:
            answer = ""
        if fold(answer.strip()) != fold(yes):
            raise CommandError(_("Nothing was changed."))
