"""Tables of a period: what was read, where readers came from and with what, and what did not count."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.core.cache import caches
from django.db.models import OuterRef, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from articles.languages import ENGLISH, Language, page_language
from articles.models import Article, Author, Byline, Section, Topic
from newsportal import replica

from . import storing
from .models import Label, LabelDay, LabelMonth
from .periods import DAY, Period

MOST_READ_KEPT = 20  # stories of a language; of the five shown some may have been withdrawn since
MOST_READ_RANKED = 1000  # of both; English ones are few and further down
IN_ENGLISH = f"{ENGLISH}/"  # before the labels of English pages
ROWS = 10  # of a table on the screen; its export has all
LONGEST_EXPORT = 10_000  # rows

CHANNELS = {
    "direct": gettext_lazy("Direct"),
    "search": gettext_lazy("Search engines"),
    "social": gettext_lazy("Social networks"),
    "assistant": gettext_lazy("AI assistants"),
    "website": gettext_lazy("Other websites"),
    "inside": gettext_lazy("Within the portal, after a pause"),
}
DEVICES = {
    "phone": gettext_lazy("Phone"),
    "tablet": gettext_lazy("Tablet"),
    "computer": gettext_lazy("Computer"),
    "television": gettext_lazy("Television"),
}
REASONS = {
    "bot": gettext_lazy("Search engine or other program"),
    "staff": gettext_lazy("Staff, signed in"),
    "prefetch": gettext_lazy("Loaded in advance by a browser"),
    "not-document": gettext_lazy("Not opened as a page of its own"),
    "script": gettext_lazy("Loaded by a script"),
    "not-found": gettext_lazy("Address not found"),
    "suspect": gettext_lazy("Too fast for a person"),
}
PAGES = {
    "home": gettext_lazy("Home page"),
    "search": gettext_lazy("Search"),
    "feeds": gettext_lazy("RSS feeds"),
    "definitions": gettext_lazy("How visits are counted"),
}


# Kind -> words for its texts, what it is sorted by, whether the other figure means something.
KINDS = {
    "channel": (CHANNELS, "visits", False),
    "referrer": ({}, "visits", False),
    "device": (DEVICES, "visits", True),
    "browser": ({}, "visits", True),
    "system": ({}, "visits", True),
    "bot": ({}, "views", False),
    "excluded": (REASONS, "views", False),
    "not_found": ({}, "views", False),
}
TITLES = {
    "articles": gettext_lazy("Stories"),
    "sections": gettext_lazy("Sections"),
    "authors": gettext_lazy("Authors"),
    "entries": gettext_lazy("Entry pages"),
    "pages": gettext_lazy("Other pages"),
    "channel": gettext_lazy("Where visits come from"),
    "referrer": gettext_lazy("Referring websites"),
    "device": gettext_lazy("Devices"),
    "browser": gettext_lazy("Browsers"),
    "system": gettext_lazy("Operating systems"),
    "bot": gettext_lazy("Search engines and other programs"),
    "excluded": gettext_lazy("Views that do not count, and why"),
    "not_found": gettext_lazy("Addresses not found"),
}


@dataclass(frozen=True)
class Row:
    """A line of a table: what it is about, where it leads, its figures and their part of the table's largest."""

    text: str
    url: str = ""
    visits: int = 0
    views: int = 0
    width: int = 0  # of the bar, in per cent


