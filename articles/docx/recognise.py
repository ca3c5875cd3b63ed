"""From mammoth's HTML to a story: which line is the headline, which words belong to which photo, who signs. Pure.

Newsrooms write in a few ways: with styles, or without any and only bold, centred, italic or larger letters. What is
certain by a style or a label ("Sapo:", "Bài và ảnh:") wins over what only looks like it; guesses leave a note.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles import body
from articles.fold import fold, nfc

from .markup import Look, Notes

HEADLINE_LENGTH = 300  # characters, as the model has it
LEAD_LENGTH = 700
CAPTION_LENGTH = 400
CAPTION_LINES = 3
SUBHEADING_LENGTH = 130
NAME_WORDS = 9  # "Đại úy Nguyễn Thị Minh Hà" and a unit before it
CREDIT_LENGTH = 120

LABELS = {
    "headline": r"(?:tiêu đề|tít chính|tít|title)",
    "kicker": r"(?:tít phụ|tít dẫn|kicker)",
    "lead": r"(?:sa ?pô|sa ?po|lead|chapeau|tóm tắt)",
}
# The words before a name, each with the role that the model knows; the longer ones first.
ROLES = [
    (r"(?:bài|tin|tin,? bài|bài viết)\s*(?:và|,|-|–|\+|&|/)?\s*ảnh", "text_and_photo"),
    (r"(?:thực hiện|nhóm tác giả|nhóm phóng viên|nhóm pv|nhóm pv,? ctv)", "name_only"),
    (r"(?:tác giả|người viết|phóng viên|pv|bài viết|tin,? bài|bài|tin)", "text"),
    (r"(?:chùm ảnh|ảnh|photo)", "photo"),
    (r"(?:tổng hợp|biên soạn|sưu tầm)", "compiled"),
    (r"(?:người dịch|biên dịch|dịch|lược dịch)", "translated"),
]
ROLE_LABEL = re.compile(
    rf"(?:^|[\s;,.\-–—|(])(?P<label>{'|'.join(words for words, _ in ROLES)})\s*:\s*", re.IGNORECASE
)
ACCORDING = re.compile(r"^\(?\s*(?:nguồn(?: tin)?\s*:|theo\s*:?)\s*(?P<name>.+?)\s*\)?\.?$", re.IGNORECASE)
COMPILED_BEHIND = re.compile(
    r"^(?P<name>.+?)\s*\(\s*(?P<word>tổng hợp|t/h|th|dịch|lược dịch|theo [^)]+)\s*\)$", re.IGNORECASE
)

CREDIT = re.compile(
    r"\s*[(\[/|\-–—]*\s*(?:nguồn ảnh|ảnh (?:minh họa|minh hoạ|tư liệu)|ảnh|nguồn|photo|credit)\s*:\s*(?P<name>[^:()\[\]]{2,120}?)\s*[)\]]?\s*[.]?\s*$",
    re.IGNORECASE,
)
CAPTION_LABEL = re.compile(
    r"^(?:(?:ảnh|hình|hình ảnh|figure|photo)\s*(?:số\s*)?\d+\s*[.:)\-–]\s*|chú thích(?: ảnh)?\s*\d*\s*:\s*|ảnh\s*:\s*(?=\S+(?:\s+\S+){6}))",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?…:;][\s\"”’)]*$")
PHONE = re.compile(r"\W*(?:\b(?:s?đt|điện thoại|tel|mobile)\b\W*)?\(?\+?\d[\d .()-]{7,14}\d", re.IGNORECASE)
AFTERWORD = re.compile(r"^\W*(?:còn tiếp|còn nữa|hết|xem tiếp)\b.{0,20}$", re.IGNORECASE)
NAMES_BEHIND_END = re.compile(r"\./\.\s+(?P<names>\S.{1,100})$")
END_MARK = re.compile(r"\./\.\s*$")
SMALL_WORDS = {"và", "của", "ở", "tại", "cùng", "với"}
# In the order in which a person looks through a draft.
NOTES = (
    "headline_from_nothing", "headline_guessed", "lead_guessed", "lead_missing", "captions_guessed", "captions_shared",
    "captions_missing", "byline_guessed", "byline_missing", "phone_dropped", "letterhead", "changes_accepted", "comments_dropped",
    "pictures_dropped", "pictures_linked", "charts_dropped", "equations_dropped", "old_font",
)  # fmt: skip
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
        self.bold = _share(self.element, "strong") > 0.9
        self.italic = _share(self.element, "em") > 0.9


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


@dataclass
class Story:
    headline: str = ""
    kicker: str = ""
    lead: str = ""
    byline: list[dict] = field(default_factory=list)


def recognise(html: str, looks: dict[str, Look], notes: Notes) -> dict:
    """What articles.docx.read() hands on, in plain types."""
    root = lxml_html.fragment_fromstring(nfc(html) or "<p></p>", create_parent="div")
    footnotes = _take_footnotes(root)
    _drop_dead_links(root)
    items = _items(root, looks)
    _drop_letterhead(items, notes)
    _caption(items, notes)
    story = Story()
    _take_byline(items, story, notes)
    _take_head(items, story, notes)
    _subheadings(items, story)
    figures, html = _written(items, notes, footnotes)
    if not story.headline and (html or figures):
        notes.values["headline_from_nothing"] = True
    return {
        "headline": story.headline[:HEADLINE_LENGTH],
        "kicker": story.kicker[:120],
        "lead": story.lead,
        "body": body.clean(html),
        "photos": [
            {"part": each.part, "alt": each.alt, "caption": each.caption, "credit": each.credit}
            for each in figures
        ],
        "byline": story.byline,
        "notes": sorted(
            [*notes.values.items(), *((code, count) for code, count in notes.counts.items() if count)],
            key=lambda note: NOTES.index(note[0]),
        ),
    }


# From HTML to items


def _take_footnotes(root: HtmlElement) -> HtmlElement | None:
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


def _drop_dead_links(root: HtmlElement) -> None:
    """Links to places in the document: the clean body has no ids."""
    for link in list(root.iter("a")):
        if not link.get("href", "").lower().startswith(("http:", "https:", "mailto:", "tel:")):
            link.drop_tag()


def _items(root: HtmlElement, looks) -> list:
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
    if _share(element, "strong") <= 0.9:
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
    places = list(_places(element))
    for kind, node, _slot in places:
        if kind == "img":
            items += _part(element, part, look, beside, bool(items))
            items.append(_figure(node))
            part += 1
    items += _part(element, part, look, beside, True)
    return items


def _part(element: HtmlElement, wanted: int, look: Look, beside: bool, follows_picture: bool) -> list:
    copy, part, has_break, pictures, breaks = deepcopy(element), 0, False, [], []
    for kind, node, slot in list(_places(copy)):
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


def _places(element: HtmlElement):
    """Each piece of text, picture and line break in the order of the document."""
    yield "text", element, "text"
    for child in element:
        if child.tag in ("img", "br"):
            yield child.tag, child, ""
        else:
            yield from _places(child)
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
    if len(rows) > 1 and not is_nested and all(_share(cell, "strong") > 0.9 for cell in first):
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


def _drop_letterhead(items: list, notes: Notes) -> None:
    """The national motto and the agencies' names above it, as official papers begin."""
    while items and isinstance(items[0], Text) and fold(items[0].text).startswith("kinh gui"):
        del items[0]
        notes.values["letterhead"] = True
    for number, item in enumerate(items[:8]):
        words = (
            item.text
            if isinstance(item, Text)
            else item.element.text_content()
            if isinstance(item, Other)
            else ""
        )
        if "doc lap" in (folded := fold(words)) and "hanh phuc" in folded:
            del items[: number + 1]
            while items and isinstance(items[0], Text) and _is_letterhead(items[0].text):
                del items[0]
            notes.values["letterhead"] = True
            return


