"""Every requirement has a test or a word why not, and the table of them is true."""

from tests.security.table import DOCUMENT, TESTS, document, is_here, marked, numbers, padded, rows


def test_every_requirement_has_a_test_or_a_reason():
    tests = marked()
    listed = {int(number): note for number, _words, *note in rows("requirements.tsv")}

    assert list(listed) == list(range(1, 53))
    assert not [number for number, note in listed.items() if not tests[number] and not note]
    assert tests.keys() <= listed.keys()


def test_every_requirement_of_the_asvs_has_a_test_or_a_word():
    listed = [padded(row) for row in rows("asvs.tsv")]
    named = {token for _number, _words, by, _note in listed for token in by.split()}

    assert len(numbers()) == 253
    assert [row[0] for row in listed] == sorted(
        filter(is_here, numbers()), key=lambda number: [int(part) for part in number.split(".")]
    )
    assert not [number for number, _words, by, note in listed if not by and not note]
    assert {int(token) for token in named if token.isdigit()} <= marked().keys()
    assert not [token for token in named if not token.isdigit() and not (TESTS / token).is_file()]


def test_table_is_up_to_date():
    assert DOCUMENT.read_text() == document(), "Run make security-table."
