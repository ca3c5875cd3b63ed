"""Reading Word files: what is recognised in documents made in many ways."""

import re

import pytest
from django.core.files.base import ContentFile

from articles import docx
from articles.docx.recognise import parse_byline, split_credit
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


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        ("Quang cảnh hội nghị - Ảnh: CTV", "Quang cảnh hội nghị", "CTV"),
        ("Bà Tư bên lò gốm. Ảnh: Nhân vật cung cấp.", "Bà Tư bên lò gốm.", "Nhân vật cung cấp"),
        ("Ảnh: Minh Hà", "", "Minh Hà"),
        ("(Ảnh: PV)", "", "PV"),
        ("Ảnh 3: Bến đò. Nguồn: Báo Công an nhân dân", "Bến đò.", "Báo Công an nhân dân"),
        ("Hình 2. Sơ đồ bến đò", "Sơ đồ bến đò", ""),
        ("Bến đò (ảnh: Minh Hà).", "Bến đò", "Minh Hà"),
        ("Bến đò/Ảnh: Minh Hà - TTXVN", "Bến đò", "Minh Hà - TTXVN"),
        ("Ảnh: Lãnh đạo xã cắt băng khánh thành bến đò.", "Lãnh đạo xã cắt băng khánh thành bến đò.", ""),
        ("Bến đò xưa. Ảnh tư liệu", "Bến đò xưa. Ảnh tư liệu", ""),
        ("Ảnh trái: bến cũ; ảnh phải: bến mới hôm nay.", "Ảnh trái: bến cũ; ảnh phải: bến mới hôm nay.", ""),
    ],
)
def test_credit_is_split_off_the_caption(line, caption, credit):
    assert split_credit([line]) == (caption, credit)


@pytest.mark.parametrize(
    ("line", "signatures"),
    [
        ("Bài và ảnh: Minh Hà", [("Minh Hà", "text_and_photo")]),
        ("Tin và ảnh: Minh Hà, Đức Thắng", [("Minh Hà", "text_and_photo"), ("Đức Thắng", "text_and_photo")]),
        ("Bài: Minh Hà; ảnh: Đức Thắng", [("Minh Hà", "text"), ("Đức Thắng", "photo")]),
        ("Theo Báo Bà Rịa - Vũng Tàu", [("Báo Bà Rịa - Vũng Tàu", "according_to")]),
        ("(Theo TTXVN)", [("TTXVN", "according_to")]),
        ("Nguồn: baochinhphu.vn", [("baochinhphu.vn", "according_to")]),
        ("Minh Hà (t/h)", [("Minh Hà", "compiled")]),
        ("Minh Hà (theo VnExpress)", [("Minh Hà", "compiled"), ("VnExpress", "according_to")]),
        ("Tổng hợp: Bích Ngọc", [("Bích Ngọc", "compiled")]),
        ("Người dịch: Thu Hương", [("Thu Hương", "translated")]),
        ("Thực hiện: Minh Hà – Đức Thắng", [("Minh Hà", "name_only"), ("Đức Thắng", "name_only")]),
        ("Lê Văn Út (Công an xã)", [("Lê Văn Út", "name_only")]),
    ],
)
def test_byline_is_taken_apart_into_names_and_roles(line, signatures):
    assert [(each["name"], each["role"]) for each in parse_byline(line)] == signatures
