"""From a Word file to the reader's page in at most eight clicks, as a person does it."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from articles.models import Article, Author
from tests.articles.word_files import (
    HEADLINE,
    LAST,
    LEAD,
    TEXT,
    headline_by_hand,
)
from tests.articles.word_markup import document, p, picture
from tests.browser.axe import violations
from tests.browser.login import sign_in
from tests.browser.waiting import wait_until
from tests.factory import make_section

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHOTOS = 11
PEOPLE = ["Minh Hà", "Đức Thắng"]


def caption(number: int) -> str:
    return f"Chuyến đò thứ {number} rời bến Bãi Bồi trong sáng khánh thành."


def text(number: int) -> str:
    return f"Chuyến thứ {number}. {TEXT[number % len(TEXT)]} {TEXT[(number + 2) % len(TEXT)]}"


@pytest.fixture
def word_file(tmp_path):
    """Some 900 words and eleven photos, each with a caption, made without any style."""
    blocks = []
    for number in range(1, PHOTOS + 1):
        blocks += [
            p(text(number)),
            p(picture(number), align="center"),
            p(f"{caption(number)} Ảnh: {PEOPLE[number % 2]}", i=True, align="center"),
        ]
    path = tmp_path / "Bến đò Bãi Bồi.docx"
    path.write_bytes(
        document(
            headline_by_hand(),
            p(LEAD, b=True),
            *blocks,
            p(LAST),
            p("Bài: Minh Hà - Ảnh: Đức Thắng", b=True, align="right"),
            pictures=PHOTOS,
        )
    )
    return path


@pytest.fixture
def newsroom(page):
    return sign_in(page, User.objects.create_superuser("minhha"))


def test_word_file_is_published_in_at_most_eight_clicks(newsroom, word_file):
    page = newsroom
    make_section("Đời sống ven sông")
    Author.objects.create(pen_name="Minh Hà")
    assert sum(len(text(number).split()) for number in range(1, PHOTOS + 1)) > 800  # and the captions
    clicks = 0

    def click(selector):
        nonlocal clicks
        clicks += 1
        page.click(selector)

    page.goto(reverse("admin:index"))
    click("text=Nhập từ Word")
    with page.expect_file_chooser() as chooser:
        click("#id_files")
    clicks += 1  # on the file, in the system's own window
    chooser.value.set_files(word_file)
    click(".field-section .select2-selection")
    click(".select2-results__option:has-text('Đời sống ven sông')")
    click("button:has-text('Nhập')")
    page.wait_for_selector(".messagelist li:has-text('Nhận ra')")
    assert (
        "Nhận ra: tiêu đề, sapo, 11 ảnh (có chú thích: 11), Bài: Minh Hà, Ảnh: Đức Thắng."
        in page.inner_text(".messagelist")
    )
    click("button[value=publish]")
    page.wait_for_selector(".messagelist .success:has-text('Đã đăng')")

    assert clicks <= 8
    page.goto(Article.objects.get().get_absolute_url())
    assert page.inner_text("h1") == HEADLINE
    captions = page.eval_on_selector_all(
        "main figure", "figures => figures.map(figure => figure.querySelector('figcaption').innerText)"
    )
    assert captions == [f"{caption(n)} Ảnh: {PEOPLE[n % 2]}" for n in range(1, PHOTOS + 1)]
    reader, place = page.inner_text("main"), 0
    expected = [HEADLINE, LEAD]
    for number in range(1, PHOTOS + 1):
        expected += [text(number), caption(number)]
    for part in [*expected, LAST, "Bài: Minh Hà", "Ảnh: Đức Thắng"]:
        place = reader.find(part, place)
        assert place >= 0, part
    for number in range(PHOTOS):
        page.locator("main figure img").nth(number).scroll_into_view_if_needed()
    wait_until(page, "[...document.querySelectorAll('main figure img')].every(image => image.naturalWidth)")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_page_of_the_import_is_accessible_and_never_scrolls_sideways(newsroom, tmp_path, width, scheme):
    page = newsroom
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    make_section("Đời sống ven sông")
    broken = tmp_path / f"{'mot-ten-tep-rat-dai-' * 6}.docx"
    broken.write_bytes(b"%PDF")

    page.goto(reverse("admin:articles_article_import"))
    page.set_input_files("#id_files", [broken])
    page.click(".field-section .select2-selection")
    page.click(".select2-results__option:has-text('Đời sống ven sông')")
    page.click("button:has-text('Nhập')")
    page.wait_for_selector(".errorlist")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("summary")
    assert violations(page) == []


def test_message_of_the_draft_is_accessible(newsroom, tmp_path):
    page = newsroom
    path = tmp_path / "a.docx"
    path.write_bytes(document(*map(p, [HEADLINE, LEAD, *TEXT, "Minh Hà"])))
    make_section("Đời sống ven sông")
    page.goto(reverse("admin:articles_article_import"))
    page.set_input_files("#id_files", [path])
    page.click(".field-section .select2-selection")
    page.click(".select2-results__option:has-text('Đời sống ven sông')")
    page.click("button:has-text('Nhập')")
    page.wait_for_selector(".messagelist .warning li")
    page.wait_for_selector(".cke_wysiwyg_div[role=textbox]")  # the editor names its parts last

    assert violations(page) == []


def test_missing_section_is_told_beside_it_and_the_files_stay_chosen(newsroom, word_file):
    page = newsroom
    make_section("Đời sống ven sông")
    page.goto(reverse("admin:articles_article_import"))
    page.set_input_files("#id_files", word_file)

    page.click("button:has-text('Nhập')")

    assert page.inner_text(".field-section .errorlist") == "Hãy điền ô này."
    assert page.locator(".form-row.errors").count() == 1
    assert page.evaluate("document.querySelector('#id_files').files.length") == 1
    page.click(".field-section .select2-selection")
    page.click(".select2-results__option:has-text('Đời sống ven sông')")
    page.click("button:has-text('Nhập')")
    page.wait_for_selector(".messagelist")
    assert Article.objects.count() == 1


def test_too_large_a_file_is_named_before_it_is_sent(newsroom, tmp_path, settings):
    page = newsroom
    settings.DOCX_MAX_BYTES = 1024**2
    large = tmp_path / "bai-dai.docx"
    large.write_bytes(bytes(1024**2 + 1))
    sent = []
    page.goto(reverse("admin:articles_article_import"))
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.set_input_files("#id_files", large)

    page.click("button:has-text('Nhập')")

    assert page.inner_text(".field-files .errorlist") == "“bai-dai.docx”: Tệp vượt quá giới hạn 1 MB."
    assert sent == []