def _is_letterhead(text: str) -> bool:
    """A rule of dashes, a number, a place with its date."""
    folded = fold(text)
    return (
        not re.search(r"[a-z]", folded)
        or folded.startswith("so:")
        or bool(re.search(r"ngay .{1,8}thang .{1,8}nam", folded) and len(text) < 70)
    )


# Captions


def _caption(items: list, notes: Notes) -> None:
    last = max((n for n, item in enumerate(items) if isinstance(item, Text)), default=-1)
    styled = False
    number = 0
    while number < len(items):
        if not isinstance(items[number], Figure):
            number += 1
            continue
        end = number
        while end < len(items) and isinstance(items[end], Figure):
            end += 1
        if _floats(items[end : end + 2]):
            # The picture is fixed to a paragraph, and its caption stands below that.
            items[number : end + 1] = [items[end], *items[number:end]]
            number, end = number + 1, end + 1
        lines = 0
        while end + lines < len(items) and lines < CAPTION_LINES:
            item = items[end + lines]
            previous = items[end + lines - 1] if lines else None
            if not _captions(item, previous, is_last=end + lines == last):
                break
            lines += 1
        if lines:
            styled = True
            _attach(items[number:end], items[end : end + lines], notes)
            del items[end : end + lines]
            last -= lines
        elif number and _is_caption_style(items[number - 1]):
            styled = True
            _attach(items[number:end], [items[number - 1]], notes)
            del items[number - 1]
            last, end = last - 1, end - 1
        number = end
    if not styled:
        _guess_captions(items, notes)


