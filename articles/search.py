"""What search makes of words: a story's document, a reader's query, an excerpt, a nearest spelling. Pure.

Beside its words a document has lexemes with which the index alone answers: each pair of neighbours as one, since
Vietnamese words have two syllables, so that a phrase need not be read for in every story with its parts; and marks
of section, authors and day, which narrow a search before any story is read.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from .fold import fold, nfc

RECIPE = 2  # of documents; stories with an older one are made ready anew when the site starts
WORD = re.compile(r"[^\W_]+")
LONGEST_QUERY = 200  # characters
MOST_WORDS = 20
LONGEST_WORD = 40  # letters that count; more are an address or nonsense
LAST_PLACE = 16_000  # PostgreSQL knows no place behind 16,383
LONGEST_DOCUMENT = 800_000  # bytes; PostgreSQL takes 1 MB
READ_FOR_EXCERPT = 30_000  # characters
EXCERPT = 220
EXACT = "="  # before lexemes that keep their marks; no letter, so no folded word begins with it
MARK = "@"  # before what is no word of the story
# "hoà", "thuỷ" as well as "hòa", "thủy": where the tone mark stands on an open oa, oe, uy is a matter of taste.
TONE = "[\u0300\u0301\u0303\u0309\u0323]"
LATE_TONE = re.compile(f"(o)([ae])({TONE})$|(?<!q)(u)(y)({TONE})$")
TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\W_]+))')
QUOTES = str.maketrans("“”„«»", '"""""')
FIGCAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Word:
    folded: str
    exact: str  # with its marks, in one spelling

    @property
    def has_marks(self) -> bool:
        return self.exact != self.folded

    @property
    def lexeme(self) -> str:
        """The very word where marks were typed, else any that folds to it."""
        return EXACT + self.exact if self.has_marks else self.folded


@dataclass(frozen=True)
class Query:
    text: str
    terms: tuple[tuple[Word, ...], ...] = ()  # of one word, or the words of a phrase
    excluded: tuple[tuple[Word, ...], ...] = ()

    @property
    def words(self) -> list[Word]:
        return [word for term in self.terms for word in term]

    @property
    def has_marks(self) -> bool:
        return any(word.has_marks for word in self.words)

    def matching(self) -> str:
        """For PostgreSQL: every term whatever its marks, none of the excluded ones, whose marks count."""
        terms = ["(" + _matching(term) + ")" for term in dict.fromkeys(self.terms)]
        excluded = ["!(" + _phrase(word.lexeme for word in term) + ")" for term in self.excluded]
        return " & ".join([*terms, *excluded])

    @property
    def is_read_for(self) -> bool:
        """Whether the index alone cannot tell: of longer phrases it knows the pairs."""
        return any(len(term) > 2 for term in self.terms) or any(len(term) > 1 for term in self.excluded)

    def with_all(self, weights: str = "", *, exact: bool = False) -> str:
        return " & ".join(
            "(" + _phrase(_lexemes(term, exact=exact), weights) + ")" for term in dict.fromkeys(self.terms)
        )

    def as_phrase(self, weights: str = "", *, exact: bool = False) -> str:
        return _phrase(_lexemes(self.words, exact=exact), weights)


@lru_cache(maxsize=50_000)
def word_of(text: str) -> Word:
    text = unicodedata.normalize("NFD", text[:LONGEST_WORD].lower())
    exact = nfc(LATE_TONE.sub(lambda found: "".join(_early_tone(found)), text))
    return Word(fold(exact), exact)


def document(parts: Iterable[tuple[str, str]], marks: Iterable[str] = ()) -> str:
    """The tsvector of texts with their weights, A to D: every word folded and, where it has marks, with them."""
    places: dict[str, list[str]] = {}
    pairs: set[str] = set()
    place = size = 0
    for weight, text in parts:
        before = ""
        for found in WORD.finditer(nfc(text)):
            place += 1
            word = word_of(found[0])
            if before and (pair := f"{before} {word.folded}") not in pairs:
                pairs.add(pair)
                size += 4 * len(pair)
            before = word.folded
            for lexeme in {word.folded, word.lexeme}:
                places.setdefault(lexeme, []).append(f"{place}{weight}")
                size += 2 + 4 * len(lexeme) * (len(places[lexeme]) == 1)
            if place >= LAST_PLACE or size > LONGEST_DOCUMENT:
                break
        else:
            place += 1  # no phrase goes on from one text into the next
            continue
        break
    placed = [f"'{lexeme}':{','.join(at)}" for lexeme, at in places.items()]
    return " ".join([*placed, *(f"'{lexeme}'" for lexeme in (*pairs, *marks))])


def section_mark(id: int) -> str:
    return f"{MARK}s{id}"


def author_mark(id: int) -> str:
    return f"{MARK}a{id}"


def day_marks(day: date) -> list[str]:
    """Of its year, its month and itself."""
    return [f"{MARK}{day:%Y}", f"{MARK}{day:%Y-%m}", f"{MARK}{day:%Y-%m-%d}"]


def marks_between(first: date, last: date) -> list[str]:
    """Of whole years and months where there are some, else of days."""
    marks = []
    while first <= last:
        year, month, day = day_marks(first)
        next_month = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        if (first.month, first.day) == (1, 1) and last >= date(first.year, 12, 31):
            marks.append(year)
            first = date(first.year + 1, 1, 1)
        elif first.day == 1 and last >= next_month - timedelta(days=1):
            marks.append(month)
            first = next_month
        else:
            marks.append(day)
            first += timedelta(days=1)
    return marks


