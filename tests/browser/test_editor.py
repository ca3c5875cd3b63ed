"""The editor of the body: what its buttons and its pasting make, what its links find, what it shows."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from lxml import html as lxml_html

from articles import body
from articles.models import Article
from articles.widgets import TOOLBAR
from tests.browser.login import sign_in
from tests.browser.waiting import wait_until
from tests.factory import figure, make_article, make_photo, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADD = reverse("admin:articles_article_add")
PASTES = sorted((Path(__file__).parent.parent / "data/paste").glob("*.in.html"))
EDITOR = "CKEDITOR.instances.id_body"
PASTE = """(html) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  const target = CKEDITOR.instances.id_body.editable().$;
  target.focus();
  target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
SELECT_FIRST = """(html) => new Promise((done) => CKEDITOR.instances.id_body.setData(html, () => {
  const editor = CKEDITOR.instances.id_body;
  const range = editor.createRange();
  range.selectNodeContents(editor.editable().getFirst());
  editor.focus();
  editor.getSelection().selectRanges([range]);
  done();
}))"""


@pytest.fixture
def desk(page, live_server):
    """An editor's browser; nothing it does may ask another site or break."""
    sign_in(page, make_user(is_superuser=True))
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda request: problems.append(request.url) if is_elsewhere(request, live_server) else None,
    )
    yield page
    assert problems == []


def is_elsewhere(request, live_server) -> bool:
    return not request.url.startswith((live_server.url, "data:", "blob:"))


def open_editor(page, address=ADD):
    page.goto(address)
    wait_until(page, f"window.CKEDITOR && {EDITOR}?.status === 'ready'")


def written(page) -> str:
    return page.evaluate(f"{EDITOR}.getData()")


def shape(html: str) -> list:
    """Elements with their attributes, in order; spaces between them do not count."""
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    return [
        (element.tag, sorted(element.items()), (element.text or "").strip())
        for element in root.iterdescendants()
    ]


BUTTONS = {
    "bold": "strong", "italic": "em", "underline": "u", "bulletedlist": "ul", "numberedlist": "ol",
    "blockquote": "blockquote", "justifycenter": "p", "justifyright": "p", "horizontalrule": "hr", "box": "aside",
}  # fmt: skip
NOT_MAKING_ELEMENTS = {
    "format", "removeformat", "unlink", "specialchar", "undo", "redo", "find", "maximize", "source", "sidebyside", "photos",
}  # fmt: skip


def test_what_each_button_makes_survives_the_cleaning(desk):
    page = desk
    open_editor(page)
    made = set()
    for name, element in BUTTONS.items():
        page.evaluate(SELECT_FIRST, "<p>Đoạn thứ nhất</p><p>Đoạn thứ hai</p>")
        page.click(f".cke_button__{name}")
        html = written(page)
        assert f"<{element}" in html, name
        assert shape(body.clean(html)) == shape(html), name
        made.add(name)
    page.evaluate(SELECT_FIRST, "<p>Đoạn thứ nhất</p>")
    page.click(".cke_button__table")
    page.fill(".cke_dialog_body input:visible >> nth=2", "Số hộ theo xã")
    page.select_option(".cke_dialog_body select", "both")
    page.click(".cke_dialog_ui_button_ok")
    table = written(page)
    assert ("caption", [], "Số hộ theo xã") in shape(table)
    assert table.count("scope=") == 4
    assert shape(body.clean(table)) == [part for part in shape(table) if part != ("p", [], "")]
    assert body.clean(table).count("scope=") == 4
    page.evaluate(SELECT_FIRST, "<p>Đoạn thứ nhất</p>")
    page.click(".cke_button__link")
    page.fill(".link-dialog [name=address]", "vi-du.vn/a b")
    page.keyboard.press("Enter")
    assert "Đây không phải là địa chỉ" in page.inner_text(".link-dialog__note--refusal")
    page.fill(".link-dialog [name=address]", "vi-du.vn/tin")
    page.keyboard.press("Enter")
    assert written(page).strip() == '<p><a href="https://vi-du.vn/tin">Đoạn thứ nhất</a></p>'

    toolbar = {button.lower() for group in TOOLBAR for button in group}
    assert toolbar == made | {"table", "link"} | NOT_MAKING_ELEMENTS
    assert set(page.evaluate(f"{EDITOR}.config.format_tags").split(";")) <= set(body.ALLOWED)
    loaded = page.evaluate(f"Object.keys({EDITOR}.plugins)")
    assert not {"wysiwygarea", "image", "exportpdf", "scayt", "filebrowser", "iframe", "uploadimage"} & set(
        loaded
    )


def test_pasted_texts_come_out_clean(desk):
    page = desk
    open_editor(page)
    for case in PASTES:
        page.evaluate(SELECT_FIRST, "")
        page.evaluate(PASTE, case.read_text())
        wait_until(page, f"{EDITOR}.getData() !== ''")

        html = written(page)
        assert not re.search(r"Mso|style=|<o:|docs-internal|<span|font", html), case.name
        expected = case.with_name(case.name.replace(".in.", ".out.")).read_text()
        assert body.clean(html).replace("><", ">\n<") == expected.rstrip("\n"), case.name


