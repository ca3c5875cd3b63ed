"""Takes the pictures of docs/editors.vi.md from a running site with the demo news, such as that of `make run`.

ADMIN_PASSWORD=… python docs/screenshots.py http://127.0.0.1:8000
It begins the next version of a story and gives it up again.
"""

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent / "images"
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 780}


def take(page: Page, name: str, *, full=False) -> None:
    page.wait_for_timeout(600)  # for fonts and photos
    picture = Image.open(io.BytesIO(page.screenshot(full_page=full)))
    picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=72, method=6)


def sign_in(page: Page) -> None:
    page.goto("/admin/login/")
    page.fill("#id_username", os.environ.get("ADMIN_USERNAME", "admin"))
    page.fill("#id_password", os.environ["ADMIN_PASSWORD"])
    page.press("#id_password", "Enter")
    page.wait_for_url("**/admin/")


def begin_next(page: Page, number: int) -> None:
    page.goto(f"/admin/articles/article/{number}/change/")
    if page.get_by_role("link", name="Mở bản mới").count():
        page.get_by_role("link", name="Mở bản mới").click()
    else:
        page.get_by_role("button", name="Sửa tin").click()
    page.wait_for_selector(".cke_wysiwyg_div")


def give_up(page: Page) -> None:
    page.get_by_role("button", name="Bỏ bản mới này").click()
    page.wait_for_selector(".messagelist")


def main(address: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        context = browser.new_context(base_url=address, locale="vi-VN", viewport=WIDE)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        sign_in(page)

        begin_next(page, 73)
        give_up(page)
        begin_next(page, 73)
        take(page, "viet-tin")
        page.click(".cke_button__photos")
        page.wait_for_selector(".photo-dialog__photo")
        page.click(".photo-dialog__photo >> nth=2")
        take(page, "chen-anh")
        page.locator(".photo-dialog").get_by_role("button", name="Đóng", exact=True).click()
        page.fill("#id_kicker", "Bình chọn cuối năm")
        page.fill("#id_headline", "Mười sự kiện cộng đồng của tỉnh Hương Giang năm 2026")
        page.get_by_role("button", name="Gửi duyệt", exact=True).click()
        page.wait_for_selector(".messagelist")
        page.goto("/admin/")
        take(page, "ban-bien-tap")
        begin_next(page, 73)
        page.get_by_role("link", name="So với tin đã đăng").click()
        take(page, "so-sanh")
        page.go_back()
        page.get_by_role("link", name="Chia sẻ").click()
        take(page, "chia-se")
        page.go_back()
        page.set_viewport_size(PHONE)
        take(page, "viet-tin-dien-thoai")
        page.set_viewport_size(WIDE)
        give_up(page)

        page.goto("/admin/articles/photo/")
        take(page, "kho-anh")
        page.goto("/admin/articles/article/import/")
        take(page, "nhap-tu-word")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
