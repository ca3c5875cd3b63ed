"""Word files that mean harm: each is refused with a sentence or harmless, soon, and by this process alive."""

import io
import subprocess
import sys
import time
import zipfile

import pytest
from django.core.files.base import ContentFile

from articles import docx
from articles.docx import archive
from tests.articles.word_markup import (
    EMF,
    NAMESPACES,
    document,
    p,
    photo_bytes,
    picture,
    r,
    relations,
    zipped,
)

SENTENCE = "Đoạn văn này đủ dài để làm thân bài và không có gì nguy hiểm cho máy chủ của tòa soạn."


@pytest.fixture(autouse=True)
def soon():
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 25


def read(content: bytes, name="bai-viet.docx"):
    return docx.read(ContentFile(content, name=name))


def refusal(content: bytes) -> str:
    with pytest.raises(docx.DocxError) as caught:
        read(content)
    return str(caught.value)


def with_document(xml: str, **parts) -> bytes:
    """A valid file around this main part."""
    return document(parts={"word/document.xml": xml, **parts})


def wrapped(body: str) -> str:
    return f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Tệp trống"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "Word đời cũ"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000) + "EncryptedPackage".encode("utf-16-le"),
            "mật khẩu",
        ),
        (b"%PDF-1.7 khong phai Word", "không phải là tài liệu Word"),
        (b"{\\rtf1 khong phai Word}", "không phải là tài liệu Word"),
        (zipped({"ghi-chu.txt": "không phải Word"}), "không phải là tài liệu Word"),
        (
            zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}),
            "tệp của Excel hoặc PowerPoint",
        ),
        (
            zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}),
            "tệp của Excel hoặc PowerPoint",
        ),
        (
            zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<office/>"}),
            "lưu thành .docx",
        ),
        (photo_bytes(1), "không phải là tài liệu Word"),
        ("Chữ thường".encode("utf-16"), "không phải là tài liệu Word"),
        (document(p(SENTENCE), pictures=1)[:-700], "bị hỏng"),
        (document(p(SENTENCE))[:40], "bị hỏng"),
        (with_document("<w:document"), "bị hỏng"),
        (with_document(wrapped("")), "không có chữ"),
    ],
    ids=[
        "empty",
        "doc",
        "encrypted",
        "pdf",
        "rtf",
        "zip",
        "xlsx",
        "pptx",
        "odt",
        "photo",
        "text",
        "truncated",
        "start only",
        "cut xml",
        "no words",
    ],
)
def test_what_is_no_readable_word_file_is_refused_with_a_sentence(content, words):
    assert words in refusal(content)


def test_too_large_a_file_is_refused_before_it_is_opened(settings):
    settings.DOCX_MAX_BYTES = 1024**2

    assert "1 MB" in refusal(b"PK" + bytes(1024**2))


@pytest.mark.requirement(24)
def test_nested_tables_are_refused():
    depth = 3000
    xml = wrapped("<w:tbl><w:tr><w:tc>" * depth + p(SENTENCE) + "</w:tc></w:tr></w:tbl>" * depth)

    assert "bị hỏng" in refusal(with_document(xml))


@pytest.mark.requirement(24)
def test_zip_that_expands_is_refused():
    row = "<w:tr>" + f"<w:tc>{p('a')}</w:tc>" * 60 + "</w:tr>"
    bomb = with_document(wrapped(f"<w:tbl>{row * 9000}</w:tbl>"))

    assert len(bomb) < 300_000
    assert refusal(bomb)


@pytest.mark.requirement(24)
def test_pictures_that_expand_are_refused():
    assert "quá lớn" in refusal(document(p(SENTENCE), media=[("anh.bmp", bytes(61 * 1024**2))]))


@pytest.mark.requirement(24)
def test_many_members_are_refused():
    assert "quá lớn" in refusal(
        document(p(SENTENCE), parts={f"word/media/{n}.bin": b"x" for n in range(501)})
    )


def test_tables_without_end_are_refused_although_no_limit_of_the_zip_is_reached():
    row = "<w:tr>" + "<w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>" * 50 + "</w:tr>"
    xml = wrapped(f"<w:tbl>{row * 1100}</w:tbl>")
    noise = {f"word/media/{n}.jpeg": photo_bytes(n) * 3 for n in range(90)}  # keeps the ratio low

    assert len(xml) < archive.XML_BYTES
    assert "quá dài" in refusal(with_document(xml, **noise))


def test_one_picture_shown_without_end_is_refused():
    assert "quá dài" in refusal(document(p(*[picture(1)] * 301), pictures=1))


def test_as_many_sizes_as_paragraphs_are_read_in_time():
    paragraphs = "".join(p(SENTENCE, size=number + 2) for number in range(2000))

    assert read(with_document(wrapped(paragraphs))).body.count(SENTENCE) >= 1999


def test_text_at_the_limits_is_read_in_time():
    paragraphs = "".join(p(f"{SENTENCE} {n}") for n in range(4000))

    assert "quá dài" in refusal(with_document(wrapped(paragraphs * 2)))
    assert read(with_document(wrapped(paragraphs))).body


@pytest.mark.requirement(24)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    xml = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE w:document [{laughs}]>' + wrapped(
        p("&amp;")
    ).replace("&amp;amp;", "&l9;")

    assert "từ chối" in refusal(with_document(xml.encode(encoding)))