def _floats(items: list) -> bool:
    if len(items) < 2 or not isinstance(items[0], Text) or not items[0].anchors:
        return False
    return not _captions(items[0], None, is_last=False) and _captions(items[1], None, is_last=False)


def _is_caption_style(item) -> bool:
    return isinstance(item, Text) and item.look.role == "caption"


def _captions(item, previous: Text | None, *, is_last: bool) -> bool:
    """Whether these words stand below the picture, or go on with the line above."""
    if not isinstance(item, Text) or len(item.text) > CAPTION_LENGTH:
        return False
    if item.look.role:
        return item.look.role == "caption"
    if _is_credit_line(item.text) and not (is_last and (item.bold or item.look.align == "right")):
        return True
    if item.look.align == "right" or END_MARK.search(item.text) or _signs(item.text):
        return False
    if is_last and _is_name(item.text):
        return False
    if previous is None:
        return item.beside or item.look.align == "center" or item.italic
    same = (item.look.align, item.italic, item.beside) == (
        previous.look.align,
        previous.italic,
        previous.beside,
    )
    return (
        same
        and previous.look.role != "caption"
        and (item.beside or item.look.align == "center" or item.italic)
        and not (item.bold and not previous.bold)
        and len(item.text) <= 200
    )


def _attach(figures: list[Figure], texts: list[Text], notes: Notes) -> None:
    caption, credit = split_credit([line for text in texts for line in text.lines])
    if len(figures) > 1:
        notes.counts["captions_shared"] += 1
    for figure in figures:
        figure.caption, figure.credit = caption, credit
    for figure in figures[:-1]:
        figure.shares = True


def _guess_captions(items: list, notes: Notes) -> None:
    """Nothing marks captions: a short line between a picture and a longer paragraph is one."""
    number = 1
    while number < len(items) - 1:
        item, picture, behind = items[number], items[number - 1], items[number + 1]
        is_short = isinstance(item, Text) and len(item.text) <= 160 and not item.bold and not item.look.role
        is_between = isinstance(behind, Figure) or (
            isinstance(behind, Text) and (len(behind.text) > 1.5 * len(item.text) if is_short else False)
        )
        if is_short and is_between and isinstance(picture, Figure) and not END_MARK.search(item.text):
            _attach([picture], [item], notes)
            notes.counts["captions_guessed"] += 1
            del items[number]
        number += 1


