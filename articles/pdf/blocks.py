"""A rendered body as plain values for the PDF's layout: text, and lists of a name with its parts. Pure."""

from collections.abc import Iterator
from itertools import count
from urllib.parse import unquote

from lxml.html import HtmlElement

from articles import body

BLOCKS = {"p", "h2", "h3", "ul", "ol", "blockquote", "aside", "div", "figure", "table", "hr"}
HEADINGS = {"h2": 2, "h3": 3}
INLINE = {"strong", "em", "u", "s", "sub", "sup"}
LARGEST_SPAN = 100


def of(html: str, media_url: str) -> list[dict]:
    found = list(_blocks(body.parse(html), media_url))
    _close_gaps(found)
    return found


def photos(blocks: list[dict]) -> Iterator[dict]:
    for block in blocks:
        if block["kind"] == "photo":
            yield block
        yield from photos(block.get("blocks", []))


def _blocks(parent: HtmlElement, media_url: str) -> Iterator[dict]:
    """What stands in `parent`; words outside of blocks become paragraphs."""
    loose = [parent.text or ""]
    for element in parent:
        if element.tag in BLOCKS:
            yield from _paragraph(loose)
            yield from _block(element, media_url)
            loose = [element.tail or ""]
        else:
            loose += _inline(element)
    yield from _paragraph(loose)


def _block(element: HtmlElement, media_url: str) -> Iterator[dict]:
    match element.tag:
        case "p":
            yield from _paragraph(_words(element), element.get("class", "").removeprefix("align-"))
        case "h2" | "h3":
            yield {"kind": "heading", "level": HEADINGS[element.tag], "words": _words(element)}
        case "ul" | "ol":
            yield {
                "kind": "list" if element.tag == "ul" else "numbers",
                "start": int(element.get("start", "1")),
                "items": [list(_blocks(item, media_url)) for item in element.iterchildren("li")],
            }
        case "blockquote" | "aside":
            kind = "quote" if element.tag == "blockquote" else "box"
            yield {"kind": kind, "blocks": list(_blocks(element, media_url))}
        case "div" if "gallery" in element.get("class", ""):
            columns = 3 if "gallery--3" in element.get("class") else 2
            yield {"kind": "gallery", "columns": columns, "blocks": list(_blocks(element, media_url))}
        case "div":
            yield from _blocks(element, media_url)
        case "figure":
            yield _photo(element, media_url)
        case "table":
            yield _table(element)
        case "hr":
            yield {"kind": "rule"}


def _paragraph(words: list, align: str = "") -> Iterator[dict]:
    if any(not isinstance(part, str) or part.strip() for part in words):
        yield {"kind": "paragraph", "align": align, "words": [part for part in words if part]}


def _photo(figure: HtmlElement, media_url: str) -> dict:
    img, caption = figure.find(".//img"), figure.find("figcaption")
    words = _words(caption) if caption is not None else []
    return {
        "kind": "photo",
        "file": "/" + unquote(img.get("src").removeprefix(media_url)),
        "ratio": int(img.get("width")) / int(img.get("height")),
        "alt": img.get("alt") or (caption.text_content() if caption is not None else ""),
        "words": words,
    }


def _table(table: HtmlElement) -> dict:
    """Cells with their places, so that spans which do not fit are cut instead of refused."""
    rows = list(table.iter("tr"))
    taken: set[tuple[int, int]] = set()
    cells = []
    for y, row in enumerate(rows):
        for cell in row.iterchildren("th", "td"):
            x = next(place for place in count() if (place, y) not in taken)
            height = min(int(cell.get("rowspan", "1")), len(rows) - y)
            wanted = min(int(cell.get("colspan", "1")), LARGEST_SPAN)
            width = next((w for w in range(wanted) if (x + w, y) in taken), wanted)
            taken |= {(x + right, y + down) for right in range(width) for down in range(height)}
            cells.append(
                {"x": x, "y": y, "width": width, "height": height, "is_head": cell.tag == "th",
                 "words": _words(cell)}
            )  # fmt: skip
    caption = table.find("caption")
    return {
        "kind": "table",
        "columns": max((x for x, _y in taken), default=0) + 1,
        "head_rows": _head_rows(table, rows, cells),
        "cells": cells,
        "caption": _words(caption) if caption is not None else [],
    }


def _head_rows(table: HtmlElement, rows: list[HtmlElement], cells: list[dict]) -> int:
    """Rows that every page of the table repeats; one from which a cell hangs down into the others is not."""
    thead = table.find("thead")
    head = len(thead.findall("tr")) if thead is not None else 0
    if not head and rows and all(cell.tag == "th" for cell in rows[0]):
        head = 1
    hangs = any(cell["y"] < head < cell["y"] + cell["height"] for cell in cells)
    return 0 if hangs or head == len(rows) else head


def _words(element: HtmlElement) -> list:
    """Text, and [name, address, words] for what is marked in it."""
    parts = [element.text or ""]
    for child in element:
        if child.tag in (*BLOCKS, "li") and "".join(map(str, parts)).strip():
            parts.append("\n")
        parts += _inline(child)
    return [part for part in parts if part]


def _inline(child: HtmlElement) -> list:
    if child.tag == "br":
        return ["\n", child.tail or ""]
    if child.tag == "a":
        shown = [["a", child.get("href", ""), _words(child)]]
    elif child.tag in INLINE:
        shown = [[child.tag, "", _words(child)]]
    else:
        shown = _words(child)
    return [*shown, child.tail or ""]


def _close_gaps(blocks: list[dict], level: int = 1) -> int:
    """A heading is at most one level below the one before it, as the rules for accessible files ask."""
    for block in blocks:
        if block["kind"] == "heading":
            level = block["level"] = min(block["level"], level + 1)
        level = _close_gaps(block.get("blocks", []), level)
    return level
