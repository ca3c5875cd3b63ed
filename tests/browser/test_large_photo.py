"""The large view of a story's photos: by mouse, by keyboard and without script."""

import pytest
from playwright.sync_api import expect

from tests.factory import figure, make_article, make_photo, picture_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def story():
    photos = [make_photo(upload=picture_file(size=(900, 600))) for _ in range(3)]
    return make_article(
        body="".join(figure(photo, f"Chú thích {number}") for number, photo in enumerate(photos, 1))
    )


def test_keyboard_opens_goes_through_and_closes(page, story):
    page.goto(story.get_absolute_url())
    link, dialog = page.locator("a[data-large-photo]").first, page.get_by_role("dialog")
    link.focus()
    page.keyboard.press("Enter")

    expect(dialog).to_contain_text("Chú thích 1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("Chú thích 3")
    expect(dialog).to_contain_text("3 / 3")
    page.keyboard.press("ArrowLeft")
    expect(dialog).to_contain_text("Chú thích 2")
    assert dialog.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()


def test_page_keeps_still_while_photos_load(page, story):
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => shift += entry.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(story.get_absolute_url())
    for photo in page.locator(".article__body img").all():
        photo.scroll_into_view_if_needed()
        photo.evaluate("image => image.decode()")

    assert page.evaluate("shift") < 0.02


def test_without_script_the_link_opens_the_file(chromium, live_server, story):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(story.get_absolute_url())
    page.locator("a[data-large-photo]").first.click()

    expect(page).to_have_url(live_server.url + story.lead_photo.file.url)
    context.close()