@pytest.mark.requirement(24, 44)
def test_external_entity_is_refused():
    xml = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + wrapped(p(SENTENCE))

    assert "từ chối" in refusal(with_document(xml))


@pytest.mark.requirement(15)
def test_style_map_in_the_file_has_no_say():
    story = read(
        document(
            p("Tiêu đề", b=True), p(SENTENCE), p(SENTENCE), parts={"mammoth/style-map": "p => script:fresh"}
        )
    )

    assert "script" not in story.body
    assert SENTENCE in story.lead + story.body


@pytest.mark.requirement(15)
def test_harmful_links_lose_their_address():
    links = {
        "rId90": ("hyperlink", "javascript:alert(1)"),
        "rId91": ("hyperlink", "data:text/html,<script>alert(1)</script>"),
        "rId92": ("hyperlink", "file:///C:/mat.docx"),
    }
    paragraph = p(
        *(f'<w:hyperlink r:id="{id}">{r(f"bấm vào đây {id} ")}</w:hyperlink>' for id in links), r(SENTENCE)
    )
    story = read(document(p("Tiêu đề", b=True), p(SENTENCE), paragraph, links=links))

    assert "bấm vào đây rId90" in story.body
    assert "<a" not in story.body


def test_script_in_the_text_stays_text():
    words = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    story = read(
        document(
            p(f"Tiêu đề {words}", b=True),
            p(SENTENCE),
            p(f"{SENTENCE} {words}"),
            p(picture(1)),
            p(r(words, i=True), align="center"),
            pictures=1,
        )
    )

    assert "<script" not in story.body
    assert "<img src=x" not in story.body
    assert "&lt;script&gt;" in story.body


@pytest.mark.requirement(44)
def test_picture_from_elsewhere_is_left_out_with_a_note():
    outside = '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="a"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:link="rId90"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    links = {"rId90": ("image", "http://127.0.0.1:9/anh.png")}
    story = read(document(p("Tiêu đề", b=True), p(SENTENCE), p(outside), p(SENTENCE), links=links))

    assert story.photos == ()
    assert any("chỉ được liên kết" in sentence for sentence in story.warnings)


@pytest.mark.parametrize(
    "target", ["../../../../etc/passwd", "/etc/passwd", "..\\..\\settings.py", "media/../../../etc/passwd"]
)
def test_picture_with_a_path_out_of_the_file_is_left_out(target):
    links = {"rId101": ("image", target)}
    story = read(
        document(
            p("Tiêu đề", b=True),
            p(SENTENCE),
            p(picture(1)),
            p(SENTENCE),
            links=links,
            parts={"../../../etc/passwd": "root:x:0"},
        )
    )

    assert story.photos == ()
    assert "root:" not in story.body


def test_macros_and_templates_from_elsewhere_are_ignored():
    parts = {
        "word/vbaProject.bin": b"\xd0\xcf\x11\xe0macro",
        "word/settings.xml": f'<w:settings {NAMESPACES}><w:attachedTemplate r:id="rId1"/></w:settings>',
        "word/_rels/settings.xml.rels": relations(
            {"rId1": ("attachedTemplate", "http://127.0.0.1:9/x.dotm")}
        ),
    }
    story = read(document(p("Tiêu đề", b=True), p(SENTENCE), p(SENTENCE), parts=parts))

    assert story.headline == "Tiêu đề"


@pytest.mark.requirement(24)
def test_file_that_claims_smaller_members_than_it_holds_is_refused():
    content = bytearray(document(p(SENTENCE * 200)))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        size = parts.getinfo("word/document.xml").file_size
    for place in _places(bytes(content), size.to_bytes(4, "little")):
        content[place : place + 4] = (100).to_bytes(4, "little")

    assert "bị hỏng" in refusal(bytes(content))


def _places(content: bytes, wanted: bytes):
    place = content.find(wanted)
    while place >= 0:
        yield place
        place = content.find(wanted, place + 1)


@pytest.mark.requirement(24)
def test_child_has_little_memory():
    program = (
        "import articles.docx.child as child; child.limit()\n"
        "try: bytes(800 * 1024 ** 2)\n"
        "except MemoryError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=docx.ROOT, env={}
    )

    assert done.stdout == "refused\n", done.stderr


@pytest.mark.requirement(24)
def test_reader_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(docx, "WALL_SECONDS", 0.01)

    assert "quá lâu" in refusal(document(p(SENTENCE)))


def test_ring_of_styles_and_odd_numbers_do_no_harm():
    styles = f"""<w:styles {NAMESPACES}><w:style w:type="paragraph" w:styleId="a"><w:name w:val="a"/><w:basedOn w:val="b"/></w:style>
    <w:style w:type="paragraph" w:styleId="b"><w:name w:val="b"/><w:basedOn w:val="a"/><w:rPr><w:sz w:val="9e9"/></w:rPr></w:style></w:styles>"""
    story = read(
        document(
            p("Tiêu đề", b=True, style="a"),
            p(SENTENCE),
            p(SENTENCE),
            media=[("x.emf", EMF)],
            parts={"word/styles.xml": styles},
        )
    )

    assert story.headline == "Tiêu đề"
