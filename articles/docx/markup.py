"""Word's markup made plain before mammoth reads it: what mammoth passes over is put where it finds it.

Text boxes, grouped pictures, fields and styles become ordinary paragraphs, inline pictures, text and bold or italic
runs. Each paragraph gets a style of ours that stands for its look, so that recognition knows it later.
"""

import io
import zipfile
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath

from lxml import etree

from articles.fold import fold

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "v": "urn:schemas-microsoft-com:vml",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "rel": "http://schemas.openxmlformats.org/package/2006/relationships",
}
# The “strict” kind of .docx uses other names for the same.
STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": NAMESPACES["w"].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": NAMESPACES["r"].encode(),
    b"http://purl.oclc.org/ooxml/drawingml/main": NAMESPACES["a"].encode(),
}
PICTURE = f"""<w:drawing {" ".join(f'xmlns:{p}="{NAMESPACES[p]}"' for p in ("w", "r", "a", "wp", "pic"))}>
<wp:inline><wp:docPr id="0" name=""/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip/></pic:blipFill></pic:pic>
</a:graphicData></a:graphic></wp:inline></w:drawing>"""

# Of one part: a story has some hundred paragraphs. What mammoth needs grows faster than these.
ELEMENTS, PARAGRAPHS, PICTURES = 120_000, 5_000, 300

LOOKS = 300  # mammoth tries one after the other; beyond that sizes no longer count

# Folded names of styles, Word's own in English and those that newsrooms make.
ROLES = {
    "title": "title", "tieu de": "title", "tieu de bai": "title", "tit": "title", "headline": "title",
    "subtitle": "lead", "sapo": "lead", "lead": "lead", "sa po": "lead", "tom tat": "lead",
    "caption": "caption", "chu thich": "caption", "chu thich anh": "caption", "image caption": "caption", "chu thich hinh": "caption",
    "kicker": "kicker", "tit phu": "kicker", "dong dan": "kicker",
    "byline": "byline", "author": "byline", "tac gia": "byline", "ky ten": "byline", "signature": "byline", "but danh": "byline",
}  # fmt: skip
OLD_LETTERS = set("µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô­õøö÷ùúýûüþ") - set(
    "áâãèéêìíòóôõùúý"
)


class TooLong(Exception):
    """More than one story."""


@dataclass(frozen=True)
class Look:
    """How a paragraph looks: its role by the style's name, "left", "center" or "right", and size in half points."""

    role: str = ""
    align: str = "left"
    size: int = 0


@dataclass
class Notes:
    """What is worth telling: a code for articles.docx and a number or name."""

    counts: Counter = field(default_factory=Counter)
    values: dict = field(default_factory=dict)


def w(name: str) -> str:
    return f"{{{NAMESPACES['w']}}}{name}"