def test_story_of_this_site_is_found_without_marks_and_linked_by_its_id(desk):
    page = desk
    target = make_article(headline="Bến đò Bãi Bồi khánh thành")
    make_article(headline="Bến đò Bãi Bồi còn là bản nháp", status=Article.Status.DRAFT)
    story = make_article(body="<p>Xem tin trước.</p>", status=Article.Status.DRAFT)
    open_editor(page, reverse("admin:articles_article_change", args=[story.pk]))

    page.click(".cke_wysiwyg_div p")
    page.keyboard.press("End")
    page.keyboard.press("Control+k")
    page.fill(".link-dialog input[type=search]", "ben do bai b")
    wait_until(page, "document.querySelectorAll('.link-dialog__results li').length === 1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.click(".story-form__buttons button[name=_continue]")
    page.wait_for_selector(".messagelist .success")

    story.refresh_from_db()
    address = target.get_absolute_url()
    assert (
        story.body
        == f'<p>Xem tin trước.<a href="{address}" data-article="{target.pk}">{target.headline}</a></p>'
    )
    assert f'<a href="{address}">' in story.body_html
    page.wait_for_selector(".cke_wysiwyg_div a")
    page.dblclick(".cke_wysiwyg_div a")
    assert page.input_value(".link-dialog [name=address]") == address
    assert page.locator(".cke_dialog_body").count() == 0


def test_photos_side_by_side_and_info_box_are_kept(desk):
    page = desk
    photos = [make_photo(caption="") for _ in range(3)]
    html = "".join(figure(photo, caption) for photo, caption in zip(photos, ("Một", "", "Ba"), strict=True))
    story = make_article(body=f"<p>Giá vé</p>{html}<p>Hết.</p>", status=Article.Status.DRAFT)
    open_editor(page, reverse("admin:articles_article_change", args=[story.pk]))
    assert page.inner_text(".body-editor__counts") == "5 từ · 3 ảnh"

    page.click(".cke_wysiwyg_div figure img >> nth=0")
    page.click(".cke_button__sidebyside")
    places = page.eval_on_selector_all(
        ".cke_wysiwyg_div figure", "all => all.map((one) => one.getBoundingClientRect().top)"
    )
    assert places[0] == places[1] < places[2]
    page.click(".cke_wysiwyg_div figcaption >> nth=1")
    page.keyboard.type("Hai")
    page.click(".cke_wysiwyg_div p >> nth=0")
    page.click(".cke_button__box")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("5.000 đồng")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("Ngoài khung")
    wait_until(page, "document.querySelector('.body-editor__counts').textContent === '10 từ · 3 ảnh'")
    page.click(".story-form__buttons button[name=_continue]")
    page.wait_for_selector(".messagelist .success")

    story.refresh_from_db()
    assert story.body.startswith(
        '<aside class="info-box"><p>Giá vé</p><p>5.000 đồng</p></aside><p>Ngoài khung</p><figure'
    )
    classes = re.findall(r'<figure class="([^"]+)">.*?<figcaption>(.*?)</figcaption>', story.body)
    assert classes == [("image side", "Một"), ("image side", "Hai"), ("image", "Ba")]


def test_interface_is_vietnamese_and_full_screen_shows_the_text_in_its_measure(desk):
    page = desk
    open_editor(page)

    titles = page.eval_on_selector_all(".cke_top [title]", "all => all.map((one) => one.title)")
    assert titles == [
        "Định dạng", "Đậm (Ctrl+B)", "Nghiêng (Ctrl+I)", "Gạch chân (Ctrl+U)", "Xoá định dạng", "Danh sách gạch đầu dòng",
        "Danh sách đánh số", "Khối trích dẫn", "Giữa", "Canh phải", "Chèn/Sửa liên kết (Ctrl+K)", "Xoá liên kết", "Bảng",
        "Chèn đường phân cách ngang", "Chèn ký tự đặc biệt", "Hoàn tác (Ctrl+Z)", "Làm lại (Ctrl+Y)", "Tìm kiếm",
        "Toàn màn hình", "Mã HTML", "Thêm ảnh từ máy của bạn hoặc từ kho ảnh",
        "Đặt ảnh đang chọn cạnh ảnh kế tiếp, hoặc trở lại thành từng hàng",
        "Đưa các đoạn đang chọn vào khung thông tin, hoặc đưa ra khỏi khung",
    ]  # fmt: skip
    for button in ("table", "find", "specialchar"):
        page.click(f".cke_button__{button}")
        page.wait_for_selector(".cke_dialog_body:visible")
        assert not re.search(
            r"\b(the|and|Header|Options|Find|Cancel|Close|Row|Column)\b",
            page.inner_text(".cke_dialog:visible"),
        )
        page.keyboard.press("Escape")
        page.wait_for_selector(".cke_dialog_body:visible", state="hidden")
    assert page.get_attribute(".cke_wysiwyg_div", "spellcheck") == "true"
    page.click(".cke_button__maximize")
    box = page.locator(".cke_wysiwyg_div").bounding_box()
    assert box["width"] <= 44 * 16
    assert page.inner_text(".cke_button__photos") == "Ảnh"
    assert page.locator(".body-editor__counts").is_visible()
    page.click(".cke_button__maximize")
    assert page.locator("#id_headline").is_visible()
