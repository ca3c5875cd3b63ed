"""From mammoth's HTML to a row of paragraphs, pictures and others, in their order, with layout tables taken apart."""

import re
from copy import deepcopy
from dataclasses import dataclass

from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles import body

from .markup import Look

CAPTION_LENGTH = 400
SUBHEADING_LENGTH = 130
SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")


@dataclass
class Text:
    """A paragraph; `beside` when it stands with a picture in one cell or paragraph, as words for it.

    `anchors` when a floating picture is only fixed to it.
    """

    element: HtmlElement
    look: Look
    beside: bool = False
    anchors: bool = False

    def __post_init__(self):
        self.lines = [line for line in (_squeeze(line) for line in _lines(self.element)) if line]
        self.text = " ".join(self.lines)
        self.bold = share(self.element, "strong") > 0.9
        self.italic = share(self.element, "em") > 0.9


@dataclass
class Figure:
    part: str
    alt: str
    usable: bool
    caption: str = ""
    credit: str = ""
    shares: bool = False  # its caption stands below the next picture


@dataclass
class Other:
    """A list or a table: passed on as it is."""

    element: HtmlElement


def take_footnotes(root: HtmlElement) -> HtmlElement | None:
    """The notes at the end, without their ways back; marks in the text stay as raised numbers."""
    notes = None
    for item in list(root.iter("li")):
        if item.get("id", "").startswith(("footnote-", "endnote-")) and item.getparent() is not None:
            notes = item.getparent()
            for link in list(item.iter("a")):
                if link.get("href", "").startswith(("#footnote-ref", "#endnote-ref")):
                    link.drop_tree()
    if notes is not None and notes.getparent() is not None:
        notes.getparent().remove(notes)
    return notes


def drop_dead_links(root: HtmlElement) -> None:
    """Links to places in the document: the clean body has no ids."""
    for link in list(root.iter("a")):
        if not link.get("href", "").lower().startswith(("http:", "https:", "mailto:", "tel:")):
            link.drop_tag()


def to_items(root: HtmlElement, looks) -> list:
    items = []
    for element in root:
        if element.tag == "table":
            items += _table_items(element, looks)
        elif element.tag in ("ul", "ol"):
            heading = _numbered_heading(element)
            items += [heading] if heading else _list_items(element)
        else:
            items += _paragraph_items(element, looks)
    return items


def _list_items(element: HtmlElement) -> list:
    figures = [_figure(img) for img in element.iter("img")]
    for img in list(element.iter("img")):
        img.drop_tree()
    return [Other(element), *figures]


def _numbered_heading(element: HtmlElement) -> "Text | None":
    """A list of one short bold line is a subheading that Word numbers."""
    if len(element) != 1 or any(element[0].find(f".//{tag}") is not None for tag in ("li", "img")):
        return None
    if share(element, "strong") <= 0.9:
        return None
    line = deepcopy(element[0])
    line.tag = "p"
    text = Text(line, Look())
    return text if len(text.text) <= SUBHEADING_LENGTH else None


def _paragraph_items(element: HtmlElement, looks, *, beside=False) -> list:
    look = looks.get(element.get("class", ""), Look())
    if look.role == "toc":
        return []
    if next(element.iter("img"), None) is None:
        text = Text(element, look, beside)
        return [text] if text.text else []
    return _split_at_pictures(element, look, beside)


def _split_at_pictures(element: HtmlElement, look: Look, beside: bool) -> list:
    """Pictures and what is written before, between and behind them, in their order."""
    items, part = [], 0
    for kind, node, _slot in list(places(element)):
        if kind == "img":
            items += _part(element, part, look, beside, bool(items))
            items.append(_figure(node))
            part += 1
    items += _part(element, part, look, beside, True)
    return items


def _part(element: HtmlElement, wanted: int, look: Look, beside: bool, follows_picture: bool) -> list:
    copy, part, has_break, pictures, breaks = deepcopy(element), 0, False, [], []
    for kind, node, slot in list(places(copy)):
        if kind == "img":
            part += 1
            pictures.append(node)
        elif part != wanted:
            if kind == "br":
                breaks.append(node)
            else:
                setattr(node, slot, None)
        elif kind == "br" and not has_break:
            has_break = True
    for node in (*pictures, *breaks):
        node.drop_tree()
    text = Text(copy, look)
    # Behind a line break, or with a picture and in the middle: words for the picture, not a paragraph beside it.
    text.beside = beside or (follows_picture and (has_break or look.align == "center"))
    text.anchors = follows_picture and not text.beside
    return [text] if text.text else []


