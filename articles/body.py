"""The body of a story: what it may hold, cleaning, rendering for readers, its bare words. Pure.

One declaration, ALLOWED, feeds both this sanitiser and the editor (editor_rules).
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html import unescape

import nh3
from django.utils.translation import gettext
from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from .fold import nfc

# Element -> its attributes. No style and no id: the first would break the content policy,
# the second lets content pose as part of the page.
ALLOWED: dict[str, set[str]] = {
    "p": set(), "h2": set(), "h3": set(), "ul": set(), "ol": {"start"}, "li": set(), "blockquote": set(),
    "strong": set(), "em": set(), "u": set(), "s": set(), "sub": set(), "sup": set(), "br": set(), "hr": set(),
    "a": {"href", "data-article"},  # with the id of the story of this site that it leads to
    "aside": set(),
    "figure": set(), "figcaption": set(), "img": {"src", "alt", "data-photo"},
    "table": set(), "caption": set(), "thead": set(), "tbody": set(), "tr": set(),
    "th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"},
}  # fmt: skip
ALLOWED_CLASSES: dict[str, set[str]] = {
    "p": {"align-center", "align-right"},
    "figure": {
        "image",
        "side",
    },  # how the editor's image2 plugin knows a captioned photo; beside its neighbour
    "aside": {"info-box"},  # the info box; an aside of another website is not one
}
URL_SCHEMES = {"http", "https", "mailto", "tel"}

# What other programs write for what is allowed here.
RENAMED = {"h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3", "b": "strong", "i": "em", "strike": "s", "del": "s",
           "ins": "u", "div": "p", "section": "p", "article": "p", "center": "p", "pre": "p", "dt": "p", "dd": "p"}  # fmt: skip
# Dropped with all that is in them, instead of leaving their words behind.
DROPPED_WITH_CONTENT = {
    "script",
    "style",
    "title",
    "head",
    "template",
    "noscript",
    "textarea",
    "select",
    "svg",
    "math",
}

# A story has 5,000 to 50,000 characters; browsers and parsers alike take ever longer for what nests deeper.
LONGEST = 500_000
DEEPEST = 400

PHOTO_SIZES = "(min-width: 48rem) 44rem, 100vw"
TALL_SIZES = "(min-width: 32rem) 32rem, 100vw"
GALLERY_SIZES = {2: "(min-width: 48rem) 22rem, 50vw", 3: "(min-width: 48rem) 14.5rem, 50vw"}
BLOCKS = ["p", "h2", "h3", "ul", "ol", "blockquote", "table", "figure", "hr", "aside"]
PARTS = ["li", "caption", "thead", "tbody", "tr", "th", "td", "figcaption", "img"]
# Word writes the path of the picture on the writer's disk as its alternative text.
WORD_ALT = re.compile(r"^\s*(description|mô tả)?:?\s*[a-z]:[\\/]", re.IGNORECASE)
ID = re.compile(r"[1-9][0-9]{0,15}")
# What other attributes may say; else they are dropped.
ATTRIBUTE_VALUES = {
    "colspan": re.compile(r"[1-9][0-9]?"), "rowspan": re.compile(r"[1-9][0-9]{0,2}"), "start": re.compile(r"[0-9]{1,4}"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"), "data-article": ID,
    "src": re.compile(r"/(?![/\\]).*"),  # the library's: the editor must not load from elsewhere
}  # fmt: skip
SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
# Soft hyphens, zero widths and changes of direction: the writer does not see them, search stumbles over them.
INVISIBLE = re.compile(r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# Not counted as nesting: they have no end, or the next one ends them.
SHALLOW = {
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p", "source",
    "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A stored photo as a page shows it: a JPEG for every browser, WebP renditions as (address, width), narrowest first."""

    url: str
    width: int
    height: int
    renditions: tuple[tuple[str, int], ...] = ()
    large_url: str = ""  # what a click opens

    @property
    def srcset(self) -> str:
        return ", ".join(f"{url} {width}w" for url, width in self.renditions)


