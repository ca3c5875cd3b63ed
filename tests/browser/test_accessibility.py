"""axe finds nothing on any public page, narrow or wide, light, dark or in high contrast; keyboard and zoom work."""

import pytest
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Attachment, Byline, Correction, RelatedLink, Topic
from articles.templatetags.addresses import archive_address
from newsportal.models import LinkGroup, SiteIdentity, WebsiteLink
from tests.browser.axe import violations_everywhere
from tests.browser.waiting import wait_until
from tests.factory import figure, make_article, make_byline, make_photo, make_section

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLE = "<table><thead><tr><th>Đơn vị</th><th>Điểm</th></tr></thead><tbody><tr><td>Xã Giang Hạ</td><td>8,5</td></tr></tbody></table>"


@pytest.fixture
def addresses():
    """Every kind of public page by name, on a site that has something of everything."""
    SiteIdentity.objects.create(
        name="Cổng tin tức", agency="Sở Thông tin", parent_agency="Ủy ban nhân dân tỉnh", email="tin@vi-du.vn",
        has_english=True, name_en="News portal",
    )  # fmt: skip
    group = LinkGroup.objects.create(name="Chính phủ")
    WebsiteLink.objects.create(group=group, title="Cổng Chính phủ", url="https://chinhphu.vi-du.vn/")
    flat_page = FlatPage.objects.create(
        url="/gioi-thieu/", title="Giới thiệu", content=f"<h2>Bảng</h2>{TABLE}"
    )
    flat_page.sites.add(Site.objects.get_current())
    section = make_section(description="Hoạt động của Sở.")
    make_section("Tin cơ sở", parent=section)
    empty = make_section("Văn bản")
    for _ in range(21):
        make_article(section=section)
    photo = make_photo()
    story = make_article(
        section=section,
        kicker="Hội thi",
        dateline="Hà Nội",
        lead_photo=photo,
        source_name="Báo tỉnh",
        source_url="https://bao.vi-du.vn/",
        body=f"<p>Mở đầu.</p>{figure(photo, 'Quang cảnh hội nghị')}<h2>Kết quả</h2>{TABLE}<blockquote><p>Rất vui.</p></blockquote>",
    )
    byline = make_byline(story, role=Byline.Role.TEXT_AND_PHOTO)
    topic = Topic.objects.create(name="Nông thôn mới")
    story.topics.add(topic)
    Attachment.objects.create(article=story, title="Quyết định", file="attachments/quyet-dinh.pdf", size=4)
    RelatedLink.objects.create(article=story, url="https://bao.vi-du.vn/1", title="Bài trên báo tỉnh")
    Correction.objects.create(article=story, text="Số đúng là 75 hộ.")
    english = make_article(
        section=section, language="en", headline="Volunteers clean the river", translation_of=story
    )
    withdrawn = make_article(section=section, status=Article.Status.WITHDRAWN)
    day = timezone.localtime(story.published_at)
    return {
        "home": "/",
        "section": section.get_absolute_url(),
        "second page": f"{section.get_absolute_url()}?page=2",
        "empty section": empty.get_absolute_url(),
        "topic": topic.get_absolute_url(),
        "author": byline.author.get_absolute_url(),
        "article": story.get_absolute_url(),
        "archive": reverse("articles:archive"),
        "year of the archive": reverse("articles:archive_year", args=[day.year]),
        "month of the archive": reverse("articles:archive_month", args=[f"{day:%Y}", f"{day:%m}"]),
        "day of the archive": archive_address(day),
        "site map": reverse("articles:site_map"),
        "corrections": reverse("articles:corrections"),
        "feeds": reverse("articles:feeds"),
        "open data": reverse("articles:api"),
        "gone": withdrawn.get_absolute_url(),
        "search": f"{reverse('articles:search')}?q=ra+quan",
        "search without result": f"{reverse('articles:search')}?q=xyz",
        "flat page": reverse("page", args=["gioi-thieu/"]),
        "definitions": reverse("visitors:definitions"),
        "accessibility statement": reverse("accessibility"),
        "login": reverse("account_login"),
        "not found": "/khong-co/",
        "English home": "/en/",
        "English article": english.get_absolute_url(),
    }


def test_axe_finds_nothing(page, addresses):
    found = {}
    for name, address in addresses.items():
        page.goto(address)
        found[name] = violations_everywhere(page)

    assert found == dict.fromkeys(addresses, [])


def test_axe_finds_nothing_on_a_new_site(page):
    page.goto("/")

    assert violations_everywhere(page) == []


def test_no_page_scrolls_sideways(page, addresses):
    """320 pixels are also what 1280 become at a zoom of 400 %."""
    wider = {}
    for name, address in addresses.items():
        page.goto(address)
        for width in 320, 390, 768:
            page.set_viewport_size({"width": width, "height": 900})
            wider[name, width] = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert all(excess <= 0 for excess in wider.values()), wider


def test_present_section_is_in_sight_on_a_phone(page):
    for number in range(8):
        section = make_section(f"Một chuyên mục {number}", order=number)
    page.set_viewport_size({"width": 390, "height": 800})

    page.goto(section.get_absolute_url())
    wait_until(page, "document.querySelector('.menu__scroller').scrollLeft > 0")

    box = page.locator(".menu__link[aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_first_tab_leads_to_the_content(page, addresses):
    page.goto(addresses["article"])

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_text_size_is_remembered(page, addresses):
    page.goto(addresses["article"])
    page.get_by_role("button", name="A+").click()

    page.reload()

    assert page.evaluate("document.documentElement.dataset.textSize") == "large"


def test_page_reads_without_scripts(chromium, live_server, addresses):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(addresses["article"])

    visible_buttons = [button for button in page.locator(".tools button").all() if button.is_visible()]

    assert page.locator(".article__body").is_visible()
    assert visible_buttons == []
    context.close()


@pytest.mark.requirement(51)
def test_nothing_comes_from_other_hosts(page, addresses, live_server):
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    for name in ("home", "article", "section"):
        page.goto(addresses[name], wait_until="networkidle")

    assert [url for url in asked if not url.startswith(live_server.url)] == []
