"""Comparison of texts: pure."""

import random
import time

import pytest

from articles.compare import Block, body_blocks, is_changed, stretches, text_blocks, words

FIGURE = '<figure class="image"><img src="/x" alt="{alt}" data-photo="{id}"><figcaption>{caption}</figcaption></figure>'


def told(old, new):
    """The rows as one reads them: [-gone-], {+new+}."""
    marks = {"": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return [
        (row.change, "".join(marks[piece.change].format(piece.text) for piece in row.pieces))
        for stretch in stretches(old, new)
        for row in stretch.rows
    ]


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Sáng 20/11, có 37.500 người dự.", "Sáng 21/11, có 37.500 người dự.", "Sáng [-20/11-]{+21/11+}, có 37.500 người dự."),
        ("Một hai ba bốn", "Một hai bốn", "Một hai [-ba -]bốn"),
        ("", "Sapo mới", "{+Sapo mới+}"),
        ("anh Nam tới nhà máy", "chị Lan từ nhà máy", "[-anh Nam tới -]{+chị Lan từ +}nhà máy"),
    ],
    ids=["date", "word_gone", "from_nothing", "no_confetti"],
)  # fmt: skip
def test_words_that_differ_are_marked(old, new, shown):
    marks = {"": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    assert "".join(marks[piece.change].format(piece.text) for piece in words(old, new)) == shown


def test_rewritten_paragraph_stands_beside_what_it_was():
    old = text_blocks("Bến đò khánh thành sáng nay.\nBà con rất vui.\nHết.")
    new = text_blocks("Mở đầu hoàn toàn khác hẳn.\nBến đò khánh thành chiều nay.\nBà con rất vui.\nHết.")

    assert told(old, new)[:2] == [
        ("added", "{+Mở đầu hoàn toàn khác hẳn.+}"),
        ("changed", "Bến đò khánh thành [-sáng -]{+chiều +}nay."),
    ]


def test_moved_paragraph_is_no_new_text():
    lines = [f"Đoạn số {number} kể một chuyện khác nhau." for number in range(5)]

    rows = told(text_blocks("\n".join(lines)), text_blocks("\n".join([*lines[1:], lines[0]])))

    assert [row for row in rows if row[0]] == [("moved_away", lines[0]), ("moved_here", lines[0])]


def test_photos_pair_by_photo_and_tell_caption_and_alternative_text():
    old = body_blocks(
        FIGURE.format(id=1, alt="a", caption="Bến cũ") + FIGURE.format(id=2, alt="", caption="Sông")
    )
    new = body_blocks(
        FIGURE.format(id=1, alt="b", caption="Bến mới") + FIGURE.format(id=3, alt="", caption="Sông")
    )

    rows = [row for stretch in stretches(old, new) for row in stretch.rows]

    assert [(row.photo, row.change) for row in rows] == [(1, "changed"), (2, "removed"), (3, "added")]
    assert [piece.text for piece in rows[0].alt] == ["a", "b"]


def test_lists_tables_quotes_and_links_are_lines():
    html = (
        "<h2>Tít</h2><ul><li>Một<ul><li>Trong</li></ul></li></ul><blockquote><p>Lời</p></blockquote>"
        "<aside class='info-box'><h3>Giá vé</h3><ul><li>Lớn: 5.000</li><li>Nhỏ: miễn phí</li></ul></aside>"
        '<table><tr><th>A</th><td>1</td></tr></table><p>Xem <a href="https://{}.vn">ở đây</a><br>nhé</p><hr>'
    )

    blocks = body_blocks(html.format("a"))
    rows = [row for stretch in stretches(blocks, body_blocks(html.format("b"))) for row in stretch.rows]

    assert [(block.kind, block.text) for block in blocks] == [
        ("h2", "Tít"), ("li", "Một"), ("li", "Trong"), ("quote", "Lời"), ("box", "Giá vé"), ("box", "Lớn: 5.000"), ("box", "Nhỏ: miễn phí"), ("row", "A | 1"), ("p", "Xem ở đây nhé"), ("hr", ""),
    ]  # fmt: skip
    changed = next(row for row in rows if row.change)
    assert [piece.text for piece in changed.links] == ["https://a.vn", "https://b.vn"]
    assert not changed.is_reformatted


def test_new_emphasis_alone_is_told_as_such():
    (stretch,) = stretches(body_blocks("<p>Rất vui</p>"), body_blocks("<p>Rất <strong>vui</strong></p>"))

    assert stretch.rows[0].is_reformatted


def test_long_unchanged_stretches_are_folded():
    lines = [Block("p", f"Đoạn {number}") for number in range(12)]

    found = stretches([*lines, Block("p", "Cuối cùng là hết")], [*lines, Block("p", "Cuối cùng là xong")])

    assert [(len(stretch.rows), stretch.is_folded) for stretch in found] == [
        (11, True),
        (1, False),
        (1, False),
    ]
    assert not is_changed(stretches(lines, lines))


def story(seed, paragraphs, length):
    choice = random.Random(seed)
    return [
        Block("p", " ".join(f"từ{int(choice.paretovariate(0.4)) % 900}" for _ in range(length)))
        for _ in range(paragraphs)
    ]


@pytest.mark.parametrize(("paragraphs", "length"), [(200, 50), (20, 500), (1, 10_000), (5000, 2)])
def test_rewritten_story_of_ten_thousand_words_is_compared_within_a_second(paragraphs, length):
    old, new = story(1, paragraphs, length), story(2, paragraphs, length)

    start = time.process_time()
    stretches(old, new)

    assert time.process_time() - start < 1


def test_text_that_repeats_itself_costs_no_time_either():
    start = time.process_time()
    words("a b " * 400, "b a c " * 400)
    stretches(text_blocks("a\nb\n" * 3000), text_blocks("b\nc\n" * 3000))

    assert time.process_time() - start < 1
