"""Every requirement has a test or a word why not, and the table of them is true."""

from tests.security.table import DOCUMENT, document, marked, rows


def test_every_requirement_has_a_test_or_a_reason():
    tests = marked()
    listed = {int(number): note for number, _words, *note in rows("requirements.tsv")}

    assert list(listed) == list(range(1, 53))
    assert not [number for number, note in listed.items() if not tests[number] and not note]
    assert tests.keys() <= listed.keys()


def test_table_is_up_to_date():
    assert DOCUMENT.read_text() == document(), "Run make security-table."
