"""From an empty form to the reader's page, as a person does it: one browser writes, another reads."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from articles.models import Article, Attachment, Author, Byline, RelatedLink
from tests.browser.login import sign_in
from tests.browser.waiting import wait_until
from tests.factory import make_article, make_photo, make_section, picture_file
from tests.visitors.readers import ship
from visitors.models import Day

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PARAGRAPHS = [
    f"Đoạn thứ {number} của bài viết kể chuyện bến đò xóm Bãi Bồi./."
    for number in ("nhất", "hai", "ba", "tư", "năm", "sáu")
]
READER = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"


@pytest.fixture
def problems(page):
    """Errors of scripts and requests to other hosts; there may be none."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            found.append(request.url)
            if not re.match(r"(http://(localhost|127\.0\.0\.1):|data:|blob:)", request.url)
            else None
        ),
    )
    return found


@pytest.fixture
def newsroom(page):
    """Logged in as the editor who writes the story."""
    return sign_in(page, User.objects.create_superuser("minhha", password="mat-khau-thu"))


@pytest.fixture
def photo_files(tmp_path):
    paths = []
    for number in range(5):
        path = tmp_path / f"anh-{number}.jpg"
        path.write_bytes(picture_file(size=(900, 600)).read())
        paths.append(path)
    return paths


def choose(page, field, words, answer):
    """Types into an autocomplete field, waits for the answer and takes it."""
    page.click(f"{field} .select2-selection")
    page.fill(".select2-container--open .select2-search__field", words)
    page.wait_for_selector(f".select2-results__option--highlighted:has-text('{answer}')")
    page.keyboard.press("Enter")


def add_photo(page, path, caption):
    page.click(".cke_button__photos")
    page.set_input_files(".photo-dialog input[type=file]", path)
    page.fill(".photo-dialog__row [name=caption]", caption)
    page.fill(".photo-dialog__row input[name=credit]", "Minh Hà")
    page.click(".photo-dialog__insert")
    page.wait_for_selector(f".cke_wysiwyg_div figcaption:has-text('{caption}')")


@pytest.mark.requirement(2, 51)
def test_story_with_photos_is_written_published_and_read(
    newsroom, problems, photo_files, chromium, live_server
):
    page = newsroom
    make_section("Đời sống ven sông")
    for name in ("Minh Hà", "Đức Thắng"):
        Author.objects.create(pen_name=name)
    make_article(headline="Tin cũ về bến đò", section=make_section("Đời sống ven sông"))
    make_article(headline="Tin khác cùng mục", section=make_section("Đời sống ven sông"))
    make_article(headline="Tin ngay trước", section=make_section("Đời sống ven sông"))

    page.goto(reverse("admin:articles_article_add"))
    page.fill("#id_headline", "Uỷ ban khánh thành bến đò Bãi Bồi")
    assert page.input_value("#id_slug") == "uy-ban-khanh-thanh-ben-do-bai-boi"
    page.fill("#id_lead", "Sáng 20/11, bến đò mới đón chuyến đầu tiên.")
    page.click(".cke_wysiwyg_div")
    for number, paragraph in enumerate(PARAGRAPHS):
        page.keyboard.type(paragraph)
        if number < len(photo_files):
            page.keyboard.press("Enter")
            add_photo(page, photo_files[number], f"Chú thích ảnh số {number + 1} là một câu trọn vẹn.")
    choose(page, ".field-section", "doi song", "Đời sống ven sông")
    choose(page, "#bylines-0 .field-author", "minh ha", "Minh Hà")
    page.select_option("#id_bylines-0-role", Byline.Role.TEXT_AND_PHOTO)
    page.click("#bylines-group .add-row a")
    choose(page, "#bylines-1 .field-author", "duc thang", "Đức Thắng")
    page.select_option("#id_bylines-1-role", Byline.Role.PHOTO)
    choose(page, "#related_links-0 .field-target", "tin cu ve", "Tin cũ về bến đò")
    page.click("button[value=publish]")
    page.wait_for_selector(".messagelist .success")

    assert "Đã đăng" in page.inner_text(".messagelist")
    assert not problems
    story = Article.objects.get(headline__startswith="Uỷ ban")
    reader = chromium.new_context(base_url=live_server.url, user_agent=READER).new_page()
    reader.goto(story.get_absolute_url())
    text = reader.inner_text("main")
    expected = ["Uỷ ban khánh thành", "Sáng 20/11, bến đò mới"]
    for number, paragraph in enumerate(PARAGRAPHS):
        expected.append(paragraph)
        if number < 5:
            expected.append(f"Chú thích ảnh số {number + 1} là một câu trọn vẹn. Ảnh: Minh Hà")
    expected += [
        "Bài và ảnh: Minh Hà",
        "Ảnh: Đức Thắng",
        "Tin ngay trước",
        "Tin liên quan",
        "Tin cũ về bến đò",
        "Các tin khác",
        "Tin khác cùng mục",
    ]
    place = 0
    for part in expected:
        place = text.find(part, place)
        assert place >= 0, f"{part!r} is missing in or after: {text}"
    assert reader.locator("main figure img").count() == 5
    assert reader.evaluate(
        "[...document.querySelectorAll('main figure img')].slice(0, 1).every(image => image.naturalWidth)"
    )
    ship()
    assert Day.objects.get().visits == 1
    reader.reload()
    assert "1" in reader.inner_text("text=Hôm nay >> xpath=..")
    reader.context.close()