def split_credit(lines: list[str]) -> tuple[str, str]:
    """The caption, and who took the photo, whether in brackets, behind a dash or on a line of its own."""
    credit, kept = "", []
    for line in lines:
        if not credit and _is_credit_line(line):
            credit = _credit_name(CREDIT.search(line))
        else:
            kept.append(line)
    caption = CAPTION_LABEL.sub("", " ".join(kept))
    if not credit and (match := CREDIT.search(caption)) and match.start():
        name = _credit_name(match)
        if len(name.split()) <= NAME_WORDS and not CAPTION_LABEL.match(match[0].strip()):
            credit, caption = name, caption[: match.start()]
    caption = caption.strip(" \t-–—/|")
    if caption.startswith("(") and caption.endswith(")") and caption.count("(") == 1:
        caption = caption[1:-1].strip()
    return caption, credit


def _credit_name(match: re.Match) -> str:
    return match["name"].strip(" .-–—")[:CREDIT_LENGTH]


def _is_credit_line(text: str) -> bool:
    """ "Ảnh: Minh Hà", but not "Ảnh: Lãnh đạo xã trao quà"."""
    match = CREDIT.match(text)
    if not match or CAPTION_LABEL.match(text):
        return False
    words = match["name"].split()
    if len(words) > NAME_WORDS:
        return False
    capitals = sum(word[:1].isupper() for word in words)
    return len(words) <= 4 or 2 * capitals >= len(words) or bool(re.search(r"cung cấp|tư liệu", text))


# Byline


def _take_byline(items: list, story: Story, notes: Notes) -> None:
    """The last lines with names. One that also ends the text, behind its end mark, is cut off there."""
    texts = [item for item in items if isinstance(item, Text)]
    found, unit = [], None
    for number in range(len(texts) - 1, max(len(texts) - 5, -1), -1):
        item = texts[number]
        if number == len(texts) - 1 and AFTERWORD.match(item.text):
            continue
        if rest := _split_off_names(item):
            found.insert(0, rest)
            break
        if signatures := _signatures(item, is_last=not found):
            found.insert(0, (item, signatures))
            items.remove(item)
        elif (
            unit is None
            and not found
            and number
            and _is_unit(item)
            and _signatures(texts[number - 1], is_last=True)
        ):
            unit = item
        else:
            break
    if unit and found:
        items.remove(unit)
        for signature in found[0][1]:
            signature["unit"] = signature["unit"] or unit.text.strip(" ().")[:120]
    if not found:
        notes.values["byline_missing"] = True
        return
    for item, signatures in found:
        if PHONE.search(item.text):
            notes.values["phone_dropped"] = True
        story.byline += [each for each in signatures if each not in story.byline]
        if not (
            item.look.role or item.bold or item.italic or item.look.align == "right" or _signs(item.text)
        ):
            notes.values["byline_guessed"] = True


def _is_unit(item: Text) -> bool:
    """ "(Công an xã Bãi Bồi)" below the name."""
    is_marked = item.bold or item.italic or item.look.align != "left"
    return is_marked and len(item.text) <= 100 and not SENTENCE_END.search(item.text)


def _split_off_names(item: Text):
    """A soft line break or a tab before the name instead of a new paragraph."""
    if match := NAMES_BEHIND_END.search(item.text):
        names = Text(_paragraph(match["names"]), Look(align="right"))
        if signatures := _signatures(names, is_last=True):
            _cut_behind_end(item.element)
            item.__post_init__()
            return names, signatures
    if len(item.lines) < 2:
        return None
    names = Text(_paragraph(item.lines[-1]), Look(align="right"))
    if not END_MARK.search(item.lines[-2]) and not _signs(names.text):
        return None
    signatures = _signatures(names, is_last=True)
    if not signatures:
        return None
    places = list(_places(item.element))
    last = max(n for n, (kind, _node, _slot) in enumerate(places) if kind == "br")
    # Trailing breaks hold nothing; the last one with words behind it is where the name begins.
    while not any(
        kind == "text" and (getattr(node, slot) or "").strip() for kind, node, slot in places[last:]
    ):
        last = max(n for n, (kind, _n, _s) in enumerate(places[:last]) if kind == "br")
    for kind, node, slot in places[last:]:
        if kind == "text":
            setattr(node, slot, None)
    item.__post_init__()
    return names, signatures


