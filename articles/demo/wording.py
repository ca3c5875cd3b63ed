"""Made-up stories by the thousand, as the rows that COPY takes. Pure, so that other processes can write them.

A sentence is put together from pieces whose folded words and lexemes are known; a story's derived texts are theirs
in a row, as fold(), to_text() and document() would make them from the whole. A test compares the two.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

from articles.fold import fold, slugify
from articles.search import RECIPE, WORD, author_mark, day_marks, section_mark, word_of

YEARS = 20
SLOT = re.compile(r"\{(\w+)\}")
NOTHING = r"\N"
TEXTS = tomllib.loads(Path(__file__).with_name("many.toml").read_text(encoding="utf-8"))
WORDS, SLOTS = TEXTS["words"], TEXTS["slots"]
SHAPES = {
    name: [SLOT.split(shape) for shape in shapes] for name, shapes in TEXTS["shapes"].items()
}  # text, slot, text …
ROLES = ["name_only", "name_only", "text", "text_and_photo", "photo", "compiled"]
# Of a thousand stories so many are in another state than published.
UNDER_WAY, TRASHED, WITHDRAWN, EXPIRED, SCHEDULED = 3, 1, 4, 6, 1


class Piece(NamedTuple):
    text: str
    folded: str
    words: tuple[tuple[str, ...], ...]  # the lexemes of each
    pairs: frozenset[str]
    first: str
    last: str


@dataclass(frozen=True)
class Figure:
    """A photo of the library as it stands in a text."""

    id: int
    body: str
    html: str
    caption: str


@dataclass(frozen=True)
class Plan:
    """What stories refer to, and the columns of their table with what stands there unless a story says otherwise."""

    first_id: int
    count: int
    now: datetime
    sections: list[int]
    topics: list[tuple[int, str]]
    authors: list[tuple[int, str, str]]
    figures: list[Figure]
    writers: list[int]  # accounts
    blank: dict[str, str]


@dataclass
class Rows:
    """The lines of COPY for each table."""

    articles: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    bylines: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    corrections: list[str] = field(default_factory=list)


def encoded(value) -> str:
    """As COPY reads it."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


@lru_cache(maxsize=100_000)
def piece(text: str) -> Piece:
    words = [word_of(found[0]) for found in WORD.finditer(text)]
    lexemes = tuple(tuple({word.folded, word.lexeme}) for word in words)
    pairs = frozenset(f"{one.folded} {other.folded}" for one, other in pairwise(words))
    first, last = (words[0].folded, words[-1].folded) if words else ("", "")
    return Piece(text, fold(text), lexemes, pairs, first, last)


def names(count: int, dice: Random) -> Iterator[str]:
    """Of people, no two alike."""
    found = {Words(dice).slot("person") for _ in range(2 * count)}
    yield from sorted(found)[:count]


def subjects(count: int, dice: Random) -> list[str]:
    """Of topics, no two alike in their addresses."""
    found: dict[str, str] = {}
    while len(found) < count:
        text = "".join(part.text for part in Words(dice).sentence("topic"))
        if len(found) >= 40:  # the deeds and cases are few
            text = f"{text} {dice.randint(2007, 2026)}"
        found.setdefault(slugify(text), text)
    return list(found.values())


class Words:
    """Chooses pieces by dice; what stands first in a list is said more often."""

    def __init__(self, dice: Random):
        self.dice = dice.random

    def sentence(self, shape: str) -> list[Piece]:
        shapes = SHAPES[shape]
        parts = shapes[int(self.dice() ** 1.3 * len(shapes))]
        found = []
        for number, part in enumerate(parts):
            if number % 2:
                part = self.slot(part)
                if number == 1 and not parts[0]:
                    part = part[0].upper() + part[1:]
            if part:
                found.append(piece(part))
        return found

    def slot(self, name: str) -> str:
        match name:
            case "n":
                return str(2 + int(self.dice() ** 3 * 997))
            case "day":
                return f"{1 + int(self.dice() * 28)}/{1 + int(self.dice() * 12)}"
            case "year":
                return str(2006 + int(self.dice() * YEARS))
            case "place":
                kind = "xã" if self.dice() < 0.7 else "phường"
                return f"{kind} {self._word('place_first')} {self._word('place_last')}"
            case "person":
                return " ".join(self._word(name) for name in ("family", "middle", "given"))
            case "role_up":
                role = self.slot("role")
                return role[0].upper() + role[1:]
        values = SLOTS[name]
        return values[int(self.dice() ** 1.5 * len(values))]

    def _word(self, name: str) -> str:
        values = WORDS[name]
        return values[int(self.dice() ** 1.7 * len(values))]


