"""Which words belong to which picture, and who took it."""

import re

from .byline import CAPTION_LABEL, END_MARK, NAME_WORDS, is_name, signs
from .items import CAPTION_LENGTH, Figure, Text
from .markup import Notes

CAPTION_LINES = 3
CREDIT_LENGTH = 120
CREDIT = re.compile(
    r"\s*[(\[/|\-–—]*\s*(?:nguồn ảnh|ảnh (?:minh họa|minh hoạ|tư liệu)|ảnh|nguồn|photo|credit)\s*:\s*(?P<name>[^:()\[\]]{2,120}?)\s*[)\]]?\s*[.]?\s*$",
    re.IGNORECASE,
)


def attach_captions(items: list, notes: Notes) -> None:
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
    if item.look.align == "right" or END_MARK.search(item.text) or signs(item.text):
        return False
    if is_last and is_name(item.text):
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
