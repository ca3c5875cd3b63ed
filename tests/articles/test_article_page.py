import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders

from articles.models import Attachment, Byline, RelatedLink, Topic
from tests.factory import figure, make_article, make_byline, make_photo, make_section

pytestmark = pytest.mark.django_db

# 23:30 on Monday in London is Tuesday morning in Vietnam.
TUESDAY = datetime(2023, 5, 29, 23, 30, tzinfo=UTC)


def test_all_parts_stand_in_the_order_agencies_expect(client):
    photo = make_photo()
    related = make_article(headline="TIN LIÊN QUAN")
    make_article(headline="TIN KHÁC")
    make_article(headline="TIN TRƯỚC")
    story = make_article(
        kicker="DÒNG DẪN",
        headline="TIÊU ĐỀ",
        lead="SAPO",
        dateline="Hà Nội",
        body=f"<p>ĐOẠN ĐẦU</p>{figure(photo, 'CHÚ THÍCH')}<p>ĐOẠN CUỐI./.</p>",
        source_name="NGUỒN",
    )
    make_byline(story, "ĐỨC THẮNG")
    Attachment.objects.create(article=story, title="QUYẾT ĐỊNH", file="attachments/qd.pdf", size=1_258_291)
    RelatedLink.objects.create(article=story, target=related)

    html = client.get(story.get_absolute_url()).content.decode()

    main = html[html.index("<main") : html.index("</main>")]
    parts = [
        'class="breadcrumb"', "DÒNG DẪN", "TIÊU ĐỀ", "<time", "data-print", "Hà Nội –", "SAPO", "ĐOẠN ĐẦU",
        photo.picture.url, "CHÚ THÍCH", "ĐOẠN CUỐI./.", "ĐỨC THẮNG", "NGUỒN", "QUYẾT ĐỊNH", "(PDF, 1,2", "TIN TRƯỚC", "TIN LIÊN QUAN",
        "TIN KHÁC",
    ]  # fmt: skip
    places = [main.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)
    assert html.count("<h1") == 1


def test_date_is_vietnamese_and_the_time_only_shown_on_request(client):
    story = make_article(published_at=TUESDAY)
    timed = make_article(published_at=TUESDAY, show_time=True)

    plain, with_time = (client.get(each.get_absolute_url()).content.decode() for each in (story, timed))

    assert ">Thứ Ba, 30/05/2023</time>" in plain
    assert ">Thứ Ba, 30/05/2023 06:30</time>" in with_time
    assert 'datetime="2023-05-30T06:30:00+07:00"' in plain


@pytest.mark.parametrize(
    ("day", "name"), [(1, "Thứ Hai"), (2, "Thứ Ba"), (3, "Thứ Tư"), (4, "Thứ Năm"), (5, "Thứ Sáu"), (6, "Thứ Bảy"), (7, "Chủ Nhật")]
)  # fmt: skip
def test_weekdays_have_both_words_capitalised(client, day, name):
    story = make_article(published_at=datetime(2024, 1, day, 5, tzinfo=UTC))

    assert f">{name}, {day:02}/01/2024<" in client.get(story.get_absolute_url()).content.decode()


def test_update_is_dated(client):
    story = make_article(published_at=TUESDAY, updated_at=datetime(2023, 6, 1, 3, tzinfo=UTC))

    assert ">01/06/2023</time>" in client.get(story.get_absolute_url()).content.decode()


def test_several_bylines_keep_roles_units_and_order(client):
    story = make_article()
    first = make_byline(story, "Minh Hà", Byline.Role.TEXT_AND_PHOTO, order=2)
    second = make_byline(story, "Đức Thắng", order=1)
    second.author.unit = "Phòng PX03"
    second.author.save()

    html = client.get(story.get_absolute_url()).content.decode()

    assert (
        html.index("Đức Thắng</a>") < html.index("Phòng PX03") < html.index(f"{first.get_role_display()}: <a")
    )


def test_unit_of_several_who_sign_is_named_once(client):
    story = make_article()
    for number, pen_name in enumerate(("Minh Hà", "Đức Thắng")):
        author = make_byline(story, pen_name, order=number).author
        author.unit = "Phòng PX03"
        author.save()

    html = client.get(story.get_absolute_url()).content.decode()

    assert html.count("Phòng PX03") == 1
    assert html.index("Đức Thắng</a>") < html.index("Phòng PX03")


def test_related_news_keeps_the_editors_order_with_dates_and_outside_links(client):
    story = make_article()
    target = make_article(headline="Tin của cổng", published_at=TUESDAY)
    RelatedLink.objects.create(article=story, url="https://www.bao.vi-du.vn/1", title="Bài ở ngoài", order=1)
    RelatedLink.objects.create(article=story, target=target, order=2)

    html = client.get(story.get_absolute_url()).content.decode()

    assert html.index("Bài ở ngoài") < html.index("(bao.vi-du.vn)") < html.index("Tin của cổng")
    assert "(30/05/2023)" in html


def test_other_news_leaves_out_this_story_related_ones_and_other_sections(client):
    other, _older, story, related = (make_article() for _ in range(4))
    RelatedLink.objects.create(article=story, target=related)
    make_article(section=make_section("Văn bản"))

    assert list(client.get(story.get_absolute_url()).context["beside"].other_news) == [other]


def test_hidden_stories_are_neither_related_nor_other_news(client, hidden_articles):
    story = make_article(section=hidden_articles[0].section)
    for order, target in enumerate(hidden_articles):
        RelatedLink.objects.create(article=story, target=target, order=order)

    html = client.get(story.get_absolute_url()).content.decode()

    assert [article for article in hidden_articles if article.headline in html] == []
    assert "headline-list" not in html