def _cut_behind_end(element: HtmlElement) -> None:
    for kind, node, slot in reversed(list(_places(element))):
        if kind == "text" and "./." in (text := getattr(node, slot) or ""):
            setattr(node, slot, text[: text.rindex("./.") + 3])
            return
        if kind == "text":
            setattr(node, slot, None)


def _signatures(item: Text, *, is_last: bool) -> list[dict]:
    text = PHONE.sub("", item.text).strip()  # for the newsroom, not for readers
    if len(text) > 150 or END_MARK.search(text) or item.look.role in ("title", "lead", "caption"):
        return []
    if _signs(text) or item.look.role == "byline":
        return parse_byline(text)
    is_marked = item.bold or item.look.align == "right" or item.italic or item.look.align == "center"
    few = len(text.split()) <= (NAME_WORDS if is_marked else 5)
    if is_last and few and _is_name(text, most=is_marked and item.look.align == "right"):
        return parse_byline(text)
    return []


def _signs(text: str) -> bool:
    """Words such as "Bài và ảnh:" or "Theo TTXVN" make it a byline wherever it stands."""
    if CAPTION_LABEL.match(text):
        return False
    label = ROLE_LABEL.match(text)
    if label or COMPILED_BEHIND.match(text):
        return len(text) <= 150
    according = ACCORDING.match(text)
    return (
        bool(according) and len(according["name"].split()) <= 12 and not SENTENCE_END.search(text.rstrip(")"))
    )