def write(plan: Plan, start: int) -> Rows:
    """The stories from number `start` on, as many as `plan` takes at once."""
    dice = Random(start)  # noqa: S311 - nothing secret
    rows = Rows()
    for number in range(start, min(start + AT_ONCE, plan.count)):
        _story(plan, number, dice, rows)
    return rows


AT_ONCE = 2000


def _story(plan: Plan, number: int, dice: Random, rows: Rows) -> None:
    id = plan.first_id + number
    words, chance = Words(dice), dice.random
    headline, lead = words.sentence("headline"), words.sentence("lead")
    kicker = words.sentence("kicker") if chance() < 0.3 else []
    figure = _few(plan.figures, chance) if chance() < 0.3 else None
    lead_photo = figure or (_few(plan.figures, chance) if chance() < 0.5 else None)
    topics = sorted({_few(plan.topics, chance, 3) for _ in range(int(chance() * 4))} - {None})
    authors = list(dict.fromkeys(_few(plan.authors, chance, 2) for _ in range(1 + int(chance() ** 3 * 3))))
    blocks = list(_blocks(words, chance))
    place = int(chance() * len(blocks))
    body, html, text, folded = [], [], [], []
    for position, (tag, parts) in enumerate(blocks):
        line = "".join(part.text for part in parts)
        # A list has one line an item; all else is an element with its line.
        body.append(f"<ul><li>{line}</li></ul>" if tag == "li" else f"<{tag}>{line}</{tag}>")
        html.append(body[-1])
        text.append(line)
        folded.append("".join(part.folded for part in parts))
        if figure and position == place:
            caption = piece(figure.caption)
            body.append(figure.body)
            html.append(figure.html)
            text.append(caption.text)
            folded.append(caption.folded)
            parts.append(caption)
    body_text = "\n".join(text)
    texts = {name: "".join(part.text for part in parts) for name, parts in (("kicker", kicker), ("headline", headline), ("lead", lead))}  # fmt: skip
    around = [figure.caption] if figure else []
    for _id, name, unit in authors:
        around += [name, unit]
    around += [name for _id, name in topics]
    folded_texts = ["".join(part.folded for part in parts) for parts in (kicker, headline, lead)]
    at, times = _times(plan, number, chance)
    section = _few(plan.sections, chance, 2.5)
    marks = [section_mark(section), *(author_mark(id) for id, _name, _unit in authors)]
    if times["published_at"] != NOTHING:
        marks += day_marks(datetime.fromisoformat(times["published_at"]).astimezone(plan.now.tzinfo).date())
    values = plan.blank | texts | times | {
        "id": str(id),
        "section_id": str(section),
        "slug": slugify(folded_texts[1]) or "tin",
        "body": "".join(body),
        "body_html": "".join(html),
        "body_text": body_text.replace("\n", "\\n"),
        "folded": " ".join([*folded_texts, "\\n".join(folded)]),
        "words": str(len(texts["lead"].split()) + len(body_text.split())),
        "search_document": _document([
            ("A", headline), ("B", kicker), ("B", lead), *(("C", [piece(each)]) for each in around),
            ("D", [part for _tag, parts in blocks for part in parts]),
        ], marks),
        "search_recipe": str(RECIPE),
        "lead_photo_id": str(lead_photo.id) if lead_photo else NOTHING,
        "featured_place": str(1 + int(chance() * 7)) if chance() < 0.01 else NOTHING,
        "created_by_id": str(_few(plan.writers, chance)) if plan.writers else NOTHING,
        "similar": _similar(plan, number, chance) if times["status"] == "published" else NOTHING,
    }  # fmt: skip
    rows.articles.append("\t".join(values.values()))
    rows.topics += [f"{id}\t{topic}" for topic, _name in topics]
    rows.photos += [f"{id}\t{photo.id}" for photo in {figure, lead_photo} - {None}]
    rows.bylines += [
        f"{id}\t{author}\t{ROLES[int(chance() * len(ROLES))]}\t{order}"
        for order, (author, _name, _unit) in enumerate(authors)
    ]
    if number and chance() < 0.15:
        targets = {max(0, number - 1 - int(chance() * 300)) for _ in range(1 + int(chance() * 3))}
        rows.links += [
            f"{id}\t{plan.first_id + target}\t\t\t{order}" for order, target in enumerate(sorted(targets))
        ]
    if times["status"] == "published" and chance() < 0.002:
        correction = "".join(part.text for part in words.sentence("sentence"))
        rows.corrections.append(f"{id}\t{correction}\t{min(at + timedelta(days=1), plan.now).isoformat()}")