def test_refused_photo_is_named_and_the_text_stays(newsroom, tmp_path, photo_files):
    page = newsroom
    bad = tmp_path / "hong.jpg"
    bad.write_text("không phải ảnh")

    page.goto(reverse("admin:articles_article_add"))
    page.click(".cke_wysiwyg_div")
    page.keyboard.type("Chữ đã gõ.")
    page.click(".cke_button__photos")
    page.set_input_files(".photo-dialog input[type=file]", [bad, photo_files[0], photo_files[1]])
    page.wait_for_selector(".photo-dialog__row:nth-child(2)")

    assert "“hong.jpg”: Tệp không phải là ảnh đọc được" in page.inner_text(".photo-dialog__notes")
    page.click(".photo-dialog__insert")
    page.wait_for_selector(".cke_wysiwyg_div figure >> nth=1")
    assert "Chữ đã gõ." in page.inner_text(".cke_wysiwyg_div")


def test_picture_inside_pasted_text_becomes_a_photo_of_the_library(newsroom):
    page = newsroom
    page.goto(reverse("admin:articles_article_add"))
    page.click(".cke_wysiwyg_div")
    paste = """() => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 600, height: 400 });
      canvas.getContext("2d").fillRect(0, 0, 300, 200);
      const html = `<p class="MsoNormal">Đoạn <b>từ Word</b></p><p><img src="${canvas.toDataURL()}"></p><p>Đoạn sau</p>`;
      CKEDITOR.instances.id_body.fire("paste", { type: "html", dataValue: html, dataTransfer: new CKEDITOR.plugins.clipboard.dataTransfer(), method: "paste" });
    }"""
    wait_until(page, "CKEDITOR.instances.id_body.status === 'ready'")

    page.evaluate(paste)
    page.wait_for_selector(".cke_wysiwyg_div figure img[data-photo]")

    body = page.evaluate("CKEDITOR.instances.id_body.getData()")
    assert "data:" not in body
    assert "<strong>từ Word</strong>" in body
    assert body.index("từ Word") < body.index("<figure") < body.index("Đoạn sau")


def test_alternative_text_is_asked_on_a_double_click(newsroom, photo_files):
    page = newsroom
    page.goto(reverse("admin:articles_article_add"))
    page.click(".cke_wysiwyg_div")
    add_photo(page, photo_files[0], "Chú thích riêng.")

    page.dblclick(".cke_wysiwyg_div figure img")
    page.fill(".cke_dialog textarea", "Con đò nhỏ ở bến.")
    page.click(".cke_dialog_ui_button_ok")

    assert 'alt="Con đò nhỏ ở bến."' in page.evaluate("CKEDITOR.instances.id_body.getData()")


def test_browser_folds_like_the_server(newsroom, live_server):
    cases = json.loads((Path(__file__).parent.parent / "data/fold.json").read_text())
    page = newsroom
    page.goto(reverse("admin:articles_article_add"))

    for function, pairs in cases.items():
        answers = page.evaluate(
            f"async (texts) => {{ const {{ {function} }} = await import('/static/js/admin/fold.js'); return texts.map((text) => {function}(text)); }}",
            list(pairs),
        )
        assert answers == list(pairs.values())


TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => `${element.tagName}.${element.className}#${element.id}`)"""
CUT_OFF = """() => [...document.querySelectorAll(".inline-group")]
  .flatMap((group) => [...group.querySelectorAll(".form-row:not(.empty-form) *")]
    .filter((element) => element.getBoundingClientRect().right > group.getBoundingClientRect().right + 1)
    .map((element) => `${group.id}: ${element.tagName}.${element.className}`))"""


@pytest.fixture
def story_with_rows():
    story = make_article(headline="Một tiêu đề rất dài " * 12)
    author = Author.objects.create(
        pen_name="Nguyễn Thị Minh Hà", unit="Phòng Tuyên truyền và Báo chí Sở Thông tin"
    )
    Byline.objects.create(article=story, author=author, role=Byline.Role.TEXT_AND_PHOTO)
    RelatedLink.objects.create(article=story, target=make_article(headline="Tin liên quan rất dài " * 10))
    address = "https://vi-du.vn/" + "mot-duong-dan-rat-dai-" * 6
    RelatedLink.objects.create(article=story, url=address, title="Nhan đề rất dài " * 10)
    Attachment.objects.create(
        article=story, file="attachments/2026/11/quyet-dinh-so-5.pdf", title="Quyết định " * 15
    )
    return story


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_form_and_list_never_scroll_sideways(newsroom, story_with_rows, width):
    page = newsroom
    page.set_viewport_size({"width": width, "height": 900})

    for address in (
        reverse("admin:articles_article_add"),
        reverse("admin:articles_article_change", args=[story_with_rows.pk]),
        reverse("admin:articles_article_changelist"),
        reverse("admin:articles_photo_changelist"),
        reverse("admin:index"),
    ):
        page.goto(address)
        wide = page.evaluate(TOO_WIDE)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address}: {wide}"
        assert page.evaluate(CUT_OFF) == [], address


def test_leaving_with_a_choice_that_is_not_saved_is_asked_about(newsroom):
    page = newsroom
    make_section("Đời sống ven sông")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.goto(reverse("admin:articles_article_add"))
    page.wait_for_selector(".cke_wysiwyg_div")
    page.goto(reverse("admin:articles_article_add"))
    untouched = list(asked)
    choose(page, ".field-section", "doi song", "Đời sống ven sông")
    page.goto(reverse("admin:index"))

    assert untouched == []
    assert asked == ["beforeunload"]


def test_of_two_windows_the_later_is_told_and_keeps_its_text(newsroom):
    story = make_article(lead="Sapo cũ.", status=Article.Status.DRAFT, published_at=None)
    address = reverse("admin:articles_article_change", args=[story.pk])
    first, second = newsroom, newsroom.context.new_page()
    first.goto(address)
    second.goto(address)
    for page, lead in ((first, "Sapo của cửa sổ thứ nhất."), (second, "Sapo của cửa sổ thứ hai.")):
        page.wait_for_selector(".cke_wysiwyg_div")
        page.fill("#id_lead", lead)
        page.click(".story-form__buttons button[name=_continue]")
        page.wait_for_selector(".messagelist .success, .conflict")

    story.refresh_from_db()
    assert story.lead == "Sapo của cửa sổ thứ nhất."
    assert "sau khi bạn mở" in second.inner_text("#content")
    assert "Sapo của cửa sổ thứ hai." in second.inner_text(".conflict")


def test_back_from_the_preview_leads_to_the_story_just_saved(newsroom):
    page = newsroom
    section = make_section("Đời sống ven sông")
    page.goto(reverse("admin:articles_article_add"))
    page.fill("#id_headline", "Bến đò Bãi Bồi")
    choose(page, ".field-section", "doi song", section.name)
    page.click("button[name=_preview]")
    page.wait_for_selector(".notice")

    page.go_back()
    page.wait_for_selector(".story-form__saved")
    page.fill("#id_lead", "Sapo viết sau khi xem trước.")
    page.click("button[name=_preview]")
    page.wait_for_selector(".notice")

    assert Article.objects.get().lead == "Sapo viết sau khi xem trước."


def test_words_for_an_older_photo_are_for_this_story_only(newsroom):
    page = newsroom
    photo = make_photo(caption="Bến đò buổi sáng")
    page.goto(reverse("admin:articles_article_add"))
    for caption in ("Chữ của người đổi ý", "Chuyến đò cuối cùng"):
        page.click(".cke_button__photos")
        page.click(f".photo-dialog__photo[data-id='{photo.pk}']")
        page.fill(".photo-dialog__row [name=caption]", caption)
        page.press(".photo-dialog__row [name=caption]", "Tab")
        if caption.startswith("Chữ"):
            page.keyboard.press("Escape")
    page.click(".photo-dialog__insert")
    page.wait_for_selector(".cke_wysiwyg_div figcaption:has-text('Chuyến đò cuối cùng')")

    photo.refresh_from_db()
    assert photo.caption == "Bến đò buổi sáng"
