"""Every kind of change that makes kept pages old."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Attachment, RelatedLink, Topic
from newsportal.models import LinkGroup, WebsiteLink
from tests.articles.test_article_admin import change_url, form_data
from tests.factory import (
    figure,
    make_article,
    make_bare_photos,
    make_byline,
    make_photo,
    picture_file,
)

pytestmark = pytest.mark.django_db

# Tables and apps of which readers see nothing on a kept page; the figures of visits are filled in.
UNSEEN = {
    "auth", "admin", "contenttypes", "sessions", "sites", "visitors", "account", "mfa", "usersessions",
    "newsportal_passwordrecord", "newsportal_auditentry", "newsportal_accountlanguage",
    "articles_article_photos", "articles_royaltyrate", "articles_workingdraft", "articles_openform",
    "articles_articleversion", "articles_historyentry", "articles_newsroomsettings", "articles_assignment",
    "articles_assignment_sections", "articles_notice", "articles_missedsearch", "articles_sharedlink",
    "articles_answer", "articles_pagechange",
}  # fmt: skip


@pytest.fixture
def reader(settings):
    """Somebody without an account, at a process of the site that keeps its pages."""
    settings.PAGE_CACHE_BYTES = 4_000_000
    return Client(headers={"host": "testserver"})


@pytest.fixture
def desk(reader, admin_user):
    """An administrator, at another process."""
    client = Client()
    client.force_login(admin_user)
    return client


def html(client, address, **headers):
    return client.get(address, headers=headers).content.decode()


def press(desk, story, step, **fields):
    desk.post(change_url(story), form_data(story, _step=step, **fields))


def bulk(row, **fields):
    """A bulk update, which tells nobody in Python."""
    type(row).objects.filter(pk=row.pk).update(**fields)


# Each kind prepares, yields the page to look at, changes it, and yields what stands there from then on.


def publishing(desk):
    story = make_article(status=Article.Status.DRAFT, published_at=None, headline="TIN VỪA ĐĂNG")
    yield "/"
    press(desk, story, "publish")
    yield "TIN VỪA ĐĂNG"


def withdrawing(desk):
    story = make_article()
    yield story.get_absolute_url()
    address = reverse("admin:articles_article_step", args=[story.pk])
    desk.post(address, {"_step": "withdraw", "reason-withdraw": "Sai số liệu"})
    yield "410"


def next_version(desk):
    story = make_article()
    yield story.get_absolute_url()
    desk.post(reverse("admin:articles_article_next", args=[story.pk]))
    row = Article.objects.get(next_of=story)
    press(desk, row, "publish", headline="TIÊU ĐỀ MỚI")
    yield "TIÊU ĐỀ MỚI"


def correction(desk):
    story = make_article()
    yield story.get_absolute_url()
    desk.post(reverse("admin:articles_article_corrections", args=[story.pk]), {"text": "ĐÍNH CHÍNH"})
    yield "ĐÍNH CHÍNH"


def expiry(desk):
    story = make_article()
    yield story.get_absolute_url()
    bulk(story, expires_at=timezone.now() - timedelta(minutes=1))
    yield "404"


def featured_place(desk):
    make_article(headline="TIN HAI", published_at=timezone.now() - timedelta(days=2))
    first = make_article(headline="TIN MỘT", published_at=timezone.now() - timedelta(days=3))
    make_article(published_at=timezone.now() - timedelta(days=1))
    yield "/"
    bulk(first, featured_place=1)
    yield "TIN MỘT</a></h2>"


def deleted_story(desk):
    story = make_article()
    yield story.get_absolute_url()
    Article.objects.filter(pk=story.pk).delete()
    yield "404"


def section(desk):
    section = make_article().section
    yield "/"
    desk.post(
        reverse("admin:articles_section_change", args=[section.pk]),
        {"name": "CHUYÊN MỤC MỚI", "slug": section.slug, "order": 0},
    )
    yield "CHUYÊN MỤC MỚI"


def topic(desk):
    topic = Topic.objects.create(name="Cũ")
    yield topic.get_absolute_url()
    desk.post(reverse("admin:articles_topic_change", args=[topic.pk]), {"name": "MỚI", "slug": topic.slug})
    yield "MỚI"


def topics_of_a_story(desk):
    story = make_article()
    yield story.get_absolute_url()
    story.topics.create(name="THÊM CHỦ ĐỀ")
    yield "THÊM CHỦ ĐỀ"


def author(desk):
    author = make_byline(make_article()).author
    yield author.get_absolute_url()
    bulk(author, pen_name="BÚT DANH MỚI")
    yield "BÚT DANH MỚI"


def byline(desk):
    story = make_article()
    yield story.get_absolute_url()
    make_byline(story, "ĐỒNG TÁC GIẢ")
    yield "ĐỒNG TÁC GIẢ"


def related_link(desk):
    story = make_article()
    yield story.get_absolute_url()
    RelatedLink.objects.create(article=story, url="https://vi-du.vn/", title="XEM THÊM Ở")
    yield "XEM THÊM Ở"


def attachment(desk):
    story = make_article()
    yield story.get_absolute_url()
    Attachment.objects.create(article=story, title="TỆP KÈM", file="attachments/a.pdf", size=9)
    yield "TỆP KÈM"


def words_of_a_photo(desk):
    [photo] = make_bare_photos(1)
    story = make_article(lead_photo=photo)
    yield story.get_absolute_url()
    bulk(photo, alt="MÔ TẢ MỚI")
    yield "MÔ TẢ MỚI"


def photo_replaced(desk):
    photo = make_photo()
    story = make_article(body=f"<p>Chữ.</p>{figure(photo)}")
    yield story.get_absolute_url()
    desk.post(reverse("admin:articles_photo_replace", args=[photo.pk]), {"file": picture_file(size=(90, 60))})
    yield 'width="90"'


def photo_taken_down(desk):
    photo = make_photo()
    story = make_article(body=f"<p>Chữ.</p>{figure(photo, 'TÊN NGƯỜI')}")
    yield story.get_absolute_url()
    desk.post(
        reverse("admin:articles_photo_remove", args=[photo.pk]), {"reason": "Theo yêu cầu", "confirm": "on"}
    )
    yield "</article>", "TÊN NGƯỜI"


def identity(desk):
    yield "/"
    desk.post(reverse("admin:newsportal_siteidentity_add"), {"name": "CỔNG MỚI", "accent": "#0f5a43"})
    yield "CỔNG MỚI"


def website_links(desk):
    yield "/"
    rows = {"name": "Bộ, ngành", "order": 1, "links-TOTAL_FORMS": 1, "links-INITIAL_FORMS": 0}
    rows |= {"links-0-title": "TRANG BỘ", "links-0-url": "https://bo.vi-du.vn", "links-0-order": 1}
    desk.post(reverse("admin:newsportal_linkgroup_add"), rows)
    yield "TRANG BỘ"


def group_of_links(desk):
    group = LinkGroup.objects.create(name="Bộ, ngành")
    WebsiteLink.objects.create(group=group, title="Cổng tỉnh", url="https://tinh.vi-du.vn")
    yield "/"
    bulk(group, name="NHÓM MỚI")
    yield "NHÓM MỚI"


def flat_page(desk):
    yield "/"
    desk.post(
        reverse("admin:flatpages_flatpage_add"),
        {"title": "TRANG MỚI", "url": "/trang-moi/", "content": "<p>x</p>"},
    )
    yield "TRANG MỚI"


KINDS = [
    publishing, withdrawing, next_version, correction, expiry, featured_place, deleted_story, section, topic,
    topics_of_a_story, author, byline, related_link, attachment, words_of_a_photo, photo_replaced, photo_taken_down,
    identity, website_links, group_of_links, flat_page,
]  # fmt: skip


@pytest.mark.requirement(13)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_change_is_seen_by_readers_of_another_process(reader, desk, kind):
    doing = kind(desk)
    address = next(doing)
    before = html(reader, address)
    assert html(reader, address) == before

    expected, *gone = words if isinstance(words := next(doing), tuple) else (words,)

    after = html(reader, address)
    assert after != before
    assert expected in after
    assert all(text in before and text not in after for text in gone)


def test_every_table_of_the_site_is_watched_or_known_to_be_unseen():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'page_change%'"
        )
        watched = {table for (table,) in cursor}
    models = apps.get_models(include_auto_created=True)

    unsure = {
        model._meta.db_table
        for model in models
        if not UNSEEN.intersection([model._meta.app_label, model._meta.db_table])
    }

    assert unsure == watched


def test_work_on_drafts_leaves_pages_as_they_are(reader, desk, django_assert_num_queries):
    make_article()
    draft = make_article(status=Article.Status.DRAFT, published_at=None)
    reader.get("/")

    press(desk, draft, "submit", headline="Sửa bản nháp")
    make_byline(draft)
    make_photo()

    # One asks for the generation, as in these tests each request does it in their own transaction.
    with django_assert_num_queries(1):
        reader.get("/")
