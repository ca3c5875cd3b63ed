"""What search makes of words, without a database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import search
from articles.fold import nfc


@pytest.mark.parametrize(
    ("one", "other"), [("hoà", "hòa"), ("Thuỷ", "THỦY"), ("uỷ", "ủy"), ("khoẻ", "khỏe"), ("Ho\u0300a", "hoà")]
)
def test_tone_marks_may_stand_on_either_vowel(one, other):
    assert search.word_of(one) == search.word_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("quý", "qúy"), ("hoàn", "hòan"), ("toán", "tóan"), ("tuế", "túê")]
)
def test_other_words_keep_their_marks(one, other):
    assert search.word_of(one) != search.word_of(other)


@pytest.mark.parametrize(
    ("text", "matching"),
    [
        ("Công an", "('cong') & ('an')"),
        ('"Công an" tỉnh', "('cong an') & ('tinh')"),
        ("“công an” -xã -“thị trấn”", "('cong an') & !('=xã') & !('=thị' <-> '=trấn')"),
        ('"xã Bãi Bồi"', "('xa bai' & 'bai boi' & ('xa' <-> 'bai' <-> 'boi'))"),
        ("covid-19", "('covid') & ('19')"),
        ('"chưa đóng', "('chua') & ('dong')"),
    ],
)
def test_reads_phrases_and_minus(text, matching):
    assert search.parse(text).matching() == matching


def test_reads_no_more_than_twenty_words():
    assert len(search.parse("a " * 90).words) == 20


@settings(max_examples=40)
@given(st.text())
def test_any_text_makes_a_query_and_pieces_that_give_it_back(text):
    query = search.parse(text)

    assert "".join(piece for piece, _is_found in search.marked(text, query)) == nfc(text)


def test_excerpt_marks_the_found_words_in_their_spelling_and_prefers_the_very_ones():
    text = "Mở đầu. " * 60 + "Chiều nay, CÔNG AN xã Ân Thi đã ra quân. " + "Kết thúc. " * 60

    pieces = search.marked(text, search.parse("công an"), length=search.EXCERPT)

    assert [piece for piece, is_found in pieces if is_found] == ["CÔNG", "AN"]
    assert len("".join(piece for piece, _is_found in pieces)) <= search.EXCERPT + 4


def test_words_without_marks_are_marked_whatever_theirs():
    pieces = search.marked("Công an, cống ẩn", search.parse("cong an"))

    assert [piece for piece, is_found in pieces if is_found] == ["Công", "an", "cống", "ẩn"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("coong an", "công an"), ("cong ann", "cong an"), ("công an", ""), ("xyzxyz", "")]
)
def test_nearest_spelling_is_one_letter_away(typed, meant):
    assert search.nearest(search.parse(typed), ["Công an tỉnh ra quân"]) == meant


def test_document_of_endless_text_stays_within_what_the_database_takes():
    text = " ".join(f"{'ữ' * 38}{number}" for number in range(17_000))

    assert len(search.document([("D", text)]).encode()) < 1_000_000