@dataclass(frozen=True)
class Table:
    """`figure` is what it is sorted by: "visits" or "views"; `has_both`: whether the other one means anything."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    figure: str = "visits"
    has_both: bool = True
    is_longer: bool = False


def tables(period: Period, *, limit: int = ROWS) -> dict[str, Table]:
    """All tables of the period by their names, each with its largest rows."""
    pages = _page_sums(period)
    articles = [page for page in pages if page.label.startswith("article:")]
    others = [page for page in pages if not page.label.startswith("article:")]
    found = [
        _table("articles", _page_rows(articles, "views", limit), limit, figure="views"),
        _table("sections", _section_rows(articles), limit, figure="views"),
        _table("authors", _author_rows(articles), limit, figure="views"),
        _table("entries", _page_rows(pages, "visits", limit), limit, has_both=False),
        _table("pages", _page_rows(others, "views", limit), limit, figure="views"),
    ]
    sums = _label_sums(period, limit + 1)
    for kind, (words, figure, has_both) in KINDS.items():
        rows = [Row(_word(words, text), "", visits, views) for text, visits, views in sums[kind]]
        found.append(_table(kind, rows, limit, figure=figure, has_both=has_both))
    return {table.name: table for table in found}


def _table(name: str, rows: list[Row], limit: int, *, figure: str = "visits", has_both: bool = True) -> Table:
    rows = sorted(
        (row for row in rows if getattr(row, figure)), key=lambda row: getattr(row, figure), reverse=True
    )
    largest = max((getattr(row, figure) for row in rows), default=1)
    shown = [replace(row, width=round(100 * getattr(row, figure) / largest)) for row in rows[:limit]]
    return Table(name, str(TITLES[name]), shown, figure, has_both, is_longer=len(rows) > limit)


def _word(words: dict, text: str) -> str:
    if text == Label.OTHER:
        return _("(other)")
    return str(words.get(text, _("(unknown)") if text == "?" else text))


# Whole months come from the sums of months, where there are any; what is left at both ends from days.
LABEL_SUMS = """
    SELECT label_id, sum(views)::bigint AS views, sum(visits)::bigint AS visits FROM (
        SELECT label_id, views, visits FROM visitors_labelday
        WHERE day BETWEEN %(start)s AND %(days_until)s OR day BETWEEN %(days_from)s AND %(end)s
        UNION ALL
        SELECT label_id, views, visits FROM visitors_labelmonth
        WHERE month BETWEEN %(months_from)s AND %(months_until)s
    ) AS parts GROUP BY label_id
"""


def _parts(period: Period) -> dict[str, date]:
    """Which days and which whole months make up the period, for LABEL_SUMS."""
    start, end = period.start, period.end
    last = storing.last_month_summed_up() or date.min
    months_from = start if start.day == 1 else _following(start)
    months_until = last
    if _following(months_until) - DAY > end:
        months_until = (end + DAY).replace(day=1) - DAY
    months_until = months_until.replace(day=1)
    if months_from > months_until:
        return {
            "start": start, "days_until": end, "days_from": end + DAY, "end": end,
            "months_from": months_from, "months_until": date.min,
        }  # fmt: skip
    return {
        "start": start, "days_until": months_from - DAY, "days_from": _following(months_until), "end": end,
        "months_from": months_from, "months_until": months_until,
    }  # fmt: skip


def _label_sums(period: Period, limit: int) -> dict[str, list[tuple[str, int, int]]]:
    """The largest labels of each kind but pages: (text, visits, views)."""
    rows = defaultdict(list)
    with replica.connection().cursor() as cursor:
        cursor.execute(
            f"""
            SELECT kind, text, visits, views FROM (
                SELECT kind, text, visits, views,
                    row_number() OVER (PARTITION BY kind ORDER BY visits DESC, views DESC, text) AS place
                FROM ({LABEL_SUMS}) AS sums JOIN visitors_label ON visitors_label.id = label_id
                WHERE kind <> 'page'
            ) AS ranked WHERE place <= %(limit)s ORDER BY kind, place
            """,  # noqa: S608 - words of ours
            {**_parts(period), "limit": limit},
        )
        for kind, *row in cursor.fetchall():
            rows[kind].append(row)
    return rows


@dataclass(frozen=True)
class Page:
    """A page's sums; the rest is known for stories that still exist."""

    label: str
    visits: int
    views: int
    article: int | None
    headline: str
    slug: str
    language: str
    section: str
    section_slug: str


