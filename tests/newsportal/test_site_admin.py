"""Identity, links and pages in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.flatpages.models import FlatPage
from django.urls import reverse

from newsportal.models import LinkGroup, SiteIdentity
from tests.factory import make_article, make_user

pytestmark = pytest.mark.django_db
ADD_PAGE = reverse("admin:flatpages_flatpage_add")


def test_page_is_cleaned_and_shown_under_its_address(admin_client):
    title = "Hỏi “đáp” <script>"

    admin_client.post(ADD_PAGE, {"title": title, "url": "/hoi-dap/", "content": "<p onclick=x>Chữ</p>"})

    page = FlatPage.objects.get()
    html = admin_client.get(page.get_absolute_url()).content.decode()
    assert page.get_absolute_url() == "/trang/hoi-dap/"
    assert page.content == "<p>Chữ</p>"
    assert '<h1 class="article__headline">Hỏi “đáp” &lt;script&gt;</h1>' in html
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("/", "địa chỉ riêng"),
        ("hoi-dap/", "thiếu dấu gạch chéo ở đầu"),
    ],
)
def test_odd_page_address_is_refused(admin_client, url, sentence):
    html = admin_client.post(
        ADD_PAGE, {"title": "Hỏi đáp", "url": url, "content": "<p>x</p>"}
    ).content.decode()

    assert sentence in html
    assert not FlatPage.objects.exists()


def test_there_is_one_identity_and_its_list_leads_to_it(admin_client):
    first = admin_client.get(reverse("admin:newsportal_siteidentity_changelist"))
    admin_client.post(first.url, {"name": "Cổng tin", "accent": "#0f5a43"})

    then = admin_client.get(reverse("admin:newsportal_siteidentity_changelist"))

    assert then.url == reverse("admin:newsportal_siteidentity_change", args=[1])
    assert admin_client.get(reverse("admin:newsportal_siteidentity_add")).status_code == 403
    assert "Cổng tin" in admin_client.get("/").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"accent": "xanh"}, "Ghi màu bằng dấu # và sáu chữ số"),
        ({"parent_portal_name": "Cổng tỉnh"}, "Hãy ghi cả tên và địa chỉ cổng cấp trên"),
        ({"name": ""}, "Hãy điền ô này."),
    ],
)
def test_identity_is_refused_with_a_sentence(admin_client, fields, sentence):
    data = {"name": "Cổng tin", "accent": "#0f5a43", **fields}

    html = admin_client.post(reverse("admin:newsportal_siteidentity_add"), data).content.decode()

    assert sentence in html
    assert "Hãy sửa những chỗ báo lỗi dưới đây." in html
    assert not SiteIdentity.objects.exists()


def test_links_are_saved_in_the_order_of_the_form(admin_client):
    rows = {"name": "Bộ, ngành", "order": 1, "links-TOTAL_FORMS": 2, "links-INITIAL_FORMS": 0}
    rows |= {"links-0-title": "Hai", "links-0-url": "hai.vi-du.vn", "links-0-order": 2}
    rows |= {"links-1-title": "Một", "links-1-url": "mot.vi-du.vn", "links-1-order": 1}

    admin_client.post(reverse("admin:newsportal_linkgroup_add"), rows)

    assert [link.title for link in LinkGroup.objects.get().links.all()] == ["Một", "Hai"]


@pytest.mark.parametrize("group", ["Người viết", "Biên tập", "Xem thống kê"])
def test_only_administrators_change_the_site(client, group):
    client.force_login(make_user(group))

    for name in (
        "newsportal_siteidentity_add",
        "newsportal_linkgroup_add",
        "flatpages_flatpage_add",
        "auth_user_add",
    ):
        assert client.get(reverse(f"admin:{name}")).status_code == 403


def test_refusal_is_a_page_in_vietnamese(client):
    client.force_login(make_user("Xem thống kê"))

    html = client.get(reverse("admin:auth_user_add")).content.decode()

    assert "Không có quyền truy cập" in html


def test_see_on_site_goes_straight_to_the_page(admin_client):
    story = make_article()

    html = admin_client.get(reverse("admin:articles_article_change", args=[story.pk])).content.decode()

    assert f'href="{story.get_absolute_url()}" class="viewsitelink"' in html


def test_account_is_locked_and_never_deleted(admin_client):
    person = make_user("Xuất bản")
    list_page = reverse("admin:auth_user_changelist")

    one = admin_client.post(reverse("admin:auth_user_delete", args=[person.pk]), {"post": "yes"})
    admin_client.post(list_page, {"action": "delete_selected", "_selected_action": person.pk, "post": "yes"})

    assert one.status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_log_of_accounts_is_in_vietnamese(admin_client):
    person = make_user()
    password = {"password1": "doi-gio-bac-2026", "password2": "doi-gio-bac-2026", "usable_password": "true"}

    admin_client.post(reverse("admin:auth_user_password_change", args=[person.pk]), password)
    about_password = LogEntry.objects.first().get_change_message()
    admin_client.post(
        reverse("admin:auth_user_change", args=[person.pk]),
        {
            "username": person.username,
            "last_name": "Hà",
            "is_active": "on",
            "is_staff": "on",
            "assignment-TOTAL_FORMS": 0,
            "assignment-INITIAL_FORMS": 0,
        },
    )
    about_name = LogEntry.objects.first().get_change_message()

    assert about_password == "Đã thay đổi Mật khẩu."
    assert about_name == "Đã thay đổi Họ."
