"""Who wrote what in a period, and what the rates make of it. Figures of readers are put in by visitors."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Q
from django.utils import timezone

from . import policy
from .models import Article, Author, Byline, RoyaltyRate, Section

Role, Genre, Status = Byline.Role, Article.Genre, Article.Status
# What a role stands for; who only signs with a name stands for all of it.
WITHOUT_WORDS = {Role.PHOTO}
WITH_PHOTOS = {Role.NAME_ONLY, Role.PHOTO, Role.TEXT_AND_PHOTO}


@dataclass
class Story:
    id: int
    headline: str
    section: str
    genre: str
    published_at: datetime
    is_withdrawn: bool
    words: int
    photos: int = 0
    views: int = 0


@dataclass
class Line:
    """A byline: what it counts and earns. Without an author, a story that nobody signs."""

    story: Story
    author: int | None = None
    name: str = ""
    role: str = ""
    amount: int = 0
    has_rate: bool = True

    @property
    def words(self) -> int:
        return 0 if self.role in WITHOUT_WORDS else self.story.words

    @property
    def photos(self) -> int:
        return self.story.photos if self.role in WITH_PHOTOS or not self.author else 0

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label) if self.role else ""

    @property
    def genre_label(self) -> str:
        return str(Genre(self.story.genre).label)


@dataclass
class Sums:
    """Of the lines of one author, or of all: a story, its words, photos and views count once."""

    author: int | None = None
    name: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def stories(self) -> int:
        return len({line.story.id for line in self.lines})

    @property
    def withdrawn(self) -> int:
        return len({line.story.id for line in self.lines if line.story.is_withdrawn})

    @property
    def words(self) -> int:
        return sum({line.story.id: line.words for line in self.lines if line.words}.values())

    @property
    def photos(self) -> int:
        return sum({line.story.id: line.photos for line in self.lines if line.photos}.values())

    @property
    def views(self) -> int:
        return sum({line.story.id: line.story.views for line in self.lines}.values())

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True)
class Wanted:
    """What the report is of; nothing chosen is everything."""

    start: date
    end: date
    section: Section | None = None
    author: Author | None = None
    role: str = ""
    genre: str = ""


def published_in(wanted: Wanted, user):
    """Stories that readers first saw in the period, in the sections of the person; withdrawn ones are among them."""
    began = timezone.make_aware(datetime.combine(wanted.start, time.min))
    ended = timezone.make_aware(datetime.combine(wanted.end + timedelta(days=1), time.min))
    now = timezone.now()
    stories = Article.objects.filter(
        Q(status=Status.PUBLISHED) | Q(status=Status.WITHDRAWN, published_at__lte=F("withdrawn_at")),
        Q(embargo_until=None) | Q(embargo_until__lte=now),
        next_of=None,
        published_at__gte=began,
        published_at__lt=min(ended, now),
    )
    sections = policy.sections_of(user)
    if sections is not None:
        stories = stories.filter(section__in=sections)
    if wanted.section:
        stories = stories.in_section(wanted.section)
    if wanted.genre:
        stories = stories.filter(genre=wanted.genre)
    return stories


def lines_of(wanted: Wanted, user) -> list[Line]:
    """Every byline of the period with its amount, the newest story first; four queries, however many."""
    found = published_in(wanted, user)
    rows = found.order_by("-published_at", "-id").values_list(
        "id", "headline", "section__name", "genre", "published_at", "status", "words"
    )
    stories = {
        id: Story(id, headline, section, genre, published_at, status == Status.WITHDRAWN, words)
        for id, headline, section, genre, published_at, status, words in rows
    }
    ids = found.order_by().values("id")
    photos = Article.photos.through.objects.filter(article__in=ids).values("article")
    for id, count in photos.annotate(count=Count("photo")).values_list("article", "count"):
        if id in stories:
            stories[id].photos = count
    signed = defaultdict(list)
    bylines = Byline.objects.filter(article__in=ids).order_by("order", "id")
    for id, role, author, name, unit in bylines.values_list(
        "article", "role", "author", "author__pen_name", "author__unit"
    ):
        if id in stories:
            signed[id].append(Line(stories[id], author, f"{name} ({unit})" if unit else name, role))
    rates = {(rate.genre, rate.role): rate for rate in RoyaltyRate.objects.all()}
    lines = []
    for id, story in stories.items():
        _pay(signed[id], rates)
        lines += signed[id] or [Line(story)]
    return [line for line in lines if _is_wanted(line, wanted)]


def _pay(lines: list[Line], rates: Mapping[tuple[str, str], RoyaltyRate]) -> None:
    """Those who sign one story in the same role share its amount; what does not divide goes to the first."""
    sharers = defaultdict(list)
    for line in lines:
        sharers[line.role].append(line)
    for role, sharing in sharers.items():
        story = sharing[0].story
        rate = rates.get((story.genre, role)) or rates.get(("", role))
        if rate is None:
            for line in sharing:
                line.has_rate = False
            continue
        amount = 0 if story.is_withdrawn else rate.per_story + rate.per_photo * sharing[0].photos
        share, rest = divmod(amount, len(sharing))
        for line in sharing:
            line.amount = share
        sharing[0].amount += rest


def _is_wanted(line: Line, wanted: Wanted) -> bool:
    return (not wanted.author or line.author == wanted.author.pk) and (
        not wanted.role or line.role == wanted.role
    )


def by_author(lines: list[Line]) -> list[Sums]:
    """One for each author, who is paid most first; last the stories that nobody signs."""
    groups: dict[int | None, Sums] = {}
    for line in lines:
        groups.setdefault(line.author, Sums(line.author, line.name)).lines.append(line)
    return sorted(
        groups.values(), key=lambda sums: (sums.author is None, -sums.amount, -sums.stories, sums.name)
    )
