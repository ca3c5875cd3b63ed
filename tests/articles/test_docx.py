"""Reading Word files: what is recognised in documents made in many ways."""

import re

import pytest
from django.core.files.base import ContentFile

from articles import docx
from tests.articles import word_files

CASES = word_files.cases()


def read(content: bytes) -> docx.ImportedDocument:
    return docx.read(ContentFile(content, name="bai-viet.docx"))


@pytest.fixture(scope="module")
def found():
    return {case.name: read(case.content) for case in CASES}


def test_recognition_of_headlines_leads_captions_and_bylines(found, capsys):
    rows, captions, right = [], 0, 0
    for case in CASES:
        story = found[case.name]
        words = [(photo.caption, photo.credit) for photo in story.photos]
        good = sum(a == b for a, b in zip(case.captions, words, strict=False))
        captions, right = captions + max(len(case.captions), len(words)), right + good
        marks = (
            (story.headline, story.kicker) == (case.headline, case.kicker),
            story.lead == case.lead,
            [(each.name, each.role) for each in story.byline] == case.byline,
        )
        rows.append((case.name, *marks, f"{good}/{len(case.captions)}"))
    with capsys.disabled():
        print(f"\n{'document':<66}{'headline':>9}{'lead':>6}{'byline':>8}{'captions':>10}")  # noqa: T201
        for name, headline, lead, byline, share in rows:
            marks = ["right" if mark else "WRONG" for mark in (headline, lead, byline)]
            print(f"{name:<66}{marks[0]:>9}{marks[1]:>6}{marks[2]:>8}{share:>10}")  # noqa: T201
        print(f"captions right: {right} of {captions}")  # noqa: T201

    assert [row[0] for row in rows if not all(row[1:4])] == []
    assert right >= 0.95 * captions


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_body_holds_what_was_written(found, case):
    story = found[case.name]

    assert re.findall(r'data-photo="(\d+)"', story.body) == [str(n + 1) for n in range(len(story.photos))]
    assert [part for part in case.holds if part not in story.body] == []
    assert [part for part in case.lacks if part in story.body] == []
    assert [part for part in case.warns if not any(part in sentence for sentence in story.warnings)] == []
