"""What is different between two texts, for people: paragraphs side by side, and the words within them. Pure.

Contents go in as blocks, which body_blocks() makes of a stored body; stretches of rows come out. The time is
bounded: what would take long to compare word by word is shown as a whole paragraph out and a whole one in.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lxml import html as lxml_html
from lxml.html import HtmlElement

# Numbers and dates stay whole: "37.500", "20/11/2026".
WORD = re.compile(r"(\d+(?:[.,:/-]\d+)*|\w+|[^\w\s])(\s*)")
SPACES = re.compile(r"\s+")
ALIKE = 0.4  # the share of common words from which two paragraphs count as the same one, rewritten
# Steps that SequenceMatcher may need at the worst: about half a second for all words of a comparison.
STEPS = 10_000_000
PAIRS_OF_PARAGRAPHS = 60_000  # whose likeness is looked at
CONTEXT = 1  # unchanged rows shown on either side of a change
SHORTEST_FOLD = 3
SHORTEST_MOVE = 4  # words; a shorter line that stands elsewhere again says nothing


@dataclass(frozen=True)
class Block:
    """One paragraph, line of a list or table, or photo; of a photo `text` is the caption."""

    kind: str
    text: str
    photo: int = 0
    alt: str = ""
    links: tuple[str, ...] = ()
    markup: str = ""  # the text with its emphasis; only told apart, never shown


@dataclass(frozen=True)
class Piece:
    """Some words; `change` is "", "removed" or "added"."""

    text: str
    change: str = ""


@dataclass(frozen=True)
class Row:
    """A block in the comparison; `change` is "", "added", "removed", "changed", "moved_here" or "moved_away"."""

    kind: str
    change: str
    pieces: tuple[Piece, ...]
    photo: int = 0
    alt: tuple[Piece, ...] = ()  # only where it changed, as the links
    links: tuple[Piece, ...] = ()
    is_reformatted: bool = False


@dataclass(frozen=True)
class Stretch:
    """Rows that stand together; folded away where nothing changed."""

    rows: tuple[Row, ...]
    is_folded: bool = False


class Budget:
    """How many steps are left."""

    def __init__(self, steps: int = STEPS):
        self.steps = steps

    def allows(self, old: Sequence, new: Sequence) -> bool:
        """Counts the worst case: each search for the longest match goes through all equal pairs."""
        counts = Counter(old)
        steps = sum(counts[item] for item in new) * min(len(old), len(new))
        if steps > self.steps:
            return False
        self.steps -= steps
        return True


def body_blocks(html: str) -> list[Block]:
    """The stored body of a story in blocks, in its order."""
    root = lxml_html.fragment_fromstring(
        html, create_parent="div", parser=lxml_html.HTMLParser(huge_tree=True)
    )
    blocks: list[Block] = []
    for element in root:
        blocks += _blocks(element)
    return [block for block in blocks if block.text or block.photo or block.kind == "hr"]


def text_blocks(text: str) -> list[Block]:
    """Plain text, a block a line."""
    return [Block("p", line.strip()) for line in text.splitlines() if line.strip()]


def stretches(old: Sequence[Block], new: Sequence[Block]) -> list[Stretch]:
    """Old against new; nothing but one folded stretch, or none, when they are the same."""
    return _folded(_with_moves(list(_rows(old, new))))


def is_changed(compared: Iterable[Stretch]) -> bool:
    return any(row.change for stretch in compared for row in stretch.rows)


def words(old: str, new: str, budget: Budget | None = None) -> tuple[Piece, ...]:
    """One text against another, word by word."""
    if old == new:
        return _pieces(("", new))
    before, after = WORD.findall(old), WORD.findall(new)
    keys, new_keys = [word for word, _space in before], [word for word, _space in after]
    start = _common(keys, new_keys)
    end = _common(keys[start:][::-1], new_keys[start:][::-1])
    middle, new_middle = keys[start : len(keys) - end], new_keys[start : len(new_keys) - end]
    if (budget or Budget()).allows(middle, new_middle):
        codes = _calm(SequenceMatcher(None, middle, new_middle, autojunk=False).get_opcodes(), middle)
    else:
        codes = [("replace", 0, len(middle), 0, len(new_middle))]
    parts = [("", _joined(after[:start]))]
    for code, i, j, k, m in codes:
        if code == "equal":
            parts.append(("", _joined(after[start + k : start + m])))
        else:
            parts.append(("removed", _joined(before[start + i : start + j])))
            parts.append(("added", _joined(after[start + k : start + m])))
    parts.append(("", _joined(after[len(after) - end :])))
    return _pieces(*parts)


def _blocks(element: HtmlElement) -> Iterable[Block]:
    match element.tag:
        case "figure":
            img, caption = element.find(".//img"), element.find("figcaption")
            yield Block(
                "photo",
                "" if caption is None else _text(caption),
                photo=int(img.get("data-photo", 0)) if img is not None else 0,
                alt="" if img is None else img.get("alt", ""),
                links=() if caption is None else _links(caption),
                markup="" if caption is None else _markup(caption),
            )
        case "table":
            for row in element.iter("caption", "tr"):
                cells = row.findall("*") if row.tag == "tr" else [row]
                yield Block(
                    "row", " | ".join(_text(cell) for cell in cells), links=_links(row), markup=_markup(row)
                )
        case "ul" | "ol":
            for item in element.iter("li"):
                yield _plain("li", item, without=("ul", "ol"))
        case "blockquote" | "aside":
            kind = "quote" if element.tag == "blockquote" else "box"
            inner = [block for child in element for block in _blocks(child)]
            yield from (Block(kind, block.text, links=block.links, markup=block.markup) for block in inner)
        case _:
            yield _plain(str(element.tag), element)


def _plain(kind: str, element: HtmlElement, without: tuple[str, ...] = ()) -> Block:
    return Block(kind, _text(element, without), links=_links(element), markup=_markup(element))


def _text(element: HtmlElement, without: tuple[str, ...] = ()) -> str:
    """The words of the element; lists inside a line of a list are lines of their own."""
    return SPACES.sub(" ", "".join(_words_of(element, without))).strip()


def _words_of(element: HtmlElement, without: tuple[str, ...]) -> Iterable[str]:
    yield element.text or ""
    for child in element:
        if child.tag == "br":
            yield " "
        elif child.tag not in without:
            yield from _words_of(child, without)
        yield child.tail or ""


def _links(element: HtmlElement) -> tuple[str, ...]:
    return tuple(link.get("href", "") for link in element.iter("a"))


def _markup(element: HtmlElement) -> str:
    return lxml_html.tostring(element, encoding="unicode", with_tail=False)


def _rows(old: Sequence[Block], new: Sequence[Block]) -> Iterable[Row]:
    budget = Budget()
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    yield from (_same(block) for block in new[:start])
    middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    # Lines that stand there again and again are no landmarks, and cost the most.
    rare = len(set(middle)) * 2 > len(middle) or Budget().allows(middle, new_middle)
    if rare:
        codes = SequenceMatcher(None, middle, new_middle).get_opcodes()
    else:
        codes = [("replace", 0, len(middle), 0, len(new_middle))]
    for code, i, j, k, m in codes:
        if code == "equal":
            yield from (_same(block) for block in new_middle[k:m])
        else:
            yield from _replaced(middle[i:j], new_middle[k:m], budget)
    yield from (_same(block) for block in new[len(new) - end :])


def _replaced(old: Sequence[Block], new: Sequence[Block], budget: Budget) -> Iterable[Row]:
    """Blocks that were rewritten beside what they became; the others out, then in."""
    i = k = 0
    for a, b in [*_pairs(old, new), (len(old), len(new))]:
        yield from (_whole(block, "removed") for block in old[i:a])
        yield from (_whole(block, "added") for block in new[k:b])
        if a < len(old) and b < len(new):
            yield _changed(old[a], new[b], budget)
        i, k = a + 1, b + 1


def _pairs(old: Sequence[Block], new: Sequence[Block]) -> list[tuple[int, int]]:
    """Places of blocks that are alike, in the order of both; the sum of likeness is the greatest possible."""
    if len(old) * len(new) > PAIRS_OF_PARAGRAPHS:
        return []
    bags = [set(WORD.findall(block.text.lower())) for block in old]
    new_bags = [set(WORD.findall(block.text.lower())) for block in new]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    likeness = [
        [_likeness(a, b, bag, new_bag) for b, new_bag in zip(new, new_bags, strict=True)]
        for a, bag in zip(old, bags, strict=True)
    ]
    for i in range(len(old) - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for k in range(len(new) - 1, -1, -1):
            row[k] = max(below[k], row[k + 1], likeness[i][k] and likeness[i][k] + below[k + 1])
    pairs, i, k = [], 0, 0
    while i < len(old) and k < len(new):
        if best[i][k] == best[i + 1][k]:
            i += 1
        elif best[i][k] == best[i][k + 1]:
            k += 1
        else:
            pairs.append((i, k))
            i, k = i + 1, k + 1
    return pairs


def _likeness(old: Block, new: Block, bag: set, new_bag: set) -> float:
    if old.photo or new.photo:
        return float(old.photo == new.photo)
    if not bag or not new_bag:
        return 0.0
    share = 2 * len(bag & new_bag) / (len(bag) + len(new_bag))
    return share if share >= ALIKE else 0.0


def _same(block: Block) -> Row:
    return Row(block.kind, "", _pieces(("", block.text)), block.photo)


def _whole(block: Block, change: str) -> Row:
    return Row(block.kind, change, _pieces((change, block.text)), block.photo)


def _changed(old: Block, new: Block, budget: Budget) -> Row:
    return Row(
        new.kind,
        "changed",
        words(old.text, new.text, budget),
        new.photo,
        alt=words(old.alt, new.alt, budget) if old.alt != new.alt else (),
        links=_changed_links(old.links, new.links),
        is_reformatted=old.text == new.text and old.alt == new.alt and old.links == new.links,
    )


def _changed_links(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[Piece, ...]:
    out = [Piece(link, "removed") for link in old if link not in new]
    return (*out, *(Piece(link, "added") for link in new if link not in old))


def _with_moves(rows: list[Row]) -> list[Row]:
    """What went out here and came in there word for word has moved."""

    def keys(change: str) -> set:
        return {_move_key(row) for row in rows if row.change == change} - {None}

    moved = keys("removed") & keys("added")
    names = {"removed": "moved_away", "added": "moved_here"}
    return [
        Row(
            row.kind, names[row.change], _pieces(("", "".join(piece.text for piece in row.pieces))), row.photo
        )
        if row.change in names and _move_key(row) in moved
        else row
        for row in rows
    ]


def _move_key(row: Row):
    text = "".join(piece.text for piece in row.pieces)
    if row.photo:
        return row.photo, text
    return (0, text) if text.count(" ") + 1 >= SHORTEST_MOVE else None


def _folded(rows: list[Row]) -> list[Stretch]:
    found: list[Stretch] = []
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and bool(rows[end].change) == bool(rows[start].change):
            end += 1
        run = tuple(rows[start:end])
        before = CONTEXT if start else 0
        behind = CONTEXT if end < len(rows) else 0
        if rows[start].change or len(run) - before - behind < SHORTEST_FOLD:
            found.append(Stretch(run))
        else:
            middle = Stretch(run[before : len(run) - behind], is_folded=True)
            edges = Stretch(run[:before]), middle, Stretch(run[len(run) - behind :] if behind else ())
            found += [stretch for stretch in edges if stretch.rows]
        start = end
    return found


def _calm(codes: list, old: Sequence[str]) -> list:
    """Joins changes with only a word or two, or a comma, between them: confetti is hard to read."""
    calm: list = []
    for number, (code, i, j, k, m) in enumerate(codes):
        if code == "equal" and 0 < number < len(codes) - 1:
            _code, a, b, c, d = codes[number - 1]
            _next, e, f, g, h = codes[number + 1]
            if sum(word.isalnum() for word in old[i:j]) <= 2 and j - i < min(
                max(b - a, d - c), max(f - e, h - g)
            ):
                code = "replace"
        if calm and code != "equal" and calm[-1][0] != "equal":
            _last, a, _b, c, _d = calm.pop()
            calm.append(("replace", a, j, c, m))
        else:
            calm.append((code, i, j, k, m))
    return calm


def _common(old: Sequence, new: Sequence) -> int:
    """How many are the same at the beginning."""
    for number, (a, b) in enumerate(zip(old, new, strict=False)):
        if a != b:
            return number
    return min(len(old), len(new))


def _joined(found: Iterable[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in found)


def _pieces(*parts: tuple[str, str]) -> tuple[Piece, ...]:
    return tuple(Piece(text, change) for change, text in parts if text)
