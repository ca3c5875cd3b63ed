"""Finds published stories for the search page, in bounded time however many match."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.postgres.search import SearchQuery
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet, Value
from django.utils import timezone
from psycopg2.errors import QueryCanceled

from newsportal import replica

from . import search
from .models import Article, Author, Section

COUNTED = 1000  # matches; beyond, the page says "more than"
RANKED = 300  # the newest matches; ranking reads the whole document of each
TIMEOUT = "2s"
# Nothing is asked of other processes, which would mix up the order of time. The memory is for the places of a word
# that stands in most stories.
LIMITS = (
    "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', '32MB', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)
# The sum unpacks a document once for all that is asked of it; OFFSET keeps the planner from asking it each time.
WHEN = "WHEN document @@ %s::tsquery THEN %s"
RANKING = """
SELECT id FROM (
    SELECT id, published_at, search_document || ''::tsvector AS document
    FROM articles_article WHERE id = ANY(%s) OFFSET 0
) AS found
ORDER BY {orders}, floor(sqrt(ts_rank(document, %s::tsquery)) * 10) DESC, published_at DESC, id DESC
"""
# Each span looks up all words: what hardly occurs in the last days and months is looked up in all years at once.
LATEST_SPANS, FEW = 2, 15
SOME_SPAN = "?"  # stands for a span in the query as it is written
BEGUN = 300  # stories
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

    def marks(self) -> str:
        """All but the days, for the index of documents."""
        wanted = []
        if self.section:
            family = (self.section, *self.section.subsections)
            wanted.append([search.section_mark(section.pk) for section in family])
        if self.author:
            wanted.append([search.author_mark(self.author.pk)])
        return "".join(f" & ({search.any_of(marks)})" for marks in wanted)


class Lexemes(SearchQuery):
    """A query in PostgreSQL's own notation, whose words no configuration changes."""

    template = "(%(expressions)s)::tsquery"

    def __init__(self, text: str):
        super().__init__(text, search_type="raw")


@dataclass(frozen=True)
class Found:
    """Ids of the matching stories, best first; `has_more` where those were not looked up."""

    ids: list[int] = field(default_factory=list)
    has_more: bool = False


def find(query: search.Query, filters: Filters, *, newest_first: bool) -> Found:
    """The newest matches, of which the newest are put in order. Raises TooSlow.

    Days are marks in the documents, as is all that filters ask for: the index alone tells which stories to look at,
    and the database goes back in time no further than it must.
    """
    if not query.terms:
        return Found()
    most = RANKED if query.is_read_for else COUNTED
    with _in_time() as cursor:
        ids = _newest_matching(cursor, query.matching() + filters.marks(), filters, most + 1)
        more, ids = len(ids) > most, ids[:most]
        if newest_first or len(ids) < 2:
            return Found(ids, more)
        return Found([*_best_first(cursor, query, ids[:RANKED]), *ids[RANKED:]], more)


def for_staff(text: str, most: int = COUNTED) -> set[int]:
    """Ids of stories in whatever state with these words; in those changed last the last word may be a begun one."""
    query = search.parse(text)
    if not query.terms:
        return set()
    status, latest = Article.Status.PUBLISHED, Article.objects.order_by("-modified_at", "-id").values("pk")
    found = set(Article.objects.filter(pk__in=latest[:BEGUN]).matching(text, is_typing=True).values_list("pk", flat=True))  # fmt: skip
    try:
        with _in_time() as cursor:
            spans = list(_spans(query.matching(), None, None))
            found.update(_newest(cursor, Article.objects.filter(status=status), spans, most))
            unseen = Article.objects.exclude(status=status).filter(search_document=Lexemes(query.matching()))
            found.update(unseen.order_by("-pk").values_list("pk", flat=True)[:most])
    except TooSlow:
        pass  # what was changed last is there
    return found


@contextmanager
def _in_time() -> Iterator:
    try:
        connection = replica.connection()
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute(LIMITS, [TIMEOUT])
            yield cursor
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def _newest_matching(cursor, text: str, filters: Filters, most: int) -> list[int]:
    stories = Article.objects.in_language().published()
    spans = list(_spans(text, filters.since, filters.until))
    ids = _newest(cursor, stories, spans[:LATEST_SPANS], most)
    if len(ids) <= FEW and not (filters.since or filters.until):
        return _newest(cursor, stories, [text], most)
    return ids + _newest(cursor, stories, spans[LATEST_SPANS:], most - len(ids))


def _newest(cursor, stories: QuerySet, spans: list[str], most: int) -> list[int]:
    """The matching ones of the spans, one after the other until there are enough."""
    if not spans or most < 1:
        return []
    # Written once for all spans: Django takes longer over a union of them than PostgreSQL over its answer.
    of_span = stories.filter(search_document=Lexemes(SOME_SPAN)).order_by(_by_time().desc(), "-pk")
    sql, marked = (
        of_span.values_list("pk", "published_at")[:most].query.get_compiler(cursor.db.alias).as_sql()
    )
    values = [span if value == SOME_SPAN else value for span in spans for value in marked]
    each = " UNION ALL ".join([f"({sql})"] * len(spans))
    cursor.execute(f"SELECT * FROM ({each}) AS found LIMIT {most}", values)  # noqa: S608 - Django's words
    return [id for id, _at in sorted(cursor.fetchall(), key=lambda row: (row[1], row[0]), reverse=True)]


def _by_time():
    """By a sum, since the index on the time of publication would be read for its order, and each text with it."""
    return F("published_at") + Value(timedelta())


def _spans(text: str, since: date | None, until: date | None) -> Iterator[str]:
    """The query for some days, some months, some years and all before, the newest first."""
    today = timezone.localdate()
    newest = min(until or today, today)
    month = newest.replace(day=1)
    last = newest
    for first in (
        newest - timedelta(days=3),
        (month - timedelta(days=1)).replace(day=1),
        (month - timedelta(days=150)).replace(day=1),
        date(max(EARLIEST, newest.year - 2), 1, 1),
    ):
        first = max(first, since or first)
        if first <= last:
            yield f"{text} & ({search.any_of(search.marks_between(first, last))})"
            last = first - timedelta(days=1)
    if since is None:
        years = (search.day_marks(date(year, 1, 1))[0] for year in range(last.year + 1, today.year + 1))
        yield f"{text} & !({search.any_of(years)})"
    elif since <= last:
        yield f"{text} & ({search.any_of(search.marks_between(since, last))})"


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
    return text if text and find(search.parse(text), Filters(), newest_first=True).ids else ""


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


def _best_first(cursor, query: search.Query, ids: list[int]) -> list[int]:
    """By where the words stand, then by how often: in steps, so that of two alike the newer one comes first."""
    places = [_place(query, exact=True)] if query.has_marks else []
    places.append(_place(query, exact=False))
    orders = ", ".join(f"CASE {' '.join([WHEN] * len(place))} END DESC NULLS LAST" for place in places)
    values = [value for place in places for pair in place for value in pair]
    cursor.execute(RANKING.format(orders=orders), [ids, *values, query.with_all()])
    return [id for (id,) in cursor.fetchall()]


def _place(query: search.Query, *, exact: bool) -> list[tuple[str, int]]:
    """Where the words stand: A is the headline, B kicker and lead, C what surrounds them, D the text."""
    return [
        (query.as_phrase("A", exact=exact), 5),
        (query.as_phrase("ABC", exact=exact), 4),
        (query.with_all("A", exact=exact), 3),
        (query.as_phrase(exact=exact), 2),
        (query.with_all("ABC", exact=exact), 1),
        (query.with_all(exact=exact), 0),
    ]


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
