"""axe finds nothing on the newsroom's pages, narrow or wide, light, dark or in high contrast."""

import pytest
from django.contrib.auth.models import User
from django.contrib.flatpages.models import FlatPage
from django.urls import reverse

from articles import versions
from articles.models import (
    ArticleVersion,
    Correction,
    NewsroomSettings,
    RelatedLink,
    RoyaltyRate,
    Topic,
)
from newsportal.models import LinkGroup, SiteIdentity, WebsiteLink
from tests.articles.test_shared_draft import make_link
from tests.browser.axe import WCAG, violations_everywhere
from tests.browser.login import sign_in
from tests.factory import figure, make_article, make_byline, make_photo, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses():
    photo = make_photo()
    story = make_article(body=f"<p>Chữ</p>{figure(photo, 'Chú thích')}", lead_photo=photo)
    version = versions.record(story, ArticleVersion.Kind.SAVED, None)
    story.body = f"<p>Chữ mới</p>{figure(photo, 'Chú thích đã sửa')}"
    story.save()
    make_article(status="trashed")
    Correction.objects.create(article=story, text="Số đúng là 75 hộ.")
    make_byline(story)
    story.topics.add(Topic.objects.create(name="Mùa mưa bão"))
    RelatedLink.objects.create(article=story, target=make_article())
    SiteIdentity.objects.create(name="Cổng tin")
    NewsroomSettings.objects.create()
    group = LinkGroup.objects.create(name="Bộ, ngành")
    WebsiteLink.objects.create(group=group, title="Cổng tỉnh", url="https://tinh.vi-du.vn/")
    page = FlatPage.objects.create(
        url="/lien-he/", title="Liên hệ", content='<p>Gửi <a href="https://vi-du.vn/">thư</a>.</p>'
    )
    draft = make_article(status="draft", published_at=None)
    RoyaltyRate.objects.create(role="text")
    return [
        reverse("admin:index"),
        reverse("admin:articles_article_changelist"),
        reverse("admin:articles_article_add"),
        reverse("admin:articles_article_change", args=[story.pk]),
        f"{reverse('admin:articles_article_changelist')}?state=trashed",
        reverse("admin:articles_article_versions", args=[story.pk]),
        f"{reverse('admin:articles_article_compare', args=[story.pk])}?old={version.pk}&new=story",
        reverse("admin:articles_article_corrections", args=[story.pk]),
        reverse("admin:articles_photo_changelist"),
        reverse("admin:articles_photo_add"),
        reverse("admin:articles_photo_change", args=[photo.pk]),
        f"{reverse('admin:articles_photo_table')}?id={photo.pk}",
        reverse("admin:articles_photo_remove", args=[photo.pk]),
        reverse("admin:articles_section_add"),
        reverse("admin:articles_newsroomsettings_change", args=[1]),
        reverse("admin:notices"),
        reverse("admin:newsportal_siteidentity_change", args=[1]),
        reverse("admin:newsportal_linkgroup_change", args=[group.pk]),
        reverse("admin:flatpages_flatpage_change", args=[page.pk]),
        reverse("admin:articles_article_share", args=[draft.pk]),
        make_link(draft),
        reverse("admin:articles_authorship_changelist") + "?period=this-year",
        reverse("admin:articles_royaltyrate_changelist"),
        reverse("admin:visitors_day_changelist"),
        reverse("admin:visitors_importedtotal_add"),
        reverse("admin:newsportal_auditentry_changelist"),
        reverse("admin:system_status"),
        reverse("admin:auth_user_add"),
        reverse("admin:auth_user_access", args=[make_user().pk]),
        reverse("account_change_password"),
        reverse("mfa_index"),
        reverse("usersessions_list"),
        reverse("mfa_activate_totp"),
        reverse("mfa_add_webauthn"),
    ]


def test_axe_finds_nothing(page, addresses):
    sign_in(page, User.objects.create_superuser("minhha"))

    for address in addresses:
        page.goto(address)
        if page.locator("textarea[data-type=ckeditortype]").count():
            page.wait_for_selector(".cke_wysiwyg_div[role=textbox]")
        assert violations_everywhere(page, WCAG) == [], address
