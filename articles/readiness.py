"""Whether a story is ready for readers: the one list of checks. Pure; articles/checking.py looks up what they need.

Decision record 0021.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from urllib.parse import urlsplit

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import body
from .fold import fold

LEAD_LETTERS = 300
HEADLINE_LETTERS = 120
LEAD_PHOTO_WIDTH = 800  # pixels
CAPITALS, CAPITALS_FROM = 0.7, 10  # the part of capital letters, in a headline of so many letters at least
EXCERPT = 40  # letters
BLOCKS = ["p", "h2", "h3", "li", "blockquote", "td", "th", "caption", "figcaption"]

BLOCK, WARN, OFF = LEVELS = ("block", "warn", "off")


@dataclass(frozen=True)
class PhotoFacts:
    width: int
    is_decorative: bool = False


@dataclass(frozen=True)
class Namesake:
    """Another story with the same headline."""

    id: int
    published_at: datetime | None


@dataclass(frozen=True)
class Draft:
    """A story as its checks see it, whether it is stored or still in a form. `body` is clean."""

    headline: str
    lead: str = ""
    kicker: str = ""
    body: str = ""
    has_section: bool = True
    signatures: int = 0
    lead_photo: int | None = None
    published_at: datetime | None = None
    expires_at: datetime | None = None
    embargo_until: datetime | None = None
    story: int | None = None  # its number for life


@dataclass(frozen=True)
class Surroundings:
    """What the database knows of things that stories name, and the time."""

    now: datetime
    photos: Mapping[int, PhotoFacts] = field(default_factory=dict)
    public: frozenset[int] = frozenset()  # of the stories that are linked to, those that readers can open
    namesakes: Mapping[str, list[Namesake]] = field(default_factory=dict)  # by the folded headline


@dataclass(frozen=True)
class Point:
    """Something to do, in a sentence that says where; `field` is that of the form."""

    code: str
    level: str
    sentence: str
    field: str

    @property
    def blocks(self) -> bool:
        return self.level == BLOCK


@dataclass(frozen=True)
class Check:
    """`find` gives a sentence for each thing to do; `level` is what a newsroom begins with."""

    code: str
    label: str
    field: str
    level: str
    find: Callable[["Text", Surroundings], Iterable[str]]
    is_fixed: bool = False  # a public story cannot do without


class Text:
    """A draft with its body read once for all checks."""

    def __init__(self, draft: Draft, story_id: Callable[[str], int | None]):
        self.draft = draft
        root = body.parse(draft.body)
        self.words = root.text_content().strip()
        self.photos = [(img, int(img.get("data-photo", 0))) for img in root.iter("img")]
        self.headings = [(heading.tag, heading.text_content()) for heading in root.iter("h2", "h3")]
        self.links = [
            (link.text_content().strip(), link.get("href", "").strip(), _target(link, story_id))
            for link in root.iter("a")
        ]
        texts = [
            block.text_content()
            for block in root.iter(*BLOCKS)
            if not any(True for _inner in block.iterdescendants(*BLOCKS))
        ]
        self.blocks = [text for text in (draft.kicker, draft.headline, draft.lead, *texts) if text]

    @property
    def lead_photo(self) -> int | None:
        """As saving takes it: without one that was chosen, the first of the body."""
        return self.draft.lead_photo or next((id for _img, id in self.photos), None)


def _target(link, story_id) -> int | None:
    """The story of this site that a link leads to."""
    own = link.get("data-article", "")
    return int(own) if own.isdecimal() else story_id(link.get("href", ""))


def points(text: Text, around: Surroundings, levels: Mapping[str, str]) -> list[Point]:
    """What is to be done before the story is published, what blocks it first."""
    found = []
    for check in CHECKS:
        level = check.level if check.is_fixed else levels.get(check.code, check.level)
        if level == OFF:
            continue
        found += [Point(check.code, level, sentence, check.field) for sentence in check.find(text, around)]
    return sorted(found, key=lambda point: not point.blocks)


def _section(text, around) -> Iterator[str]:
    if not text.draft.has_section:
        yield _("Choose a section.")


def _body(text, around) -> Iterator[str]:
    if not text.words:
        yield _("A story needs a text before it is published.")


def _no_lead(text, around) -> Iterator[str]:
    if not text.draft.lead:
        yield _("The lead is missing.")


def _long_lead(text, around) -> Iterator[str]:
    if (count := len(text.draft.lead)) > LEAD_LETTERS:
        yield _("The lead has %(count)s characters; %(limit)s at the most read well.") % {
            "count": count,
            "limit": LEAD_LETTERS,
        }


def _capitals(text, around) -> Iterator[str]:
    letters = [letter for letter in text.draft.headline if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    if len(letters) >= CAPITALS_FROM and capitals > CAPITALS * len(letters):
        yield _("The headline is in capitals; write it like a sentence.")


def _long_headline(text, around) -> Iterator[str]:
    if (count := len(text.draft.headline)) > HEADLINE_LETTERS:
        yield _("The headline has %(count)s characters; shorten it to %(limit)s.") % {
            "count": count,
            "limit": HEADLINE_LETTERS,
        }


def _namesake(text, around) -> Iterator[str]:
    for other in around.namesakes.get(fold(text.draft.headline), []):
        if other.id == text.draft.story:
            continue
        if other.published_at:
            day = date_format(localtime(other.published_at), "SHORT_DATE_FORMAT")
            yield _("Story %(id)s of %(day)s has the same headline.") % {"id": other.id, "day": day}
        else:
            yield _("Story %(id)s, which is being written, has the same headline.") % {"id": other.id}
        return


def _no_byline(text, around) -> Iterator[str]:
    if not text.draft.signatures:
        yield _("Nobody signs the story: add an author under Bylines.")


def _no_lead_photo(text, around) -> Iterator[str]:
    if text.lead_photo not in around.photos:
        yield _("There is no photo for lists: choose a lead photo or add one to the text.")


def _small_lead_photo(text, around) -> Iterator[str]:
    photo = around.photos.get(text.lead_photo)
    if photo and photo.width < LEAD_PHOTO_WIDTH:
        yield _("The lead photo is only %(width)s pixels wide; %(least)s are needed.") % {
            "width": photo.width,
            "least": LEAD_PHOTO_WIDTH,
        }


def _captions(text, around) -> Iterator[str]:
    missing = [
        number
        for number, (img, _id) in enumerate(text.photos, 1)
        if img.getparent().find("figcaption") is None
    ]
    if missing:
        yield ngettext("Photo %(numbers)s has no caption.", "Photos %(numbers)s have no caption.", len(missing)) % {
            "numbers": _listed(missing)
        }  # fmt: skip


def _alternative_texts(text, around) -> Iterator[str]:
    missing = [
        number
        for number, (img, id) in enumerate(text.photos, 1)
        if not img.get("alt") and not (id in around.photos and around.photos[id].is_decorative)
    ]
    if missing:
        yield ngettext(
            "Photo %(numbers)s has no alternative text for readers who cannot see it.",
            "Photos %(numbers)s have no alternative text for readers who cannot see them.",
            len(missing),
        ) % {"numbers": _listed(missing)}


def _heading_order(text, around) -> Iterator[str]:
    if text.headings and text.headings[0][0] == "h3":
        yield _("The smaller subheading “%(words)s” comes before any larger one.") % {
            "words": _excerpt(text.headings[0][1])
        }


def _empty_links(text, around) -> Iterator[str]:
    for words, href, _id in text.links:
        if not words:
            yield _("A link to %(address)s has no words.") % {"address": _excerpt(href)}
        elif href.startswith("#") or not _leads_somewhere(href):
            yield _("The link “%(words)s” leads nowhere.") % {"words": _excerpt(words)}


def _leads_somewhere(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return bool(parts.netloc) if parts.scheme in ("http", "https") else bool(parts.path)


def _dead_links(text, around) -> Iterator[str]:
    for words, _href, id in text.links:
        if id and id not in around.public:
            yield _("The link “%(words)s” leads to a story that readers cannot open.") % {
                "words": _excerpt(words)
            }


def _double_spaces(text, around) -> Iterator[str]:
    yield from _first_place(
        text, re.compile(r"\S[ \u00a0]{2,}\S"), _("There are two spaces in a row: “%(words)s”.")
    )


# Not “…” written as dots, nor a number such as .5
SPACE_BEFORE = re.compile(r"\S[ \u00a0](?:[,;:!?]|\.(?!\.|\d))(?=\s|$|[”\"»)])")


def _space_before(text, around) -> Iterator[str]:
    yield from _first_place(text, SPACE_BEFORE, _("There is a space before a punctuation mark: “%(words)s”."))


def _first_place(text: Text, pattern: re.Pattern, sentence: str) -> Iterator[str]:
    for block in text.blocks:
        if match := pattern.search(block):
            start = max(0, match.start() - EXCERPT // 2)
            yield sentence % {"words": _excerpt(block[start : match.end() + EXCERPT // 2])}
            return


PAIRS = {"“": "”", "«": "»", "(": ")", "[": "]"}
MARKS = re.compile(r"[“”«»()\[\]]")
# “a)” and “1)” number things; nothing is to be opened before them.
NUMBERING = re.compile(r"(?:^|\s)\w{1,3}$")


def _pairs(text, around) -> Iterator[str]:
    for block, following in zip_longest(text.blocks, text.blocks[1:], fillvalue=""):
        mark = _unpaired(block)
        # A speech of several paragraphs opens in each and closes in the last.
        if mark and not (mark in PAIRS and following.startswith(mark)):
            yield _("The mark %(mark)s has no partner: “%(words)s”.") % {
                "mark": mark,
                "words": _excerpt(block),
            }
            return


def _unpaired(block: str) -> str:
    """The first mark without its partner; empty when all have one."""
    opened: list[str] = []
    for match in MARKS.finditer(block):
        mark, place = match[0], match.start()
        if mark in PAIRS:
            opened.append(mark)
        elif opened and PAIRS[opened[-1]] == mark:
            opened.pop()
        elif mark != ")" or not NUMBERING.search(block[max(0, place - 4) : place]):
            return opened[-1] if opened else mark
    if opened:
        return opened[0]
    return '"' if block.count('"') % 2 else ""


def _embargo(text, around) -> Iterator[str]:
    until = text.draft.embargo_until
    if until and (text.draft.published_at or around.now) < until:
        yield _("The embargo ends later than the story is to be published: readers see it only from %(time)s on.") % {
            "time": date_format(localtime(until), "SHORT_DATETIME_FORMAT")
        }  # fmt: skip


def _expired(text, around) -> Iterator[str]:
    if text.draft.expires_at and text.draft.expires_at <= around.now:
        yield _("The story has expired already: change the time under “Expires at”.")


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return f"{shown}…" if len(numbers) > 8 else shown


def _excerpt(words: str) -> str:
    words = " ".join(words.split())
    return f"{words[:EXCERPT].rstrip()}…" if len(words) > EXCERPT else words


CHECKS = (
    Check("section", gettext_lazy("no section"), "section", BLOCK, _section, is_fixed=True),
    Check("body", gettext_lazy("no text"), "body", BLOCK, _body, is_fixed=True),
    Check("expired", gettext_lazy("expired before it is published"), "expires_at", BLOCK, _expired),
    Check("lead", gettext_lazy("no lead"), "lead", WARN, _no_lead),
    Check("long_lead", gettext_lazy("lead of more than 300 characters"), "lead", WARN, _long_lead),
    Check("capitals", gettext_lazy("headline in capitals"), "headline", WARN, _capitals),
    Check("long_headline", gettext_lazy("headline of more than 120 characters"), "headline", WARN, _long_headline),
    Check("namesake", gettext_lazy("same headline as another story within 30 days"), "headline", WARN, _namesake),
    Check("byline", gettext_lazy("nobody signs"), "bylines", WARN, _no_byline),
    Check("captions", gettext_lazy("photo without a caption"), "body", WARN, _captions),
    Check("alternative_texts", gettext_lazy("photo without alternative text"), "body", WARN, _alternative_texts),
    Check("lead_photo", gettext_lazy("no lead photo"), "lead_photo", OFF, _no_lead_photo),
    Check("small_lead_photo", gettext_lazy("lead photo under 800 pixels"), "lead_photo", WARN, _small_lead_photo),
    Check("heading_order", gettext_lazy("smaller subheading before a larger one"), "body", WARN, _heading_order),
    Check("empty_links", gettext_lazy("link without words or address"), "body", WARN, _empty_links),
    Check("dead_links", gettext_lazy("link to a story that readers cannot open"), "body", WARN, _dead_links),
    Check("double_spaces", gettext_lazy("two spaces in a row"), "body", WARN, _double_spaces),
    Check("space_before", gettext_lazy("space before a punctuation mark"), "body", WARN, _space_before),
    Check("pairs", gettext_lazy("quotation mark or bracket without its partner"), "body", WARN, _pairs),
    Check("embargo", gettext_lazy("published before the embargo ends"), "embargo_until", WARN, _embargo),
)  # fmt: skip