def _blocks(words: Words, chance) -> Iterator[tuple[str, list[Piece]]]:
    """A few long stories and many short ones; two of three mention the police."""
    count = 2 + int(chance() ** 3 * 20)
    police = int(chance() * 1.5 * count)
    for position in range(count):
        if position and position % 5 == 0:
            yield "h2", words.sentence("heading")
        parts = words.sentence("sentence")
        for _ in range(int(chance() * 3)):
            parts += [piece(" "), *words.sentence("sentence")]
        if position == police:
            parts += [piece(" "), *words.sentence("police")]
        yield ("li" if chance() < 0.05 else "p"), parts


def _document(texts, marks: list[str]) -> str:
    """As search.document() makes it, from lexemes that are known."""
    places: dict[str, list[str]] = {}
    pairs: set[str] = set()
    place = 0
    for weight, parts in texts:
        before = ""
        for part in parts:
            if part.words:
                pairs |= part.pairs
                if before:
                    pairs.add(f"{before} {part.first}")
                before = part.last
            for lexemes in part.words:
                place += 1
                at = f"{place}{weight}"
                for lexeme in lexemes:
                    if lexeme in places:
                        places[lexeme].append(at)
                    else:
                        places[lexeme] = [at]
        place += 1
    placed = [f"'{lexeme}':{','.join(at)}" for lexeme, at in places.items()]
    return " ".join([*placed, *[f"'{lexeme}'" for lexeme in (*pairs, *marks)]])


def _times(plan: Plan, number: int, chance) -> tuple[datetime, dict[str, str]]:
    """Ever more stories a year; the newest came out an hour ago."""
    age = (1 - ((number + 1) / plan.count) ** 0.6) * YEARS * 365
    at = plan.now - timedelta(days=age, hours=1, minutes=chance() * min(600, age * 60))
    moment = f"{at.isoformat()}"
    times = dict.fromkeys(("published_at", "created_at", "modified_at", "touched_at"), moment)
    lot = int(chance() * 1000)
    status = "published"
    if lot < UNDER_WAY:
        status = ("draft", "in_review", "returned")[lot % 3]
        times["published_at"] = NOTHING
    elif (lot := lot - UNDER_WAY) < TRASHED:
        status = "trashed"
        times["published_at"] = NOTHING
    elif (lot := lot - TRASHED) < WITHDRAWN:
        status = "withdrawn"
        times["withdrawn_at"] = moment
    elif (lot := lot - WITHDRAWN) < EXPIRED:
        times["expires_at"] = (at + timedelta(minutes=30)).isoformat()
    elif lot - EXPIRED < SCHEDULED and age < 30:
        times["published_at"] = (plan.now + timedelta(days=1 + chance() * 10)).isoformat()
    return at, times | {"status": status}


def _similar(plan: Plan, number: int, chance) -> str:
    others = {max(0, number - 1 - int(chance() * 2000)) for _ in range(10)} - {number}
    return "{" + ",".join(str(plan.first_id + other) for other in others) + "}"


def _few(values: list, chance, skew: float = 1.0):
    """One of them, by more `skew` oftener one of the first; None of none."""
    return values[int(chance() ** skew * len(values))] if values else None