def places(element: HtmlElement):
    """Each piece of text, picture and line break in the order of the document."""
    yield "text", element, "text"
    for child in element:
        if child.tag in ("img", "br"):
            yield child.tag, child, ""
        else:
            yield from places(child)
        yield "text", child, "tail"


def _figure(img: HtmlElement) -> Figure:
    alt = _squeeze(img.get("alt", ""))
    # Programs write sentences of their own about a picture; the writer's words are the caption.
    alt = (
        "" if body.WORD_ALT.match(alt) or re.search(r"AI|tự động|automatically|\.(jpe?g|png)$", alt) else alt
    )
    return Figure(img.get("src", ""), alt, usable=bool(img.get("src")))


def _table_items(table: HtmlElement, looks) -> list:
    """A table that only puts pictures and their captions side by side is taken apart; one with data stays."""
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    cells = [cell for row in rows for cell in row]
    pictures = [cell for cell in cells if cell.find(".//img") is not None]
    words = [cell for cell in cells if _squeeze(cell.text_content())]
    is_nested = table.find(".//table") is not None
    if len(cells) == 1 and not is_nested:
        return [item for child in cells[0] for item in _cell_items(child, looks, beside=bool(pictures))]
    is_layout = (
        pictures
        and not is_nested
        and len(words) <= 2 * len(pictures) + 1
        and all(len(_squeeze(cell.text_content())) <= CAPTION_LENGTH for cell in words)
    )
    if is_layout:
        return _layout_items(rows, looks)
    figures = [_figure(img) for img in table.iter("img")]
    for img in list(table.iter("img")):
        img.drop_tree()
    for element in table.iter("p"):
        element.attrib.pop("class", None)
    if not rows or not (words or is_nested):
        return figures
    first = rows[0]
    if len(rows) > 1 and not is_nested and all(share(cell, "strong") > 0.9 for cell in first):
        for cell in first:
            cell.tag = "th"
            cell.set("scope", "col")
            for strong in list(cell.iter("strong")):
                strong.drop_tag()
    return [Other(table), *figures]


def _cell_items(child: HtmlElement, looks, *, beside: bool) -> list:
    if child.tag in ("ul", "ol"):
        return _list_items(child)
    return _paragraph_items(child, looks, beside=beside)


def _layout_items(rows, looks) -> list:
    """Row by row: the pictures of a row, each with the words in its cell or in the cell below it."""
    placed = []  # rows of (first column, behind the last, items)
    for row in rows:
        column, cells = 0, []
        for cell in row:
            span = int(cell.get("colspan", "1"))
            items = [item for child in cell for item in _cell_items(child, looks, beside=True)]
            cells.append((column, column + span, items))
            column += span
        placed.append(cells)
    items, number = [], 0
    while number < len(placed):
        row, below = placed[number], placed[number + 1] if number + 1 < len(placed) else []
        number += 1
        if not _has_figure(row) or not below or _has_figure(below) or any(_texts(cell) for cell in row):
            items += [item for cell in sorted(row, key=_texts_last) for item in cell[2]]
            continue
        number += 1
        left = list(row)
        for start, end, words in below:
            above = [cell for cell in left if cell[0] < end and cell[1] > start]
            left = [cell for cell in left if cell not in above]
            items += [item for cell in above for item in cell[2]] + words
        items += [item for cell in left for item in cell[2]]
    return items


def _has_figure(cells) -> bool:
    return any(isinstance(item, Figure) for cell in cells for item in cell[2])


def _texts(cell) -> bool:
    return any(isinstance(item, Text) for item in cell[2])


def _texts_last(cell) -> bool:
    """In a row, a cell with words only describes the picture beside it, on whichever side."""
    return _texts(cell) and not _has_figure([cell])


def paragraph(text: str) -> HtmlElement:
    element = lxml_html.Element("p")
    element.text = text
    return element


def _lines(element: HtmlElement) -> list[str]:
    return "".join(
        "\n" if kind == "br" else (getattr(node, slot) or "").replace("\n", " ") if kind == "text" else ""
        for kind, node, slot in places(element)
    ).split("\n")


def _squeeze(text: str) -> str:
    return SPACES.sub(" ", text).strip()


def share(element: HtmlElement, tag: str) -> float:
    """How much of the words stands in `tag`, from 0 to 1."""
    whole = len("".join(element.text_content().split()))
    inside = sum(len("".join(part.text_content().split())) for part in element.iter(tag))
    return inside / whole if whole else 0.0
