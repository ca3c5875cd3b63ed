"""A story as a PDF: what it holds, who gets it, and what asking for it costs."""

import re
import subprocess
import zlib

import pytest

from articles import pdf
from articles.models import Article, Correction
from articles.pdf import blocks
from tests.factory import figure, make_article, make_byline, make_photo

pytestmark = pytest.mark.django_db

BODY = (
    '<p>Sáng nay, <strong>Ủy ban</strong> <a href="https://vi-du.vn/x">nhân dân</a> xã họp.<br>Dòng hai #{}$.</p>'
    '<h3>Kết quả</h3><ul><li>Một<ol start="3"><li>Ba</li></ul><blockquote><p>Rất vui.</p></blockquote>'
    '<aside class="info-box"><h3>Đường dây nóng</h3><p>069.2345.678</p></aside><hr>'
    "<table><caption>Điểm</caption><tr><th>Đơn vị</th><th>Điểm</th></tr>"
    '<tr><td rowspan="9">Giang Hạ</td><td colspan="9">8,5</td></tr><tr><td>9</td></tr></table>'
)


def pdf_of(client, story, **headers):
    response = client.get(f"{story.get_absolute_url()}pdf/", headers=headers)
    response.file = b"".join(response)
    return response


def test_file_holds_the_story_and_tells_of_itself(client):
    photo = make_photo()
    story = make_article(
        headline="Giữ sạch bờ sông Hương",
        lead="Sapo của tin.",
        dateline="Huế",
        body=BODY + figure(photo, "Lễ ra quân"),
    )
    make_byline(story, "Minh Hà")
    Correction.objects.create(article=story, text="Số đúng là 75 hộ.")

    response = pdf_of(client, story)

    assert response["Content-Type"] == "application/pdf"
    assert f"{story.slug}-{story.pk}.pdf" in response["Content-Disposition"]
    assert response["X-Robots-Tag"] == "noindex"
    parts = response.file + b"".join(inflated(response.file))
    assert b"/Lang (vi" in parts or b"/Lang(vi" in parts
    assert b"/MarkInfo" in parts
    assert b"pdfuaid" in parts
    assert "Giữ sạch bờ sông Hương".encode() in parts  # in the metadata
    assert b"BeVietnamPro-Bold" in parts
    assert parts.count(b"/Subtype /Image") + parts.count(b"/Subtype/Image") == 1
    for structure in (b"/S/H2", b"/S/L", b"/S/TH", b"/S/Figure", b"/S/BlockQuote", b"/S/Link"):
        assert structure in parts.replace(b"/S /", b"/S/"), structure


def inflated(content):
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            yield zlib.decompress(stream)
        except zlib.error:
            continue


def test_odd_text_is_shown_as_it_is_written(client):
    """Signs of the layout's language are words; an emoji is in no font of ours."""
    story = make_article(
        headline="#let x = $1$ *b* _c_ `d` @e <f> \\ /* 😀",
        body="<blockquote>lời <strong>trống</strong><p>đoạn</p></blockquote><table><tr><td><p>a</p><p>b</p></td></tr></table>",
    )

    assert pdf_of(client, story).file.startswith(b"%PDF")


def test_second_reader_and_one_who_has_it_cost_no_layout(client, monkeypatch, settings):
    story = make_article()
    first = pdf_of(client, story)
    [file] = settings.PDF_ROOT.glob("*.pdf")
    monkeypatch.setattr(subprocess, "run", None)

    again = pdf_of(client, story)
    known = pdf_of(client, story, if_none_match=first["ETag"])

    assert again.file == file.read_bytes()
    assert "max-age=300" in again["Cache-Control"]
    assert known.status_code == 304
    assert not known.file


def test_changed_story_has_another_file():
    story = {"headline": "Một", "blocks": []}

    assert pdf.key_of(story) != pdf.key_of(story | {"headline": "Hai"})


@pytest.mark.requirement(12)
@pytest.mark.parametrize(
    ("status", "code"),
    [(Article.Status.DRAFT, 404), (Article.Status.WITHDRAWN, 410)],
    ids=["draft", "withdrawn"],
)
def test_no_file_of_a_story_that_readers_do_not_see(client, status, code):
    assert pdf_of(client, make_article(status=status)).status_code == code


def test_old_address_leads_to_the_file(client):
    story = make_article()

    response = client.get(f"/muc-cu/dau-de-cu-{story.pk}/pdf/")

    assert response.status_code == 301
    assert response["Location"] == f"{story.get_absolute_url()}pdf/"


def test_reader_is_asked_to_come_back_while_others_wait(client, monkeypatch):
    story = make_article()
    for _ in range(pdf.WAITING):
        pdf._places.acquire()
    try:
        response = pdf_of(client, story)
    finally:
        for _ in range(pdf.WAITING):
            pdf._places.release()

    assert response.status_code == 503
    assert response["Retry-After"] == "10"


def test_only_the_last_files_are_kept(client, monkeypatch, settings):
    monkeypatch.setattr(pdf, "KEPT", 1)
    settings.PDF_ROOT.mkdir()
    (settings.PDF_ROOT / "cu.pdf").write_bytes(b"old")

    pdf_of(client, make_article())

    assert len(list(settings.PDF_ROOT.glob("*.pdf"))) == 1
    assert not (settings.PDF_ROOT / "cu.pdf").exists()


def test_spans_that_do_not_fit_are_cut():
    html = '<table><tr><td rowspan="99">a</td><td>b</td></tr><tr><td colspan="2">c</td></tr></table>'

    [table] = blocks.of(html, "/media/")

    places = [(cell["x"], cell["y"], cell["width"], cell["height"]) for cell in table["cells"]]
    assert places == [(0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 2, 1)]
    assert table["columns"] == 3


def test_words_outside_of_blocks_are_kept():
    [quote, table] = blocks.of(
        "<blockquote>Một <strong>hai</strong><p>Ba</p>bốn</blockquote><table><tr><td><p>a</p><p>b</p></td></tr></table>",
        "/media/",
    )

    assert [block["words"] for block in quote["blocks"]] == [
        ["Một ", ["strong", "", ["hai"]]],
        ["Ba"],
        ["bốn"],
    ]
    assert table["cells"][0]["words"] == ["a", "\n", "b"]


def test_headings_leave_out_no_level():
    levels = [block["level"] for block in blocks.of("<h3>Một</h3><h2>Hai</h2><h3>Ba</h3>", "/media/")]

    assert levels == [2, 2, 3]
