"""Reading Word files: what is recognised in documents made in many ways."""

import re

import pytest
from django.core.files.base import ContentFile

from articles import docx
from articles.docx.byline import parse_byline
from articles.docx.captions import split_credit
from tests.articles import word_files


def test_recognition_in_documents_made_in_many_ways(capsys):
    """Prints what was found right; one test, since a document is read by a process of its own."""
    rows, wrong, captions, right = [], [], 0, 0
    for case in word_files.cases():
        story = docx.read(ContentFile(case.content, name="bai-viet.docx"))
        words = [(photo.caption, photo.credit) for photo in story.photos]
        good = sum(a == b for a, b in zip(case.captions, words, strict=False))
        captions, right = captions + max(len(case.captions), len(words)), right + good
        marks = {
            "headline": (story.headline, story.kicker) == (case.headline, case.kicker),
            "lead": story.lead == case.lead,
            "byline": [(each.name, each.role) for each in story.byline] == case.byline,
            "body": holds_what_was_written(story, case),
        }
        rows.append(
            [case.name, *("right" if mark else "WRONG" for mark in marks.values()), f"{good}/{len(words)}"]
        )
        wrong += [f"{case.name}: {name}: {story}" for name, mark in marks.items() if not mark]
    with capsys.disabled():
        for row in [["document", *marks, "captions"], *rows]:
            print("{:<66}{:>9}{:>7}{:>8}{:>7}{:>10}".format(*row))  # noqa: T201
        print(f"captions right: {right} of {captions}")  # noqa: T201

    assert wrong == []
    assert right >= 0.95 * captions


def holds_what_was_written(story: docx.ImportedDocument, case: word_files.Case) -> bool:
    numbers = [str(number) for number in range(1, len(story.photos) + 1)]
    return (
        re.findall(r'data-photo="(\d+)"', story.body) == numbers
        and all(part in story.body for part in case.holds)
        and not any(part in story.body for part in case.lacks)
        and all(any(part in sentence for sentence in story.warnings) for part in case.warns)
    )


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
