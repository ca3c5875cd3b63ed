"""Who signs: the last lines with names, words such as "Bài và ảnh:" before them, a unit below."""

import re

from lxml.html import HtmlElement

from articles.fold import fold

from .items import Text, paragraph, places
from .markup import Look, Notes

NAME_WORDS = 9  # "Đại úy Nguyễn Thị Minh Hà" and a unit before it
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


def take_byline(items: list, notes: Notes) -> list[dict]:
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
    byline = []
    for item, signatures in found:
        if PHONE.search(item.text):
            notes.values["phone_dropped"] = True
        byline += [each for each in signatures if each not in byline]
        if not (item.look.role or item.bold or item.italic or item.look.align == "right" or signs(item.text)):
            notes.values["byline_guessed"] = True
    return byline


def _is_unit(item: Text) -> bool:
    """ "(Công an xã Bãi Bồi)" below the name."""
    is_marked = item.bold or item.italic or item.look.align != "left"
    return is_marked and len(item.text) <= 100 and not SENTENCE_END.search(item.text)


def _split_off_names(item: Text):
    """A soft line break or a tab before the name instead of a new paragraph."""
    if match := NAMES_BEHIND_END.search(item.text):
        names = Text(paragraph(match["names"]), Look(align="right"))
        if signatures := _signatures(names, is_last=True):
            _cut_behind_end(item.element)
            item.__post_init__()
            return names, signatures
    if len(item.lines) < 2:
        return None
    names = Text(paragraph(item.lines[-1]), Look(align="right"))
    if not END_MARK.search(item.lines[-2]) and not signs(names.text):
        return None
    signatures = _signatures(names, is_last=True)
    if not signatures:
        return None
    slots = list(places(item.element))
    last = max(n for n, (kind, _node, _slot) in enumerate(slots) if kind == "br")
    # Trailing breaks hold nothing; the last one with words behind it is where the name begins.
    while not any(
        kind == "text" and (getattr(node, slot) or "").strip() for kind, node, slot in slots[last:]
    ):
        last = max(n for n, (kind, _n, _s) in enumerate(slots[:last]) if kind == "br")
    for kind, node, slot in slots[last:]:
        if kind == "text":
            setattr(node, slot, None)
    item.__post_init__()
    return names, signatures


def _cut_behind_end(element: HtmlElement) -> None:
    for kind, node, slot in reversed(list(places(element))):
        if kind == "text" and "./." in (text := getattr(node, slot) or ""):
            setattr(node, slot, text[: text.rindex("./.") + 3])
            return
        if kind == "text":
            setattr(node, slot, None)


def _signatures(item: Text, *, is_last: bool) -> list[dict]:
    text = PHONE.sub("", item.text).strip()  # for the newsroom, not for readers
    if len(text) > 150 or END_MARK.search(text) or item.look.role in ("title", "lead", "caption"):
        return []
    if signs(text) or item.look.role == "byline":
        return parse_byline(text)
    is_marked = item.bold or item.look.align == "right" or item.italic or item.look.align == "center"
    few = len(text.split()) <= (NAME_WORDS if is_marked else 5)
    if is_last and few and is_name(text, most=is_marked and item.look.align == "right"):
        return parse_byline(text)
    return []


def signs(text: str) -> bool:
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


def is_name(text: str, *, most=False) -> bool:
    """Every word begins with a capital, as in "Minh Hà – Đức Thắng"; or most, as in "Công an xã Bãi Bồi"."""
    words = re.findall(r"[^\W\d_][\w.]*", re.sub(r"\([^()]*\)", "", text))
    if not words or SENTENCE_END.search(text) or re.search(r"\d", text):
        return False
    capitals = [word[0].isupper() for word in words if word not in SMALL_WORDS]
    if len(words) > NAME_WORDS or not capitals or not capitals[0]:
        return False
    return all(capitals) or (most and 2 * sum(capitals) >= len(capitals))