def any_of(marks: Iterable[str]) -> str:
    return " | ".join(f"'{mark}'" for mark in marks)


def captions(body_html: str) -> list[str]:
    return [html.unescape(TAG.sub(" ", caption)) for caption in FIGCAPTION.findall(body_html)]


def parse(text: str) -> Query:
    """Whatever was typed; what is no word, "phrase" or -minus is left out."""
    text = " ".join(nfc(text[:LONGEST_QUERY]).split())
    terms, excluded, count = [], [], 0
    for found in TERM.finditer(text.translate(QUOTES)):
        words = tuple(map(word_of, WORD.findall(found["phrase"] or found["word"] or "")))
        words = words[: MOST_WORDS - count]
        count += len(words)
        if words:
            (excluded if found["minus"] else terms).append(words)
    return Query(text, tuple(terms), tuple(excluded))


def marked(text: str, query: Query, *, length: int | None = None) -> list[tuple[str, bool]]:
    """The text in pieces, of which the found words are true; with a length, the part with most of them.

    Words with the very marks are preferred to others that fold to the same.
    """
    text = nfc(text[:READ_FOR_EXCERPT]) if length else nfc(text)
    wanted = {word.folded: word for word in query.words}
    hits = [
        (found.start(), found.end(), word_of(found[0]))
        for found in WORD.finditer(text)
        if word_of(found[0]).folded in wanted
    ]
    very = {word.folded for _start, _end, word in hits if query.has_marks and word == wanted[word.folded]}
    hits = [hit for hit in hits if hit[2].folded not in very or hit[2] == wanted[hit[2].folded]]
    start, end = _best_part(text, hits, length) if length else (0, len(text))
    pieces, at = [("… ", False)] if start else [], start
    for first, last, _word in hits:
        if first >= start and last <= end:
            if first > at:
                pieces.append((text[at:first], False))
            pieces.append((text[first:last], True))
            at = last
    if at < end:
        pieces.append((text[at:end], False))
    return [*pieces, (" …", False)] if end < len(text) else pieces


def nearest(query: Query, headlines: Iterable[str]) -> str:
    """The query with unknown words in the spelling of the headlines that is one letter away; else empty."""
    known: dict[str, Counter] = {}
    for headline in headlines:
        for found in WORD.findall(nfc(headline)):
            known.setdefault(word_of(found).folded, Counter())[word_of(found).exact] += 1
    words, is_changed = [], False
    for word in query.words:
        near = word.folded
        if near not in known:
            near = max(
                (other for other in _one_letter_away(near) if other in known),
                key=lambda other: known[other].total(),
                default=near,
            )
        is_changed |= near != word.folded
        words.append(word.exact if near == word.folded else known[near].most_common(1)[0][0])
    return " ".join(words) if is_changed else ""


def _early_tone(found: re.Match) -> tuple[str, str, str]:
    first, second, tone = (part for part in found.groups() if part)
    return first, tone, second


def _lexemes(words: Iterable[Word], *, exact: bool) -> list[str]:
    return [word.lexeme if exact else word.folded for word in words]


def _matching(term: tuple[Word, ...]) -> str:
    """A phrase by its pairs; from three words on they may also stand apart."""
    words = [word.folded for word in term]
    pairs = " & ".join(f"'{one} {other}'" for one, other in pairwise(words))
    return f"{pairs} & ({_phrase(words)})" if len(words) > 2 else pairs or _phrase(words)


def _phrase(lexemes: Iterable[str], weights: str = "") -> str:
    return " <-> ".join(f"'{lexeme}'" + (weights and f":{weights}") for lexeme in lexemes)


def _best_part(text: str, hits, length: int) -> tuple[int, int]:
    """Where the most different found words stand close together, cut at words."""
    if len(text) <= length:
        return 0, len(text)
    best, most, left = 0, (0, 0), 0
    inside: Counter = Counter()
    for _start, end, word in hits:
        inside[word.folded] += 1
        while end - hits[left][0] > length * 3 // 4 or inside[hits[left][2].folded] > 1:
            inside[hits[left][2].folded] -= 1
            left += 1
        found = sum(1 for number in inside.values() if number), hits[left][0] - end
        if found > most:
            best, most = hits[left][0], found
    start = max(0, min(best - length // 4, len(text) - length))
    if start:
        # From the beginning of its sentence or line where that is near, else from a word.
        ends = [place.end() for place in re.finditer(r"[.!?…]\s|\n|;\s", text[start : best + 1])]
        start += ends[-1] if ends else text[start : best + 1].find(" ") + 1
    end = min(len(text), start + length)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + length // 2)
    return start, end


def _one_letter_away(word: str):
    if len(word) > 20:
        return
    for place in range(len(word) + 1):
        before, behind = word[:place], word[place:]
        if behind:
            yield before + behind[1:]
            for letter in LETTERS:
                yield before + letter + behind[1:]
        if len(behind) > 1:
            yield before + behind[1] + behind[0] + behind[2:]
        for letter in LETTERS:
            yield before + letter + behind
