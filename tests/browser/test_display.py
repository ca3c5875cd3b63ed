"""The reader's switches: kept on the device, applied before the first sight, readable in every mode."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from articles.models import Correction, Topic
from tests.factory import figure, make_article, make_byline, make_photo, make_section

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = next((Path(__file__).parent.parent / "data").glob("axe-*/axe.min.js"))
TABLE = "<table><caption>Điểm thi</caption><tr><th>Đơn vị</th><th>Điểm</th></tr><tr><td>Giang Hạ</td><td>8</td></tr></table>"


@pytest.fixture
def addresses():
    section = make_section()
    story = make_article(
        section=section,
        kicker="Hội thi",
        body=f"<p>Mở đầu.</p>{figure(make_photo(), 'Lễ ra quân')}<h2>Kết quả</h2>{TABLE}"
        '<blockquote><p>Rất <a href="https://vi-du.vn/">vui</a>.</p></blockquote><aside class="info-box"><p>069</p></aside>',
    )
    make_byline(story)
    story.topics.add(Topic.objects.create(name="Nông thôn mới"))
    Correction.objects.create(article=story, text="Số đúng là 75 hộ.")
    make_article(section=section)
    return {
        "home": "/",
        "section": section.get_absolute_url(),
        "article": story.get_absolute_url(),
        "search": "/tim-kiem/?q=ra+quan",
    }


def test_high_contrast_is_high_on_every_kind_of_page(page, addresses):
    """Seven to one, as WCAG asks at its highest level; where all kinds of things stand, light and dark."""
    found = {}
    for name, modes in {
        "home": ["dark"],
        "section": ["light"],
        "search": ["dark"],
        "article": ["light", "dark"],
    }.items():
        page.goto(addresses[name])
        page.locator(".display summary").click()
        page.get_by_role("button", name="Cao").click()
        page.evaluate(AXE.read_text())
        for mode in modes:
            page.locator(f"[data-switch=theme][value={mode}]").click()
            results = page.evaluate("axe.run({runOnly: ['color-contrast-enhanced']})")
            found[name, mode] = [node["html"] for each in results["violations"] for node in each["nodes"]]
            assert results["passes"]

    assert found == dict.fromkeys(found, [])


def test_open_menu_and_statement_are_accessible(page):
    page.goto("/kha-nang-tiep-can/")
    page.locator(".display summary").click()
    page.evaluate(AXE.read_text())

    results = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )

    assert [(each["id"], each["nodes"][0]["html"]) for each in results["violations"]] == []


def test_choices_are_kept_on_the_device_and_shown_at_first_sight(page):
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => shift += entry.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto("/")
    page.locator(".display summary").press("Enter")
    for name in ("Tối", "Cao"):
        page.get_by_role("button", name=name).press("Enter")
    page.locator(".display").get_by_role("button", name="A+").press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".display summary")).to_be_focused()

    page.reload()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") > 17
    assert page.evaluate("shift") == 0
    page.locator(".display summary").click()
    expect(page.get_by_role("button", name="Tối")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Thường", exact=True)).to_have_attribute("aria-pressed", "false")
    assert page.context.cookies() == []


def test_own_choice_of_light_beats_the_dark_of_the_system(page):
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    page.locator(".display summary").click()

    page.get_by_role("button", name="Sáng").click()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_paper_is_white_whatever_was_chosen(page, addresses):
    page.add_init_script(
        "for (const [name, value] of [['theme', 'dark'], ['contrast', 'more'], ['text-size', 'largest']])"
        " localStorage.setItem(name, value)"
    )
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(addresses["article"])

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown = {name for name in ("banner", "article__address", "menu", "tools", "top-bar", "columns__side")
             if page.locator(f".{name}").first.is_visible()}  # fmt: skip
    assert shown == {"banner", "article__address"}


def test_largest_text_fits_the_narrowest_screen(page, addresses):
    page.set_viewport_size({"width": 320, "height": 700})
    page.add_init_script("localStorage.setItem('text-size', 'largest')")

    wider = {}
    for name, address in addresses.items():
        page.goto(address)
        wider[name] = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert wider == dict.fromkeys(addresses, 0)
