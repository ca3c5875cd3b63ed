"""The desk, the admin's first page: what a person has to do, what comes and what came out. As few queries as may be."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Case, When
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from . import checking, policy
from .models import Article, HistoryEntry, Photo
from .people import person_name
from .readiness import Point

ROWS = 8
NOTICES = 4
OWN = 24  # of which the lists of drafts and of returned stories are made
DAYS = 7
SCHEDULED = 60
CHECKED = 40  # newest public stories that are looked through
PHOTOS_OF = timedelta(days=30)

Status = Article.Status


@dataclass(frozen=True)
class Row:
    """A line of a list: a story, who and when in `facts`, and why in `note`."""

    article: Article
    facts: list[str]
    note: str = ""
    state: str = ""
    points: list[Point] = field(default_factory=list)

    @property
    def url(self) -> str:
        return reverse("admin:articles_article_change", args=[self.article.pk])


@dataclass(frozen=True)
class Day:
    """A day of the calendar with what comes out on it."""

    day: date
    is_today: bool
    rows: list[Row]


def lists(user) -> dict:
    """What the page shows to the person, in 13 queries however many stories there are."""
    light = Article.objects.select_related("section", "created_by").defer(
        "body_html", "body_text", "folded", "search_document"
    )
    rows = light.defer("body")
    own = _own(user, rows)
    waiting = list(policy.waiting_for(user, light).order_by("modified_at")[:ROWS])
    returned = [article for article in own if article.status == Status.RETURNED][:ROWS]
    steps = _steps_of([*waiting, *returned])
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    out_today = policy.visible(user, rows.published()).filter(published_at__gte=midnight)
    return {
        "mine": [
            Row(article, [str(article.section), _moment(article.modified_at)], state=article.state)
            for article in own
            if article.status != Status.RETURNED
        ][:ROWS],
        "waiting": [_with_step(article, steps, "submit") for article in waiting],
        "may_review": user.has_perm("articles.review_article") or policy.may_publish(user),
        "returned": [_with_step(article, steps, "return") for article in returned],
        "week": _week(user, rows, midnight),
        "out_today": [Row(article, _who_and(article, article.published_at)) for article in out_today[:ROWS]],
        "to_mend": _to_mend(user, light, waiting, now),
        "photos": _photos_without_captions(user, now),
    }


def _own(user, rows) -> list[Article]:
    """The returned ones first, lest new drafts push them out."""
    returned_first = Case(When(status=Status.RETURNED, then=0), default=1)
    own = rows.filter(created_by=user, status__in=Article.UNDER_WAY)
    return list(own.order_by(returned_first, "-modified_at")[:OWN])


def _steps_of(articles: list[Article]) -> dict[tuple[int, str], HistoryEntry]:
    """The last submission and the last return of each."""
    entries = HistoryEntry.objects.filter(
        story_id__in={article.root_id for article in articles}, step__in=("submit", "return")
    )
    return {(entry.story_id, entry.step): entry for entry in entries.order_by("at", "id")}


def _with_step(article: Article, steps, name: str) -> Row:
    entry = steps.get((article.root_id, name))
    if entry is None:
        return Row(article, _who_and(article, article.modified_at))
    return Row(article, [str(article.section), entry.person, _moment(entry.at)], entry.reason)


def _week(user, rows, midnight: datetime) -> list[Day]:
    """Seven days from today, each with what comes out on it."""
    end = midnight + timedelta(days=DAYS)
    comes = policy.visible(user, rows.scheduled()).filter(published_at__lt=end).order_by("published_at")
    days: dict[date, list[Row]] = {(midnight + timedelta(days=n)).date(): [] for n in range(DAYS)}
    for article in sorted(comes[:SCHEDULED], key=lambda article: article.visible_from):
        at = timezone.localtime(article.visible_from)
        if at.date() in days:
            days[at.date()].append(Row(article, [str(article.section)], state=date_format(at, "TIME_FORMAT")))
    return [Day(day, day == midnight.date(), found) for day, found in days.items()]


def _to_mend(user, light, waiting: list[Article], now: datetime) -> list[Row]:
    """What waits for the person and what came out in the last days, where a check finds something."""
    public = policy.cared_for(user, light.published()).filter(published_at__gte=now - timedelta(days=DAYS))
    articles = [*waiting, *public[:CHECKED]]
    found = [
        Row(article, [checking.summary(points)], points[0].sentence, article.state, points)
        for article, points in zip(articles, checking.points_of(articles), strict=True)
        if points
    ]
    return sorted(found, key=lambda row: not row.points[0].blocks)[:ROWS]


def _photos_without_captions(user, now: datetime) -> list[Photo]:
    """Of the library, in stories that readers see and that came out lately."""
    if not user.has_perm("articles.change_photo"):
        return []
    public = policy.cared_for(user, Article.objects.published()).filter(published_at__gte=now - PHOTOS_OF)
    shown = Article.photos.through.objects.filter(article__in=public.order_by().values("pk"))
    return list(
        Photo.objects.present().filter(caption="", is_decorative=False, pk__in=shown.values("photo"))[:ROWS]
    )


def _who_and(article: Article, at: datetime) -> list[str]:
    who = [person_name(article.created_by)] if article.created_by else []
    return [str(article.section), *who, _moment(at)]


def _moment(at: datetime) -> str:
    """Today the time, else the day with it."""
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return date_format(local, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")