def editor_rules() -> str:
    """ALLOWED as the editor's content filter: CKEDITOR.config.allowedContent."""
    rules = []
    for element, attributes in ALLOWED.items():
        attribute_rule = f"[{','.join(sorted(attributes))}]" if attributes else ""
        classes = ALLOWED_CLASSES.get(element)
        class_rule = f"({','.join(sorted(classes))})" if classes else ""
        rules.append(f"{element}{attribute_rule}{class_rule}")
    return ";".join(rules)


def clean(html: str) -> str:
    """The safe, plain body that is stored. Cleaning it again changes nothing.

    Pictures that are not photos of the library are dropped: foreign_images() counts them beforehand.
    What is too long or nested beyond reason leaves its words, so that cleaning always ends soon.
    """
    if is_too_long(html) or _depth(html) > DEEPEST:
        return _words_only(html)
    tidy = _sanitise(html)
    # A change of structure can make room for another one; real text settles at the second pass.
    for _ in range(5):
        previous, tidy = tidy, _sanitise(serialise(_tidy(parse(tidy))))
        if tidy == previous:
            return tidy
    return _words_only(tidy)


def is_too_long(html: str) -> bool:
    return len(html) > LONGEST


def render(html: str, photos: Mapping[int, Picture]) -> str:
    """A clean body as readers get it: photos with addresses, size and widths from `photos`, each a link to the large one.

    A photo that is no longer there leaves its caption. All but the first photo load lazily.
    """
    root = parse(html)
    galleries = _group_side_by_side(root)
    for number, img in enumerate(list(root.iter("img"))):
        picture, figure = photos.get(_photo_id(img)), img.getparent()
        if picture is None:
            (img if figure.find("figcaption") is not None else figure).drop_tree()
            continue
        is_tall = picture.height > picture.width and figure not in galleries
        if is_tall:
            figure.set("class", f"{figure.get('class')} tall")
        _show(
            img,
            picture,
            galleries.get(figure) or (TALL_SIZES if is_tall else PHOTO_SIZES),
            is_first=not number,
        )
    for number, table in enumerate(list(root.iter("table")), 1):
        # Wide tables scroll by themselves, by keyboard too, instead of widening a phone's page.
        name = gettext("Table %(number)s") % {"number": number}
        if words := table.findtext("caption", "").strip():
            name = f"{name}: {words}"
        frame = lxml_html.Element(
            "div", {"class": "table-frame", "tabindex": "0", "role": "region", "aria-label": name}
        )
        table.addprevious(frame)
        frame.tail, table.tail = table.tail, None
        frame.append(table)
    for link in root.iter("a"):
        if link.get("href", "").startswith(("http:", "https:")):
            link.set("rel", "noopener")
    return serialise(root).replace("</source>", "")  # libxml2 is older than the element


def _show(img: HtmlElement, picture: Picture, sizes: str, *, is_first: bool) -> None:
    """img becomes a > picture > source + img."""
    img.attrib.pop("data-photo")
    img.set("src", picture.url)
    img.set("width", str(picture.width))
    img.set("height", str(picture.height))
    img.set(*(("fetchpriority", "high") if is_first else ("loading", "lazy")))
    img.set("decoding", "async")
    link = lxml_html.Element("a", {"class": "photo-link", "href": picture.large_url, "data-large-photo": ""})
    if not img.get("alt"):
        link.set("aria-label", gettext("View the large photo"))
    img.addprevious(link)
    frame = etree.SubElement(link, "picture")
    etree.SubElement(frame, "source", {"type": "image/webp", "srcset": picture.srcset, "sizes": sizes})
    frame.append(img)


def _group_side_by_side(root: HtmlElement) -> dict[HtmlElement, str]:
    """Puts each run of photos that stand side by side into a frame; tells the widths in which they are shown."""
    sizes = {}
    for figure in root.findall("figure"):
        run = [figure]
        while not (run[-1].tail or "").strip() and _is_side(following := run[-1].getnext()):
            run.append(following)
        if not _is_side(figure) or len(run) == 1 or figure in sizes:
            continue
        columns = 2 if len(run) in (2, 4) else 3
        frame = lxml_html.Element("div", {"class": f"gallery gallery--{columns}"})
        figure.addprevious(frame)
        frame.tail, run[-1].tail = run[-1].tail, None
        for each in run:
            frame.append(each)
            sizes[each] = GALLERY_SIZES[columns]
    return sizes