def parse_byline(text: str) -> list[dict]:
    """ "Bài: Minh Hà - Ảnh: Đức Thắng" gives two signatures, each with its role."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    if (match := COMPILED_BEHIND.match(text)) and not ROLE_LABEL.search(text):
        word = fold(match["word"])
        if word.startswith("theo "):
            return [*_names(match["name"], "compiled"), _signature(match["word"][5:], "according_to")]
        return _names(match["name"], "translated" if "dich" in word else "compiled")
    if not ROLE_LABEL.search(text) and (match := ACCORDING.match(text)):
        return [_signature(match["name"], "according_to")]
    labels = list(ROLE_LABEL.finditer(text))
    if not labels:
        return _names(text, "name_only")
    found = []
    if names := text[: labels[0].start()].strip(" -–—;,.|("):
        found += _names(names, "name_only")
    for number, label in enumerate(labels):
        end = labels[number + 1].start() if number + 1 < len(labels) else len(text)
        found += _names(text[label.end() : end], _role_of(label["label"]))
    return found


def _role_of(label: str) -> str:
    for words, role in ROLES:
        if re.fullmatch(words, label, re.IGNORECASE):
            return role
    return "name_only"


def _names(text: str, role: str) -> list[dict]:
    parts = re.split(r"\s*[;,/&+|]\s*|\s+[-–—]\s+|\s*[–—]\s*|\s+và\s+", text.strip(" .;,-–—()"))
    return [_signature(part, role) for part in parts if part.strip(" .")][:12]


def _signature(name: str, role: str) -> dict:
    name, unit = name.strip(" .;,-–—"), ""
    if match := re.fullmatch(r"(.+?)\s*\(([^()]+)\)?", name):
        name, unit = match[1], match[2].strip()
    return {"name": name[:80], "role": role, "unit": unit[:120]}


def _is_name(text: str, *, most=False) -> bool:
    """Every word begins with a capital, as in "Minh Hà – Đức Thắng"; or most, as in "Công an xã Bãi Bồi"."""
    words = re.findall(r"[^\W\d_][\w.]*", re.sub(r"\([^()]*\)", "", text))
    if not words or SENTENCE_END.search(text) or re.search(r"\d", text):
        return False
    capitals = [word[0].isupper() for word in words if word not in SMALL_WORDS]
    if len(words) > NAME_WORDS or not capitals or not capitals[0]:
        return False
    return all(capitals) or (most and 2 * sum(capitals) >= len(capitals))


# Headline, kicker, lead


def _take_head(items: list, story: Story, notes: Notes) -> None:
    _take_labelled(items, story)
    if not story.headline:
        _take_headline(items, story, notes)
    if not story.lead:
        _take_lead(items, story, notes)


def _take_labelled(items: list, story: Story) -> None:
    """ "Tiêu đề: …", "Sapo: …", as some newsrooms ask for it."""
    for item in [item for item in items[:8] if isinstance(item, Text)]:
        for name, words in LABELS.items():
            match = re.match(rf"{words}\s*:\s*(?=\S)", item.text, re.IGNORECASE)
            if match and not getattr(story, name):
                setattr(story, name, item.text[match.end() :])
                items.remove(item)
                break


def _take_headline(items: list, story: Story, notes: Notes) -> None:
    head = _head(items)
    titles = [item for item in items[:12] if isinstance(item, Text) and item.look.role == "title"]
    if not titles and (first := next((item for item in head if item.look.role == "h1"), None)):
        titles = [first]
    if not titles:
        titles = _by_look(head)
        if titles and not (titles[0].bold or titles[0].look.align == "center"):
            notes.values["headline_guessed"] = True
    if not titles:
        return
    before = items[: items.index(titles[0])]
    kickers = [item for item in before if isinstance(item, Text) and len(item.text) <= 120]
    if kickers and not story.kicker and len(kickers) == len([i for i in before if isinstance(i, Text)]) <= 2:
        story.kicker = " ".join(item.text for item in kickers)
        for item in kickers:
            items.remove(item)
    story.headline = " ".join(item.text for item in titles)
    for item in titles:
        items.remove(item)


def _head(items: list) -> list[Text]:
    """The paragraphs before the text begins: up to the first that is no line of a headline."""
    head = []
    for item in items[:10]:
        if isinstance(item, Other):
            break
        if isinstance(item, Figure):
            continue
        head.append(item)
        if len(item.text) > 250 or len(head) == 5:
            break
    return head


def _by_look(head: list[Text]) -> list[Text]:
    """The lines of the headline: of the short ones at the top the largest, boldest, those in the middle."""
    lines = []
    for item in head:
        ends_like_text = re.search(r"\.[\s\"”’)]*$", item.text) and not item.text.endswith("...")
        if len(item.text) > 220 or ends_like_text or item.look.role in ("lead", "caption", "byline"):
            break
        if lines and not (item.bold or item.look.align == "center" or item.look.size > lines[0].look.size):
            break
        lines.append(item)
    if not lines:
        # Some put a full stop behind a headline.
        first = head[:1]
        is_marked = first and first[0].look.align == "center" and first[0].bold and len(first[0].text) <= 150
        return first if is_marked else []

    def weight(item):
        return (item.look.size, item.bold, item.look.align == "center", item.text.isupper())

    best = max(lines, key=weight)
    first = lines.index(best)
    chosen = [best]
    for item in lines[first + 1 :]:
        if weight(item) != weight(best) or item.italic != best.italic:
            break
        chosen.append(item)
    return chosen


def _take_lead(items: list, story: Story, notes: Notes) -> None:
    texts = [item for item in items if isinstance(item, Text)]
    leads = [item for item in texts[:4] if item.look.role == "lead"]
    if not leads and texts:
        first = texts[0]
        if len(texts) > 1 and not story.kicker and _is_line_below(first, texts[1]):
            story.kicker = first.text
            items.remove(first)
            del texts[0]
            first = texts[0]
        is_top = all(isinstance(item, Figure) for item in items[: items.index(first)])
        if not is_top or first.look.role or len(first.text) > LEAD_LENGTH:
            pass
        elif (first.bold or first.italic) and (len(first.text) > 60 or SENTENCE_END.search(first.text)):
            leads = [first]
            for item in texts[1:2]:
                if (item.bold, item.italic) == (first.bold, first.italic) and len(item.text) > 60:
                    leads.append(item)
        elif len(first.text) > 60 and len(texts) > 2 and not END_MARK.search(first.text):
            leads = [first]
            notes.values["lead_guessed"] = True
    if not leads:
        notes.values["lead_missing"] = True
        return
    story.lead = " ".join(item.text for item in leads)
    for item in leads:
        items.remove(item)


def _is_line_below(line: Text, behind: Text) -> bool:
    """The name of a series between headline and lead; the page has it above the headline."""
    is_short = len(line.text) <= 120 and not line.look.role and not SENTENCE_END.search(line.text)
    return (
        is_short and line.look.align == "center" and (behind.bold or behind.italic) and len(behind.text) > 60
    )


def _subheadings(items: list, story: Story) -> None:
    """Styled headings keep their order; without any, a short bold line before a paragraph is one."""
    texts = [item for item in items if isinstance(item, Text)]
    levels = sorted({item.look.role for item in texts if re.fullmatch("h[1-6]", item.look.role)})
    for number, item in enumerate(items):
        if not isinstance(item, Text):
            continue
        behind = items[number + 1] if number + 1 < len(items) else None
        if item.look.role in levels:
            level = "h2" if item.look.role == levels[0] else "h3"
        elif item.look.role == "title":
            level = "h2"
        elif (
            item.bold
            and len(item.text) <= SUBHEADING_LENGTH
            and item.look.align != "right"
            and not re.search(r"[.;,:][\s\"”’)]*$", item.text)
            and behind is not None
            and not (isinstance(behind, Text) and behind.bold and len(behind.text) <= SUBHEADING_LENGTH)
        ):
            level = "h3" if levels else "h2"
        else:
            continue
        for tag in ("strong", "em"):
            if _share(item.element, tag) > 0.9:
                for part in list(item.element.iter(tag)):
                    part.drop_tag()
        for line in list(item.element.iter("br")):
            line.tail = f" {line.tail or ''}"
            line.drop_tree()
        item.element.tag = level


# Back to HTML


def _written(items: list, notes: Notes, footnotes) -> tuple[list[Figure], str]:
    """The pictures that stay, and the body with their numbers."""
    figures, parts = [], []
    for item in items:
        if isinstance(item, Figure):
            if not item.usable:
                notes.counts["pictures_dropped"] += 1
                if item.caption and not item.shares:
                    parts.append(_html(_paragraph(item.caption)))
                continue
            figures.append(item)
            if not item.caption:
                notes.counts["captions_missing"] += 1
            parts.append(figure_html(len(figures), item, with_words=not item.shares))
            continue
        element = item.element
        element.attrib.pop("class", None)
        if isinstance(item, Text) and element.tag == "p" and item.look.align != "left":
            element.set("class", f"align-{item.look.align}")
        parts.append(_html(element))
    if footnotes is not None:
        parts.append(_html(footnotes))
    return figures, "".join(parts)


def figure_html(number: int, figure: Figure, *, with_words: bool) -> str:
    element = lxml_html.Element("figure", {"class": "image"})
    img = lxml_html.Element("img", {"src": "", "alt": figure.alt, "data-photo": str(number)})
    element.append(img)
    if with_words and (figure.caption or figure.credit):
        words = lxml_html.Element("figcaption")
        words.text = figure.caption
        if figure.credit:
            credit = lxml_html.Element("em")
            credit.text = f"Ảnh: {figure.credit}"
            if figure.caption:
                words.text += " "
            words.append(credit)
        element.append(words)
    return _html(element)


def _html(element: HtmlElement) -> str:
    return lxml_html.tostring(element, encoding="unicode", with_tail=False)


def _paragraph(text: str) -> HtmlElement:
    element = lxml_html.Element("p")
    element.text = text
    return element


def _lines(element: HtmlElement) -> list[str]:
    return "".join(
        "\n" if kind == "br" else (getattr(node, slot) or "").replace("\n", " ") if kind == "text" else ""
        for kind, node, slot in _places(element)
    ).split("\n")


def _squeeze(text: str) -> str:
    return SPACES.sub(" ", text).strip()


def _share(element: HtmlElement, tag: str) -> float:
    """How much of the words stands in `tag`, from 0 to 1."""
    whole = len("".join(element.text_content().split()))
    inside = sum(len("".join(part.text_content().split())) for part in element.iter(tag))
    return inside / whole if whole else 0.0