def _page_sums(period: Period) -> list[Page]:
    with replica.connection().cursor() as cursor:
        cursor.execute(
            f"""
            SELECT label.text, visits, views, article.id, headline, article.slug, article.language,
                section.name, section.slug
            FROM ({LABEL_SUMS}) AS sums JOIN visitors_label AS label ON label.id = label_id
            LEFT JOIN articles_article AS article ON article.id =
                CASE WHEN label.text ~ '^article:[0-9]{{1,18}}$' THEN substr(label.text, 9)::bigint END
            LEFT JOIN articles_section AS section ON section.id = article.section_id
            WHERE kind = 'page'
            """,  # noqa: S608 - words of ours
            _parts(period),
        )
        return [Page(*row) for row in cursor.fetchall()]


def _page_rows(pages: list[Page], figure: str, limit: int) -> list[Row]:
    """The largest pages by their names; one row more than are shown, to know whether there are more."""
    largest = sorted(pages, key=lambda page: getattr(page, figure), reverse=True)[: limit + 1]
    found = names([page.label for page in largest])
    rows = []
    for page in largest:
        if page.article:
            text = page.headline
            with override(page.language):
                url = reverse("articles:article", args=[page.section_slug, page.slug, page.article])
        else:
            text, url = found[page.label]
        rows.append(Row(text, url, page.visits, page.views))
    return rows


def names(labels: list[str]) -> dict[str, tuple[str, str]]:
    """Text and address for the labels of pages.page_label()."""
    wanted = defaultdict(set)
    for label in (label.removeprefix(IN_ENGLISH) for label in labels):
        kind, _colon, thing = label.partition(":")
        wanted[kind].add(thing)
    things = {
        "section": {row.slug: row for row in Section.objects.filter(slug__in=wanted["section"])},
        "topic": {row.slug: row for row in Topic.objects.filter(slug__in=wanted["topic"])},
        "author": {row.slug: row for row in Author.objects.filter(slug__in=wanted["author"])},
        "page": {
            row.url.strip("/"): row
            for row in FlatPage.objects.filter(url__in=[f"/{url}" for url in wanted["page"]])
        },
    }
    return {label: _name(label, things) for label in labels}


def _name(label: str, things: dict) -> tuple[str, str]:
    if label.startswith(IN_ENGLISH):
        page = label.removeprefix(IN_ENGLISH)
        text, _url = _name(page, things)
        with override(ENGLISH):
            _text, url = _name(page, things)
        return _("%(page)s (English pages)") % {"page": text}, url
    kind, _colon, thing = label.partition(":")
    if kind == "article":
        return _("Story that was deleted (%s)") % thing, ""
    if row := things.get(kind, {}).get(thing.strip("/")):
        return str(getattr(row, "title", row)), row.get_absolute_url()
    return f"{_word(PAGES, kind)} {thing}".strip(), ""


def _section_rows(articles: list[Page]) -> list[Row]:
    sums, slugs = defaultdict(lambda: [0, 0]), {}
    for page in articles:
        name = page.section or _("Story that was deleted (%s)") % "…"
        sums[name][0] += page.visits
        sums[name][1] += page.views
        slugs[name] = page.section_slug
    return [
        Row(name, reverse("articles:section", args=[slugs[name]]) if slugs[name] else "", visits, views)
        for name, (visits, views) in sums.items()
    ]


def _author_rows(articles: list[Page]) -> list[Row]:
    """A story that several sign counts for each of them."""
    figures = {page.article: page for page in articles if page.article}
    signed = (
        Byline.objects.filter(article__in=list(figures))
        .values_list("article", "author__pen_name", "author__unit", "author__slug")
        .distinct()
        .order_by()
    )
    sums = defaultdict(lambda: [0, 0])
    for article, name, unit, slug in signed:
        author = (f"{name} ({unit})" if unit else name, reverse("articles:author", args=[slug]))
        sums[author][0] += figures[article].visits
        sums[author][1] += figures[article].views
    return [Row(text, url, visits, views) for (text, url), (visits, views) in sums.items()]