def test_draft_scheduled_and_expired_answer_404_and_withdrawn_410(client, hidden_articles):
    answers = {
        article.headline: client.get(article.get_absolute_url()).status_code for article in hidden_articles
    }

    assert answers == {
        "Bản nháp không ai thấy": 404,
        "Hẹn giờ không ai thấy": 404,
        "Hết hạn không ai thấy": 404,
        "Đã gỡ không ai thấy": 410,
    }


def test_scheduled_story_appears_when_it_is_due(client):
    story = make_article(published_at=TUESDAY)

    with time_machine.travel(TUESDAY.replace(minute=29), tick=False):
        before = client.get(story.get_absolute_url())
    with time_machine.travel(TUESDAY, tick=False):
        after = client.get(story.get_absolute_url())

    assert (before.status_code, after.status_code) == (404, 200)


@pytest.mark.parametrize(
    "address", ["/tin-hoat-dong/ten-cu-{id}/", "/van-ban/{slug}-{id}/", "/khong-co/x-{id}/"]
)
def test_old_slug_or_section_leads_to_the_address_of_today(client, address):
    story = make_article()

    response = client.get(address.format(id=story.pk, slug=story.slug))

    assert response.status_code == 301
    assert response.url == story.get_absolute_url()


def test_missing_photo_file_leaves_the_caption(client):
    photo = make_photo()
    story = make_article(body=figure(photo, "Chú thích vẫn còn"))
    photo.file.storage.delete(photo.file.name)

    response = client.get(story.get_absolute_url())

    assert response.status_code == 200
    assert "Chú thích vẫn còn" in response.content.decode()


def test_headline_and_lead_are_escaped(client):
    story = make_article(headline="<script>alert(1)</script>", lead='"><img src=x onerror=alert(1)>')

    html = client.get(story.get_absolute_url()).content.decode()

    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_page_tells_other_programs_what_it_is(client, settings):
    story = make_article(headline="Ra quân", lead="Sáng nay.", lead_photo=make_photo())

    html = client.get(story.get_absolute_url()).content.decode()

    assert '<html lang="vi">' in html
    assert '<meta name="description" content="Sáng nay.">' in html
    assert f'<link rel="canonical" href="http://testserver{story.get_absolute_url()}">' in html
    assert (
        f'<meta property="og:image" content="{settings.SITE_URL}{story.lead_photo.shared_picture.url}">'
        in html
    )


def test_page_holds_no_inline_style_or_script(client):
    story = make_article(body="<p style='color:red'>Chữ</p>")

    html = client.get(story.get_absolute_url()).content.decode()

    assert "style=" not in html
    assert "<style" not in html
    assert "<script>" not in html
    assert " onclick" not in html


def test_sharing_is_by_plain_links(client):
    html = client.get(make_article(headline="Ăn & ở").get_absolute_url()).content.decode()

    assert 'href="https://www.facebook.com/sharer/sharer.php?u=http%3A%2F%2Ftestserver%2F' in html
    assert 'href="mailto:?subject=%C4%82n%20%26%20%E1%BB%9F&amp;body=http%3A%2F%2Ftestserver%2F' in html
    assert re.findall(r'<script[^>]+src="(?!/static/)', html) == []


def test_reader_gets_no_cookie(client):
    assert not client.get(make_article().get_absolute_url()).cookies


def test_query_count(client, ranking_kept, django_assert_num_queries):
    story = make_article(section=make_section("Tin cơ sở", parent=make_section()))
    for number in range(3):
        make_byline(story, f"Tác giả {number}")
        story.topics.add(Topic.objects.create(name=f"Chủ đề {number}"))
        Attachment.objects.create(article=story, title="Tệp", file="attachments/a.pdf", size=1)
        RelatedLink.objects.create(
            article=story, target=make_article(section=make_section(f"Mục {number}")), order=number
        )
        make_article(section=story.section)

    # The story with all that belongs to it; what the stories of its section have beside them in common.
    # Around them: identity, menu, website links, pages of the footer.
    with django_assert_num_queries(2 + 4):
        client.get(story.get_absolute_url())


def test_page_weighs_little(client):
    """HTML, CSS and scripts of a long story, as they travel; the promise is 60 kB."""
    story = make_article(
        body="".join(f"<p>{'Các tổ tự quản thu gom rác dọc bờ sông. ' * 12}{n}</p>" for n in range(20))
    )

    html = client.get(story.get_absolute_url()).content
    files = re.findall(rb'"/static/(js/[^"]+)"', html)
    files = [Path(finders.find(name.decode())).read_bytes() for name in files]
    files += [
        client.get(name.decode()).content for name in re.findall(rb'rel="stylesheet" href="([^"]+)"', html)
    ]

    assert len(files) >= 5
    assert sum(len(gzip.compress(file)) for file in [html, *files]) < 60_000


def test_page_is_made_by_reading_alone(client, settings):
    """Whatever Django took for written would send all later queries of the page from the replica to the primary."""
    written = []

    class Router:
        def db_for_write(self, model, **hints):
            written.append(model)

    story = make_article(lead_photo=make_photo())
    other = make_article(section=story.section)
    make_byline(story)
    story.topics.add(Topic.objects.create(name="Chuyển đổi số"))
    RelatedLink.objects.create(article=story, target=other)
    RelatedLink.objects.create(article=story, url="https://tin.example.vn/", title="Trang khác")
    settings.DATABASE_ROUTERS = [Router()]

    assert client.get(story.get_absolute_url()).status_code == 200
    assert not written
