"""Finds published stories for the search page, in bounded time however many match."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import OperationalError, connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Floor, Sqrt
from django.utils import timezone
from psycopg2.errors import QueryCanceled

from . import search
from .models import Article, Author, Byline, Section

COUNTED = 1000  # matches; beyond, the page says "more than"
RANKED = 300  # the newest matches; ranking reads the whole document of each
TIMEOUT = "2s"
HEADLINES = 500  # from which the nearest spelling comes
EARLIEST = 1900


class TooSlow(Exception):
    """The database was stopped at this search."""


@dataclass(frozen=True)
class Filters:
    section: Section | None = None
    author: Author | None = None
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return any((self.section, self.author, self.since, self.until))

    def narrow(self, articles: QuerySet) -> QuerySet:
        if self.section:
            articles = articles.in_section(self.section)
        if self.author:
            articles = articles.filter(pk__in=Byline.objects.filter(author=self.author).values("article"))
        if self.since:
            articles = articles.filter(published_at__gte=_midnight(self.since))
        if self.until:
            articles = articles.filter(published_at__lt=_midnight(self.until + timedelta(days=1)))
        return articles


class Lexemes(SearchQuery):
    """A query in PostgreSQL's own notation, whose words no configuration changes."""

    template = "(%(expressions)s)::tsquery"

    def __init__(self, text: str):
        super().__init__(text, search_type="raw")


def find(query: search.Query, filters: Filters, *, newest_first: bool) -> list[int]:
    """Ids of the matching stories, best first; COUNTED + 1 of them stand for more. Raises TooSlow."""
    if not query.terms:
        return []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [TIMEOUT])
            matching = filters.narrow(Article.objects.in_language().published()).filter(
                search_document=Lexemes(query.matching())
            )
            ids = list(matching.order_by("-published_at", "-id").values_list("pk", flat=True)[: COUNTED + 1])
            if newest_first or len(ids) < 2:
                return ids
            return [*_best_first(query, ids[:RANKED]), *ids[RANKED:]]
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def stories(ids: list[int], query: search.Query) -> list[Article]:
    """The stories of a page in this order, with their found words marked."""
    cards = Article.objects.published().for_card().annotate(text=F("body_text")).in_bulk(ids)
    found = [cards[id] for id in ids if id in cards]
    for article in found:
        article.marked_headline = search.marked(article.headline, query)
        text = f"{article.lead}\n{article.text}".strip()
        article.excerpt = search.marked(text, query, length=search.EXCERPT)
    return found


def nearest(query: search.Query) -> str:
    """Another spelling that does find something; empty where none is near."""
    headlines = Article.objects.in_language().published().order_by("-published_at", "-id")
    text = search.nearest(query, headlines.values_list("headline", flat=True)[:HEADLINES])
    return text if text and find(search.parse(text), Filters(), newest_first=True) else ""


def filters_from(values, sections: list[Section]) -> Filters:
    """What of a query string can be used; the rest is as if it were not there."""
    every = [below for section in sections for below in (section, *section.subsections)]
    slug = values.get("author", "")[:120].replace("\x00", "")
    return Filters(
        section=next((section for section in every if section.slug == values.get("section")), None),
        author=Author.objects.filter(slug=slug).first() if slug else None,
        since=_day(values.get("from", ""), month=1, day=1),
        until=_day(values.get("to", ""), month=12, day=31),
    )


def _best_first(query: search.Query, ids: list[int]) -> list[int]:
    order = [_place(query, exact=False).desc()]
    if query.has_marks:
        order.insert(0, _place(query, exact=True).desc())
    # In steps, so that of two that say it about as often the newer one comes first.
    often = Floor(Sqrt(SearchRank(F("search_document"), Lexemes(query.with_all()))) * 10)
    ranked = Article.objects.filter(pk__in=ids).order_by(*order, often.desc(), "-published_at", "-id")
    return list(ranked.values_list("pk", flat=True))


def _place(query: search.Query, *, exact: bool) -> Case:
    """Where the words stand: A is the headline, B kicker and lead, C what surrounds them, D the text."""
    places = [
        (5, query.as_phrase("A", exact=exact)),
        (4, query.as_phrase("ABC", exact=exact)),
        (3, query.with_all("A", exact=exact)),
        (2, query.as_phrase(exact=exact)),
        (1, query.with_all("ABC", exact=exact)),
        (0, query.with_all(exact=exact)),
    ]
    cases = [When(Q(search_document=Lexemes(text)), then=Value(value)) for value, text in places]
    return Case(*cases, default=Value(-1))


def _day(text: str, *, month: int, day: int) -> date | None:
    """A day as 2026-11-25 or 25/11/2026; of a year alone its first or last one."""
    text = text.strip()
    try:
        if len(text) == 4 and text.isdecimal():
            found = date(int(text), month, day)
        elif "/" in text:
            found = datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007
        else:
            found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found.year < 9999 else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