@dataclass(frozen=True)
class ArticleFigures:
    views: int = 0
    of_week: int = 0  # views of today and the six days before


def article_figures(ids: list[int]) -> dict[int, ArticleFigures]:
    """Of the stories that have been read; two queries, however many."""
    labels = {f"article:{id}": id for id in ids}
    last = storing.last_month_summed_up()
    week = timezone.localdate() - 6 * DAY
    found = Label.objects.filter(kind=Label.Kind.PAGE, text__in=labels).annotate(
        of_months=Subquery(_sum_of(LabelMonth.objects.filter(label=OuterRef("pk")))),
        of_days=Subquery(
            _sum_of(
                LabelDay.objects.filter(label=OuterRef("pk"), day__gte=_following(last) if last else date.min)
            )
        ),
        of_week=Subquery(_sum_of(LabelDay.objects.filter(label=OuterRef("pk"), day__gte=week))),
    )
    return {
        labels[row.text]: ArticleFigures((row.of_months or 0) + (row.of_days or 0), row.of_week or 0)
        for row in found
    }


def article_views(ids) -> dict[int, int]:
    """All views of each of many stories; three queries. For a list of fifty, article_figures() is quicker."""
    labels = dict(
        Label.objects.filter(kind=Label.Kind.PAGE, text__in=[f"article:{id}" for id in ids]).values_list(
            "pk", "text"
        )
    )
    last = storing.last_month_summed_up()
    days = LabelDay.objects.filter(label__in=labels, day__gte=_following(last) if last else date.min)
    views: dict[int, int] = defaultdict(int)
    for rows in (LabelMonth.objects.filter(label__in=labels), days):
        for label, total in (
            rows.order_by().values("label").annotate(total=Sum("views")).values_list("label", "total")
        ):
            views[int(labels[label].removeprefix("article:"))] += total
    return views


def _sum_of(rows):
    return rows.order_by().values("label").annotate(total=Sum("views")).values("total")


def most_read(count: int, *, days: int = 7) -> list[Article]:
    """What readers may see of the stories that were read most, today included, with their `views`, in the language
    of the page; one query while the ranking is kept."""
    views = _most_read_views(days)
    stories = Article.objects.cards(list(views))[:count]
    for story in stories:
        story.views = views[story.pk]
    return stories


def most_read_ids() -> list[int]:
    """Of the last seven days, more than a list shows: some are no longer public, or on the page already."""
    return list(_most_read_views(7))


def _most_read_views(days: int) -> dict[int, int]:
    """Kept for a minute: it adds up the figures of all pages that were read."""

    def read() -> dict[str, dict[int, int]]:
        articles = Label.objects.filter(kind=Label.Kind.PAGE, text__startswith="article:")
        rows = (
            LabelDay.objects.filter(day__gt=timezone.localdate() - days * DAY, label__in=articles)
            .order_by()
            .values_list("label__text")
            .annotate(total=Sum("views"))
            .order_by("-total", "-label__text")[:MOST_READ_RANKED]
        )
        views = {int(text.removeprefix("article:")): total for text, total in rows}
        languages = dict(Article.objects.filter(pk__in=views).order_by().values_list("pk", "language"))
        return {
            language: dict(
                islice(
                    ((id, views[id]) for id in views if languages.get(id, Language.VIETNAMESE) == language),
                    MOST_READ_KEPT,
                )
            )
            for language in Language.values
        }

    return caches["memory"].get_or_set(f"most-read-{days}", read, settings.MOST_READ_SECONDS)[page_language()]


def _following(month: date) -> date:
    return (month.replace(day=1) + 31 * DAY).replace(day=1)
