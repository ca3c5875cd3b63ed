"""Photos dropped on the library: each fares alone, and the words of all are written in one table."""

import base64

import pytest
from django.urls import reverse

from articles.models import Photo
from tests.browser.login import sign_in
from tests.factory import make_photo, make_user, picture_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """files => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  for (const type of ["dragover", "drop"])
    document.querySelector("#footer, body").dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def library(page):
    """Open before an editor."""
    sign_in(page, make_user(is_superuser=True))
    page.goto(reverse("admin:articles_photo_changelist"))
    page.wait_for_selector(".photo-drop")
    return page


def drop(page, *files):
    page.evaluate(DROP, [(name, base64.b64encode(content).decode()) for name, content in files])


def test_dropped_photos_fare_alone_and_get_their_words_in_one_table(library):
    page = library
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    known = picture_file(colour="navy").read()
    make_photo(upload=picture_file("cu.jpg", colour="navy"), caption="Ảnh đã có")
    cut_off = {"count": 0}

    def cut_first(route):
        cut_off["count"] += 1
        route.abort() if cut_off["count"] == 1 else route.continue_()

    page.route("**/upload/", cut_first)
    drop(
        page,
        ("mot.jpg", picture_file().read()),
        ("hai.jpg", picture_file().read()),
        ("hong.jpg", b"x"),
        ("trung.jpg", known),
        ("ba.jpg", picture_file().read()),
    )
    page.wait_for_selector(".photo-words__row:nth-child(2)")
    page.wait_for_selector("[data-progress]:has-text('Đã gửi 3/5 ảnh, 2 ảnh chưa gửi được')")

    failures = page.locator(".photo-upload--failed").all_inner_texts()
    assert "“mot.jpg”: Máy chủ không trả lời" in failures[0]
    assert "“hong.jpg”: Tệp không phải là ảnh đọc được" in failures[1]
    assert "Đã có sẵn trong kho" in page.inner_text(".photo-upload--known")
    page.click(".photo-upload--failed:has-text('mot.jpg') button:has-text('Thử lại')")
    page.wait_for_selector(".photo-words__row:nth-child(3)")
    page.click(".photo-upload--failed button:has-text('Bỏ qua')")
    page.wait_for_selector("[data-progress]:has-text('Đã gửi 4/4 ảnh')")

    captions = page.locator(".photo-words [name$='-caption']")
    captions.nth(0).fill("Bến đò buổi sáng")
    page.click("[data-fill-caption]")
    captions.nth(2).fill("Hoa văn")
    page.fill("[data-credit-for-all]", "Minh Hà")
    page.press("[data-credit-for-all]", "Enter")
    page.locator(".photo-words [name$='-is_decorative']").nth(2).check()
    assert page.locator(".photo-words [name$='-alt']").nth(2).is_disabled()
    page.click(".photo-words button[type=submit]")
    page.wait_for_selector(".messagelist .success")

    assert problems == []
    words = Photo.objects.exclude(caption="Ảnh đã có").values_list("caption", "credit", "is_decorative")
    assert sorted(words) == [
        ("Bến đò buổi sáng", "Minh Hà", False),
        ("Bến đò buổi sáng", "Minh Hà", False),
        ("Hoa văn", "Minh Hà", True),
    ]


def test_lapsed_login_is_told_and_nothing_lost(library):
    page = library
    drop(page, ("khong.jpg", picture_file().read()))
    page.fill(".photo-words__row [name$='-caption']", "Bến đò buổi sáng")
    page.context.clear_cookies(name="sessionid")

    page.click(".photo-words button[type=submit]")
    page.wait_for_selector(".photo-words .errornote:has-text('Bạn đã bị đăng xuất')")
    drop(page, ("mot.jpg", picture_file().read()))
    page.wait_for_selector(".photo-upload--failed:has-text('Bạn đã bị đăng xuất')")

    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.mouse.click(5, 300)  # without a touch of the page no browser asks
    page.goto("/")
    assert asked == ["beforeunload"]


def test_focal_point_is_set_with_a_click(library):
    page = library
    photo = make_photo()
    page.goto(reverse("admin:articles_photo_change", args=[photo.pk]))

    box = page.locator(".photo-focus__photo img").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    page.press("#id_focal_y", "ArrowUp")
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist .success")

    photo.refresh_from_db()
    assert (photo.focal_x, photo.focal_y) == (25, 76)
