"""From mammoth's HTML to a story: which line is the headline, which words belong to which photo, who signs. Pure.

Newsrooms write in a few ways: with styles, or without any and only bold, centred, italic or larger letters. What is
certain by a style or a label ("Sapo:", "Bài và ảnh:") wins over what only looks like it; guesses leave a note.
"""

import re
from dataclasses import dataclass, field

from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles import body
from articles.fold import fold, nfc

from .byline import END_MARK, SENTENCE_END, take_byline
from .captions import attach_captions
from .items import (
    SUBHEADING_LENGTH,
    Figure,
    Other,
    Text,
    drop_dead_links,
    paragraph,
    share,
    take_footnotes,
    to_items,
)
from .markup import Look, Notes

HEADLINE_LENGTH = 300  # characters, as the model has it
LEAD_LENGTH = 700
LABELS = {
    "headline": r"(?:tiêu đề|tít chính|tít|title)",
    "kicker": r"(?:tít phụ|tít dẫn|kicker)",
    "lead": r"(?:sa ?pô|sa ?po|lead|chapeau|tóm tắt)",
}
# In the order in which a person looks through a draft.
NOTES = (
    "headline_from_nothing", "headline_guessed", "lead_guessed", "lead_missing", "captions_guessed", "captions_shared",
    "captions_missing", "byline_guessed", "byline_missing", "phone_dropped", "letterhead", "changes_accepted", "comments_dropped",
    "pictures_dropped", "pictures_linked", "charts_dropped", "equations_dropped", "old_font",
)  # fmt: skip


@dataclass
class Story:
    headline: str = ""
    kicker: str = ""
    lead: str = ""
    byline: list[dict] = field(default_factory=list)


def recognise(html: str, looks: dict[str, Look], notes: Notes) -> dict:
    """What articles.docx.read() hands on, in plain types."""
    root = lxml_html.fragment_fromstring(nfc(html) or "<p></p>", create_parent="div")
    footnotes = take_footnotes(root)
    drop_dead_links(root)
    items = to_items(root, looks)
    _drop_letterhead(items, notes)
    attach_captions(items, notes)
    story = Story()
    story.byline = take_byline(items, notes)
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
            if share(item.element, tag) > 0.9:
                for part in list(item.element.iter(tag)):
                    part.drop_tag()
        for line in list(item.element.iter("br")):
            line.tail = f" {line.tail or ''}"
            line.drop_tree()
        item.element.tag = level


def _written(items: list, notes: Notes, footnotes) -> tuple[list[Figure], str]:
    """The pictures that stay, and the body with their numbers."""
    figures, parts = [], []
    for item in items:
        if isinstance(item, Figure):
            if not item.usable:
                notes.counts["pictures_dropped"] += 1
                if item.caption and not item.shares:
                    parts.append(_html(paragraph(item.caption)))
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