def _is_side(element: HtmlElement | None) -> bool:
    return element is not None and element.tag == "figure" and "side" in element.get("class", "").split()


def with_photos(html: str, shown: Mapping[int, Picture], removed: Collection[int]) -> str:
    """A clean body with its photos' addresses of today, and without those that were removed and their captions."""
    root = parse(html)
    for img in list(root.iter("img")):
        if (id := _photo_id(img)) in removed:
            img.getparent().drop_tree()
        elif id in shown:
            img.set("src", shown[id].large_url)
    return serialise(root)


def for_elsewhere(html: str, site: str) -> str:
    """Rendered HTML as other programs show it: each photo one plain picture, all addresses whole."""
    root = parse(html)
    for element in list(root.iter("picture", "source")):
        element.drop_tag()
    for element in root.iter():
        for name in {"class", "loading", "sizes", "srcset", "tabindex", "fetchpriority", "decoding"}:
            element.attrib.pop(name, None)
    for frame in list(root.iter("div")):
        frame.attrib.pop("role", None)
        frame.attrib.pop("aria-label", None)
    root.make_links_absolute(f"{site}/")
    return serialise(root)


def to_text(html: str) -> str:
    """The words alone, one line a block."""
    root = parse(html)
    for element in root.iter(*BLOCKS, "li", "tr", "td", "th", "caption", "figcaption", "br"):
        element.tail = "\n" + (element.tail or "")
    lines = (SPACES.sub(" ", line).strip() for line in root.text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def photo_ids(html: str) -> list[int]:
    """Ids of the photos in the body, in its order, each once."""
    return list(dict.fromkeys(_photo_id(img) for img in parse(html).iter("img")))


def photo_words(html: str) -> dict[int, dict[str, str]]:
    """Caption and alternative text of each photo as a clean body has them, in its order."""
    words: dict[int, dict[str, str]] = {}
    for img in parse(html).iter("img"):
        caption = img.getparent().find("figcaption")
        text = "" if caption is None else SPACES.sub(" ", caption.text_content()).strip()
        words.setdefault(_photo_id(img), {"caption": text, "alt": img.get("alt", "")})
    return words


def foreign_images(html: str) -> int:
    """How many pictures clean() would drop because they are not photos of the library."""
    return sum(1 for img in parse(html).iter("img") if not ID.fullmatch(img.get("data-photo", "")))


def _sanitise(html: str) -> str:
    cleaned = nh3.clean(
        html,
        tags=set(ALLOWED) | set(RENAMED),
        clean_content_tags=DROPPED_WITH_CONTENT,
        attributes={**ALLOWED, "*": set()},  # else nh3 keeps title and lang everywhere
        allowed_classes=ALLOWED_CLASSES,
        url_schemes=URL_SCHEMES,
        link_rel=None,
    )
    return INVISIBLE.sub("", nfc(cleaned))  # after the entities have been read


def _depth(html: str) -> int:
    """About how deep elements nest at the most; no parser is needed, since those are what has to be spared."""
    depth = deepest = 0
    opened: Counter[str] = Counter()
    for end, name in TAG.findall(html):
        name = name.lower()
        if name in SHALLOW:
            continue
        if not end:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return deepest


def _words_only(html: str) -> str:
    words = INVISIBLE.sub("", nfc(unescape(re.sub(r"<[^<>]*>", "\n", html))))
    lines = (SPACES.sub(" ", line).strip() for line in words.split("\n"))
    return "".join(f"<p>{_escape(line)}</p>" for line in lines if line)


def parse(html: str) -> HtmlElement:
    # huge_tree: without it everything behind some 250 nested elements is silently dropped.
    return lxml_html.fragment_fromstring(
        html, create_parent="div", parser=lxml_html.HTMLParser(huge_tree=True)
    )


def serialise(root: HtmlElement) -> str:
    parts = [_escape(root.text or "")]
    parts += [lxml_html.tostring(child, encoding="unicode") for child in root]
    return "".join(parts).strip()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _photo_id(img: HtmlElement) -> int:
    return int(img.get("data-photo"))


def _tidy(root: HtmlElement) -> HtmlElement:
    for step in (
        _rename,
        _drop_foreign_images,
        _tidy_attributes,
        _settle_figures,
        _settle_boxes,
        _unwrap,
        _tidy_text,
        _wrap_loose_text,
        _drop_empty,
        _part_lone_photos,
    ):
        step(root)
    return root


def _rename(root: HtmlElement) -> None:
    for element in list(root.iterdescendants(*RENAMED)):
        name = RENAMED[element.tag]
        holds_blocks = any(element.find(f".//{tag}") is not None for tag in (*BLOCKS, "li", "img"))
        if name == "p" and holds_blocks:
            _wrap_loose_text(element)
            element.drop_tag()
        else:
            element.tag = name


def _drop_foreign_images(root: HtmlElement) -> None:
    for img in list(root.iter("img")):
        if not ID.fullmatch(img.get("data-photo", "")):
            img.drop_tree()


def _tidy_attributes(root: HtmlElement) -> None:
    for element in root.iterdescendants():
        for name, value in element.items():
            if name in ATTRIBUTE_VALUES and not ATTRIBUTE_VALUES[name].fullmatch(value):
                del element.attrib[name]
    for img in root.iter("img"):
        alt = SPACES.sub(" ", img.get("alt", "")).strip()
        img.set("alt", "" if WORD_ALT.match(alt) else alt)


def _settle_figures(root: HtmlElement) -> None:
    """Each photo stands in a figure of its own at the top level, with one caption or none."""
    for figure in list(root.iter("figure")):
        if len(list(figure.iter("img"))) != 1 or len(list(figure.iter("figure"))) != 1:
            for caption in figure.findall("figcaption"):
                caption.tag = "p"
            figure.drop_tag()
    for img in reversed(list(root.iter("img"))):  # each goes behind its block, and so before those after it
        figure = next(img.iterancestors("figure"), None)
        if figure is None:
            figure = lxml_html.Element("figure")
            img.addprevious(figure)
            figure.tail, img.tail = img.tail, None
            figure.append(img)
        _rebuild_figure(figure, img)
        _lift(figure, root)
    for caption in list(root.iter("figcaption")):
        if caption.getparent().tag != "figure":
            caption.drop_tag()


def _rebuild_figure(figure: HtmlElement, img: HtmlElement) -> None:
    """figure.image > img + figcaption, whatever stood in it before."""
    caption = figure.find(".//figcaption")
    words = caption if caption is not None else lxml_html.Element("figcaption")
    tail, attributes = figure.tail, dict(img.attrib)
    is_side = "side" in figure.get("class", "").split()
    words.tail = None
    has_words = bool(SPACES.sub(" ", words.text_content()).strip())
    figure.clear()
    figure.tail = tail
    figure.set("class", "image side" if is_side else "image")
    figure.append(lxml_html.Element("img", attributes))
    if has_words:
        figure.append(words)


def _lift(figure: HtmlElement, root: HtmlElement) -> None:
    """Moves a figure out of paragraphs and lists to the top level, behind the block it stood in."""
    block = figure
    while block.getparent() is not root:
        block = block.getparent()
    if block is not figure:
        _detach(figure)
        figure.tail, block.tail = block.tail, None
        block.addnext(figure)


def _settle_boxes(root: HtmlElement) -> None:
    """An info box stands at the top level; what only looks like one leaves what it holds."""
    for aside in list(root.iter("aside")):
        _wrap_loose_text(aside)
        if aside.getparent() is not root or "info-box" not in aside.get("class", "").split():
            aside.drop_tag()
            continue
        for heading in aside.iter("h2"):
            heading.tag = "h3"


def _part_lone_photos(root: HtmlElement) -> None:
    """A photo stands beside a neighbour that says the same, or alone."""

    def is_side(element):
        return element is not None and element.get("class") == "image side"

    for figure in list(root.iterchildren("figure")):
        if is_side(figure) and not is_side(figure.getprevious()) and not is_side(figure.getnext()):
            figure.set("class", "image")


def _detach(element: HtmlElement) -> None:
    """Removes an element but leaves the text behind it where it was."""
    parent, tail = element.getparent(), element.tail
    previous = element.getprevious()
    parent.remove(element)
    element.tail = None
    if tail:
        if previous is not None:
            previous.tail = (previous.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail


def _unwrap(root: HtmlElement) -> None:
    """Links without an address or to a place in the text, lone paragraphs in list items and cells, classes that lost their names."""
    for link in list(root.iterdescendants("a")):
        if not link.get("href") or link.get("href").startswith("#"):
            link.drop_tag()
    for paragraph in list(root.iterdescendants("p")):
        parent = paragraph.getparent()
        if parent.tag in ("li", "td", "th", "figcaption") and len(parent.findall("p")) == 1:
            paragraph.drop_tag()
    for element in root.iterdescendants():
        if not element.get("class", "x").strip():
            del element.attrib["class"]


def _tidy_text(root: HtmlElement) -> None:
    """One ordinary space for runs of spaces, line ends and the non-breaking ones of Word; none at the ends of blocks."""
    for element in root.iter():
        if element.text:
            element.text = SPACES.sub(" ", element.text)
        if element.tail and element is not root:
            element.tail = SPACES.sub(" ", element.tail)
    for block in root.iterdescendants(*BLOCKS, *PARTS):
        parent, previous = block.getparent(), block.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "").rstrip(" ")
        else:
            parent.text = (parent.text or "").rstrip(" ")
        block.text = (block.text or "").lstrip(" ")
        block.tail = (block.tail or "").lstrip(" ")
        if len(block):
            block[-1].tail = (block[-1].tail or "").rstrip(" ")
        else:
            block.text = block.text.rstrip(" ")


def _wrap_loose_text(root: HtmlElement) -> None:
    """Words at the top level get a paragraph."""
    loose: HtmlElement | None = None
    children = list(root)
    text, root.text = root.text, None
    position = 0
    if text and text.strip():
        loose = lxml_html.Element("p")
        loose.text = text.lstrip()
        root.insert(position, loose)
        position += 1
    for child in children:
        tail, child.tail = child.tail, None
        if child.tag in BLOCKS:
            loose = None
        else:
            if loose is None:
                loose = lxml_html.Element("p")
                root.insert(root.index(child), loose)
            loose.append(child)
        if tail and tail.strip():
            if loose is None:
                loose = lxml_html.Element("p")
                child.addnext(loose)
                loose.text = tail.lstrip()
            elif len(loose):
                loose[-1].tail = (loose[-1].tail or "") + tail
            else:
                loose.text = (loose.text or "") + tail


def _drop_empty(root: HtmlElement) -> None:
    keep = {"img", "br", "hr", "td", "th"}
    for element in reversed(list(root.iter())):
        if element is root or element.tag in keep or element.find(".//img") is not None:
            continue
        if (
            element.tag in ("table", "thead", "tbody", "tr")
            and next(element.iter("td", "th"), None) is not None
        ):
            continue
        if not element.text_content().strip(" \n\u00a0") and element.find(".//hr") is None:
            element.drop_tree()
    for block in root.iter("p", "h2", "h3", "li", "figcaption"):
        _strip_edges(block)


def _strip_edges(block: HtmlElement) -> None:
    if block.text:
        block.text = block.text.lstrip()
    if len(block):
        if block[-1].tail:
            block[-1].tail = block[-1].tail.rstrip()
        while len(block) and block[-1].tag == "br" and not (block[-1].tail or "").strip():
            _detach(block[-1])
    elif block.text:
        block.text = block.text.rstrip()
