"""The main ways through the site by keyboard alone; what has the focus is always in sight."""

import pytest
from playwright.sync_api import expect

from articles.models import Article
from tests.browser.waiting import wait_until
from tests.factory import figure, make_article, make_photo, make_section, make_user, picture_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Whether the point in the middle of what has the focus belongs to it, and whether its frame is drawn.
SEEN = """() => {
  const focused = document.activeElement, box = focused.getClientRects()[0];
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const framed = [focused, focused.closest('.card')].some((each) => each && getComputedStyle(each).outlineStyle !== 'none');
  return [focused.textContent.trim(), framed, !!top && (focused.contains(top) || top.contains(focused))];
}"""


def tab_to(page, words):
    for _ in range(40):
        page.keyboard.press("Tab")
        text, framed, seen = page.evaluate(SEEN)
        assert framed, f"no frame around {text}"
        assert seen, f"{text} has the focus out of sight"
        if words in text:
            return
    raise AssertionError(f"{words} is out of the keyboard's reach.")


@pytest.fixture
def story():
    section = make_section("An ninh trật tự")
    for number in range(6):
        make_section(f"Một chuyên mục {number}", order=number + 1)
    photo = make_photo(upload=picture_file(size=(900, 600)), alt="Lễ ra quân")
    return make_article(
        section=section, headline="Giữ sạch bờ sông", body=figure(photo, "Lễ ra quân") + "<p>Hết.</p>"
    )


def test_from_home_to_a_large_photo_and_back(page, story):
    page.goto("/")
    tab_to(page, "An ninh trật tự")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{story.section.get_absolute_url()}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the content
    tab_to(page, "Giữ sạch bờ sông")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{story.get_absolute_url()}")
    link = page.locator("a[data-large-photo]")
    while not link.evaluate("link => link === document.activeElement"):
        tab_to(page, "")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Lễ ra quân")
    page.keyboard.press("Escape")

    expect(link).to_be_focused()
    page.go_back()
    assert story.section.get_absolute_url() in page.url


def test_search_and_the_menu_of_a_phone(page, story):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    tab_to(page, "Một chuyên mục 5")  # scrolled into sight within the menu
    page.locator("#banner-search").focus()
    page.keyboard.type("bo song")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim-kiem/?q=bo+song")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, "Giữ sạch bờ sông")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{story.get_absolute_url()}")


def test_wide_table_scrolls_by_keyboard(page):
    cells = "".join(f"<th>Đơn vị thứ {number}</th>" for number in range(12))
    story = make_article(body=f"<table><caption>Kết quả</caption><tr>{cells}</tr></table>")
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(story.get_absolute_url())
    frame = page.get_by_role("region", name="Bảng 1: Kết quả")
    frame.focus()
    page.keyboard.press("ArrowRight")

    wait_until(page, "document.activeElement.scrollLeft > 0")


def test_bar_of_the_story_form_hides_no_field(page, client, live_server):
    story = make_article(status=Article.Status.DRAFT)
    client.force_login(make_user(is_superuser=True))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"/admin/articles/article/{story.pk}/change/")
    page.locator("#id_kicker").focus()

    hidden = []
    for _ in range(25):
        page.keyboard.press("Tab")
        text, _framed, seen = page.evaluate(SEEN)
        hidden += [] if seen else [text]

    assert hidden == []
