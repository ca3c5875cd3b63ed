"""The report of who wrote what, with how often it was read: what its page and its files show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import authorship
from articles.authorship import Line, Sums, Wanted
from articles.models import Article, Author, Byline, Section

from . import rankings
from .exports import Sheet
from .periods import DAY, Period, choose

PERIODS = {
    "this-month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "this-quarter": gettext_lazy("This quarter"),
    "last-quarter": gettext_lazy("Last quarter"),
    "this-year": gettext_lazy("This year"),
}
LONGEST_LIST = 500  # lines of an author on the screen; the files have all


@dataclass(frozen=True)
class Report:
    period: Period
    wanted: Wanted
    lines: list[Line]

    @property
    def authors(self) -> list[Sums]:
        return authorship.by_author(self.lines)

    @property
    def total(self) -> Sums:
        return Sums(lines=self.lines)


def report(params: Mapping[str, str], user) -> Report:
    """What the query string asks for. Raises PeriodError."""
    period = chosen_period(params, timezone.localdate())
    wanted = Wanted(
        period.start,
        period.end,
        section=_chosen(Section, params.get("section")),
        author=_chosen(Author, params.get("author")),
        role=params.get("role", "") if params.get("role") in Byline.Role.values else "",
        genre=params.get("genre", "") if params.get("genre") in Article.Genre.values else "",
    )
    lines = authorship.lines_of(wanted, user)
    views = rankings.article_views({line.story.id for line in lines})
    for line in lines:
        line.story.views = views.get(line.story.id, 0)
    return Report(period, wanted, lines)


def chosen_period(params: Mapping[str, str], today: date) -> Period:
    """Last month for who chose none: royalties are counted once it is over."""
    name = params.get("period", "last-month")
    if params.get("from") or params.get("to") or name not in ("this-quarter", "last-quarter"):
        return choose({**dict(params.items()), "period": name}, today=today, first=today)[0]
    begins = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    if name == "this-quarter":
        return Period(name, begins, today)
    ends = begins - DAY
    return Period(name, ends.replace(month=ends.month - 2, day=1), ends)


def _chosen(model, key: str | None):
    try:
        return model.objects.filter(pk=key or None).first()
    except (ValueError, OverflowError, ValidationError):
        return None


def context(params: Mapping[str, str], user) -> dict:
    """For the page. Raises PeriodError."""
    found = report(params, user)
    wanted = found.wanted
    return {
        **pickers(params, found.period),
        "wanted": wanted,
        "total": found.total,
        "authors": [] if wanted.author else found.authors,
        "lines": found.lines[:LONGEST_LIST] if wanted.author else [],
        "is_longer": bool(wanted.author) and len(found.lines) > LONGEST_LIST,
        "without_rate": sorted(
            {(line.genre_label, line.role_label) for line in found.lines if line.author and not line.has_rate}
        ),
    }


def pickers(params: Mapping[str, str], period: Period | None = None) -> dict:
    """The choices; `params` brings back what was typed."""
    return {
        "period": period,
        "periods": PERIODS,
        "typed_from": params.get("from") or (period and period.start.isoformat()) or "",
        "typed_to": params.get("to") or (period and period.end.isoformat()) or "",
        "sections": Section.objects.all(),
        "roles": Byline.Role.choices,
        "genres": Article.Genre.choices,
    }


def sheets(params: Mapping[str, str], user) -> tuple[Sheet, Sheet]:
    """Authors with their sums, and every byline. Raises PeriodError."""
    found = report(params, user)
    name = f"nhuan-but-{found.period.start}-{found.period.end}"
    figures = [
        _("Stories"),
        _("Withdrawn, not paid"),
        _("Words"),
        _("Photos"),
        _("Views"),
        _("Amount, in đồng"),
    ]
    return (
        Sheet(name, [_("Author"), *figures], _author_rows(found), title=_("Authors")),
        Sheet(
            name,
            [
                _("Author"), _("Role"), _("Headline"), _("Section"), _("Genre"), capfirst(_("published at")),
                _("Withdrawn, not paid"), *figures[2:], _("Number"),
            ],
            map(_line_row, found.lines),
            title=_("Stories"),
        ),
    )  # fmt: skip


def _author_rows(found: Report) -> list[list]:
    groups = [(sums.name or _("(nobody signs)"), sums) for sums in found.authors]
    return [
        [name, sums.stories, sums.withdrawn, sums.words, sums.photos, sums.views, sums.amount]
        for name, sums in [*groups, (_("In all, each story once"), found.total)]
    ]


def _line_row(line: Line) -> list:
    story = line.story
    return [
        line.name or _("(nobody signs)"), line.role_label, story.headline, story.section, line.genre_label,
        date_format(timezone.localtime(story.published_at), "d/m/Y H:i"),
        "x" if story.is_withdrawn else "", line.words, line.photos, story.views, line.amount, story.id,
    ]  # fmt: skip