def plain(document: bytes) -> tuple[bytes, dict[str, Look], Notes]:
    """The document for mammoth, the looks behind its paragraphs' styles, and what was left out."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    notes, looks = Notes(), {}
    main = _main_part(parts)
    relations = _relations(parts, main)
    styles = _Styles(parts.get(_by_type(relations, "styles")))
    for kind in ("", "footnotes", "endnotes"):
        name = _by_type(relations, kind) if kind else main
        if name in parts:
            root = _parse(parts[name])
            _check_length(root)
            simplify(root, _relations(parts, name), parts, styles, looks, notes)
            parts[name] = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    if any(kind == "comments" for _target, kind, _outside in relations.values()):
        notes.values["comments_dropped"] = True
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return copy.getvalue(), {name: look for look, name in looks.items()}, notes


def _check_length(root) -> None:
    counts = Counter(element.tag for element in root.iter())
    pictures = counts[f"{{{NAMESPACES['a']}}}blip"] + counts[f"{{{NAMESPACES['v']}}}imagedata"]
    if counts.total() > ELEMENTS or counts[w("p")] > PARAGRAPHS or pictures > PICTURES:
        raise TooLong


def simplify(root, relations, parts, styles, looks, notes: Notes) -> None:
    _accept_changes(root, notes)
    _drop_hidden(root, styles)
    _choose_alternatives(root)
    _unwrap(root, "fldSimple", "bdo", "dir")
    _lift_text_boxes(root)
    for tag in ("drawing", "pict", "object"):
        for drawing in list(root.iter(w(tag))):
            _plain_pictures(drawing, relations, parts, notes)
    notes.counts["equations_dropped"] += sum(
        1 for math in root.iter(f"{{{NAMESPACES['m']}}}oMath") if math.getparent() is not None
    )
    for paragraph in list(root.iter(w("p"))):
        _show_look(paragraph, styles, looks, notes)


def _parse(xml: bytes):
    for strict, usual in STRICT.items():
        xml = xml.replace(strict, usual)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    return etree.fromstring(xml, parser)


def _main_part(parts) -> str:
    return _by_type(_relations(parts, ""), "officeDocument") or "word/document.xml"


def _relations(parts, name: str) -> dict[str, tuple[str, str, bool]]:
    """Id -> (part or address, last word of the type, whether it lies outside the file)."""
    file = join(dirname(name), "_rels", f"{name.rpartition('/')[2]}.rels") if name else "_rels/.rels"
    if file not in parts:
        return {}
    found = {}
    for relation in _parse(parts[file]).iter(f"{{{NAMESPACES['rel']}}}Relationship"):
        outside = relation.get("TargetMode") == "External"
        target = relation.get("Target", "")
        if not outside:
            target = normpath(join("/", dirname(name), target)).lstrip("/")
        found[relation.get("Id")] = (target, relation.get("Type", "").rpartition("/")[2], outside)
    return found


def _by_type(relations, wanted: str) -> str:
    return next(
        (target for target, kind, outside in relations.values() if kind == wanted and not outside), ""
    )


def _accept_changes(root, notes: Notes) -> None:
    if next(root.iter(w("ins"), w("del"), w("moveFrom"), w("moveTo")), None) is not None:
        notes.values["changes_accepted"] = True
    for element in list(root.iter(w("del"), w("moveFrom"))):
        if element.getparent() is not None and element.getparent().tag not in (w("rPr"), w("trPr")):
            element.getparent().remove(element)
    for properties in list(root.iter(w("trPr"))):
        if properties.find(w("del")) is not None and properties.getparent().getparent() is not None:
            row = properties.getparent()
            row.getparent().remove(row)
    # What it was before the change; mammoth would read it as what it is.
    for element in list(root.iter(w("pPrChange"), w("rPrChange"), w("tblPrChange"), w("sectPrChange"))):
        element.getparent().remove(element)


def _drop_hidden(root, styles) -> None:
    for run in list(root.iter(w("r"))):
        properties = run.find(w("rPr"))
        if properties is not None and _is_on(properties.find(w("vanish"))):
            run.getparent().remove(run)


def _choose_alternatives(root) -> None:
    """Of two forms of a drawing the newer one, which has pictures and text boxes in the shapes known here."""
    mc = NAMESPACES["mc"]
    for element in reversed(list(root.iter(f"{{{mc}}}AlternateContent"))):
        choice, fallback = element.find(f"{{{mc}}}Choice"), element.find(f"{{{mc}}}Fallback")
        is_known = choice is not None and (
            next(choice.iter(w("txbxContent"), f"{{{NAMESPACES['a']}}}blip"), None) is not None
        )
        kept = choice if is_known or fallback is None or not len(fallback) else fallback
        for child in list(kept if kept is not None else ()):
            element.addprevious(child)
        element.getparent().remove(element)


def _unwrap(root, *names) -> None:
    for name in names:
        for element in list(root.iter(w(name))):
            for child in list(element):
                element.addprevious(child)
            element.getparent().remove(element)


def _lift_text_boxes(root) -> None:
    """The paragraphs of a text box stand behind the paragraph that it is fixed to."""
    for box in reversed(list(root.iter(w("txbxContent")))):
        anchor = next(box.iterancestors(w("p")), None)
        box.getparent().remove(box)
        if anchor is None:
            continue
        for child in reversed(list(box)):
            anchor.addnext(child)


def _plain_pictures(drawing, relations, parts, notes: Notes) -> None:
    """In the place of the drawing its pictures, one after the other, inline."""
    description = drawing.find(".//wp:docPr", NAMESPACES)
    alt = description.get("descr", "") if description is not None else ""
    embedded = [
        blip.get(f"{{{NAMESPACES['r']}}}embed") for blip in drawing.iter(f"{{{NAMESPACES['a']}}}blip")
    ]
    linked = [blip.get(f"{{{NAMESPACES['r']}}}link") for blip in drawing.iter(f"{{{NAMESPACES['a']}}}blip")]
    embedded += [
        data.get(f"{{{NAMESPACES['r']}}}id") for data in drawing.iter(f"{{{NAMESPACES['v']}}}imagedata")
    ]
    targets = {}
    for relation in filter(None, embedded):
        target, _kind, outside = relations.get(relation, ("", "", True))
        if not outside and target in parts:
            targets.setdefault(target, relation)
    for relation in targets.values():
        picture = etree.fromstring(PICTURE)
        picture.find(".//a:blip", NAMESPACES).set(f"{{{NAMESPACES['r']}}}embed", relation)
        picture.find(".//wp:docPr", NAMESPACES).set("descr", alt)
        drawing.addprevious(picture)
    if not targets:
        if any(linked) or any(embedded):
            notes.counts["pictures_linked"] += 1
        elif any(
            "chart" in data.get("uri", "") or "diagram" in data.get("uri", "")
            for data in drawing.iter(f"{{{NAMESPACES['a']}}}graphicData")
        ):
            notes.counts["charts_dropped"] += 1
    drawing.getparent().remove(drawing)


def _show_look(paragraph, styles: "_Styles", looks: dict[Look, str], notes: Notes) -> None:
    properties = paragraph.find(w("pPr"))
    if properties is None:
        properties = etree.Element(w("pPr"))
        paragraph.insert(0, properties)
    reference = properties.find(w("pStyle"))
    style = styles.resolved(_value(reference), "paragraph")
    numbering = properties.find(w("numPr"))
    if numbering is None and style.numbering is not None and not style.role:
        numbering = deepcopy(style.numbering)
        properties.append(numbering)
    sizes = Counter()
    for run in paragraph.iter(w("r")):
        sizes[_show_run(run, style, styles, notes)] += sum(len(text.text or "") for text in run.iter(w("t")))
    if reference is not None:
        properties.remove(reference)
    number = numbering.find(w("numId")) if numbering is not None else None
    is_listed = number is not None and _value(number) != "0" and not style.role
    if is_listed:
        return
    if numbering is not None:
        properties.remove(numbering)
    alignment = {"center": "center", "right": "right", "end": "right"}.get(
        _value(properties.find(w("jc"))) or style.align, "left"
    )
    look = Look(style.role, alignment, sizes.most_common(1)[0][0] if sizes else style.size)
    if look not in looks and len(looks) >= LOOKS:
        look = Look(style.role, alignment)
    name = looks.setdefault(look, f"x{len(looks)}")
    properties.insert(0, etree.Element(w("pStyle"), {w("val"): name}))


def _show_run(run, style: "_Style", styles: "_Styles", notes: Notes) -> int:
    """Bold and italic by a style are written on the run; returns its size."""
    properties = run.find(w("rPr"))
    if properties is None:
        properties = etree.Element(w("rPr"))
        run.insert(0, properties)
    own = styles.resolved(_value(properties.find(w("rStyle"))), "character")
    for name, by_style in (("b", style.bold or own.bold), ("i", style.italic or own.italic)):
        if by_style and properties.find(w(name)) is None:
            properties.append(etree.Element(w(name)))
    fonts = properties.find(w("rFonts"))
    font = (fonts.get(w("ascii"), "") if fonts is not None else "") or own.font or style.font
    if font.startswith((".Vn", "VNI-")) and any(
        OLD_LETTERS & set(text.text or "") for text in run.iter(w("t"))
    ):
        notes.values.setdefault("old_font", font[:40])
    size = _value(properties.find(w("sz")))
    return int(size) if size and size.isdigit() else own.size or style.size


def _value(element) -> str | None:
    return element.get(w("val")) if element is not None else None


def _is_on(element) -> bool:
    return element is not None and element.get(w("val")) not in ("0", "false", "none", "off")


@dataclass(frozen=True)
class _Style:
    role: str = ""
    align: str = ""
    size: int = 0
    bold: bool = False
    italic: bool = False
    font: str = ""
    numbering: object = None


class _Styles:
    """Styles by their ids, with what they take over from those below them."""

    def __init__(self, xml: bytes | None):
        self.elements, self.defaults, self.known = {}, {}, {}
        root = _parse(xml) if xml else etree.Element(w("styles"))
        base = root.find("w:docDefaults/w:rPrDefault/w:rPr", NAMESPACES)
        size = _value(base.find(w("sz"))) if base is not None else None
        self.size = int(size) if size and size.isdigit() else 20
        for element in root.iter(w("style")):
            self.elements[element.get(w("styleId"))] = element
            if element.get(w("default")) in ("1", "true", "on"):
                self.defaults[element.get(w("type"))] = element.get(w("styleId"))

    def resolved(self, id: str | None, kind: str) -> _Style:
        id = id if id in self.elements else (self.defaults.get("paragraph") if kind == "paragraph" else None)
        if (id, kind) not in self.known:
            self.known[id, kind] = self._resolve(id, kind)
        return self.known[id, kind]

    def _resolve(self, id, kind) -> _Style:
        found = {"size": self.size if kind == "paragraph" else 0}
        for element in reversed(self._chain(id)):
            name = _value(element.find(w("name"))) or ""
            if role := _role(name):
                found["role"] = role
            paragraph, run = element.find(w("pPr")), element.find(w("rPr"))
            if paragraph is not None:
                if alignment := _value(paragraph.find(w("jc"))):
                    found["align"] = alignment
                if paragraph.find(w("numPr")) is not None:
                    found["numbering"] = paragraph.find(w("numPr"))
            if run is not None:
                for tag, key in (("b", "bold"), ("i", "italic")):
                    if run.find(w(tag)) is not None:
                        found[key] = _is_on(run.find(w(tag)))
                size = _value(run.find(w("sz")))
                if size and size.isdigit():
                    found["size"] = int(size)
                fonts = run.find(w("rFonts"))
                if fonts is not None and fonts.get(w("ascii")):
                    found["font"] = fonts.get(w("ascii"))
        return _Style(**found)

    def _chain(self, id) -> list:
        """The style and those it is based on, in turn; a ring ends where it began."""
        chain, seen = [], set()
        while id in self.elements and id not in seen:
            seen.add(id)
            chain.append(self.elements[id])
            id = _value(self.elements[id].find(w("basedOn")))
        return chain


def _role(name: str) -> str:
    folded = " ".join(fold(name).replace("_", " ").split())
    if folded.startswith("heading ") and folded[8:].isdigit():
        return f"h{min(int(folded[8:]), 6)}"
    if folded.startswith("toc "):
        return "toc"
    return ROLES.get(folded, "")
