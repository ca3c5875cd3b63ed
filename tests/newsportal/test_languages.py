"""The language of a page: by its address for readers, by their account for staff."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from articles import notices
from articles.models import Article, Section
from articles.page_cache import PageCache
from newsportal.models import AccountLanguage, SiteIdentity
from tests.articles.test_english_pages import make_english
from tests.factory import make_article, make_section, make_user
from visitors.middleware import words
from visitors.pages import page_label
from visitors.rankings import names

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal():
    return SiteIdentity.objects.create(name="Cổng tin", has_english=True, name_en="River News")


def test_pages_of_both_languages_are_kept_apart(portal, settings):
    """Whatever a browser wishes; what all pages share is shared within a language."""
    settings.PAGE_CACHE_BYTES = 4_000_000
    make_section("Tin hoạt động", name_en="Our work")
    make_article(headline="Ra quân làm sạch bờ sông")
    make_english()
    reader = Client(headers={"host": "testserver"})

    for _ in range(2):
        vietnamese = reader.get("/", headers={"accept-language": "en"})
        english = reader.get("/en/", headers={"accept-language": "vi"})

    assert vietnamese["Vary"] == english["Vary"] == "Accept-Encoding"
    assert len(PageCache.newest.pages._pages) >= 2
    for response, mine, others in (
        (
            vietnamese,
            ["Cổng tin", "Thống kê truy cập", "Tin hoạt động", "Ra quân"],
            ["River News", "Our work"],
        ),
        (english, ["River News", "Visit statistics", "Our work", "Volunteers"], ["Thống kê", "Ra quân"]),
    ):
        html = response.content.decode()
        assert [text for text in mine if text not in html] == []
        assert [text for text in others if text in html] == []


def test_figures_are_written_as_the_language_writes_them(monkeypatch):
    monkeypatch.setattr("visitors.middleware.shown_figures", lambda: {"total": 1234567})

    assert words("/tin-hoat-dong/") == {"visits:total": b"1.234.567"}
    assert words("/en/") == {"visits:total": b"1,234,567"}


def test_english_pages_are_pages_of_their_own_in_the_figures(portal):
    section = make_section()
    story = make_english(section=section)

    assert page_label("/en/") == "en/home"
    assert page_label(story.get_absolute_url()) == f"article:{story.pk}"
    assert page_label(f"/en{section.get_absolute_url()}") == f"en/section:{section.slug}"
    assert names(["en/home", f"en/section:{section.slug}"]) == {
        "en/home": ("Trang chủ (trang tiếng Anh)", ""),
        f"en/section:{section.slug}": ("Tin hoạt động (trang tiếng Anh)", f"/en{section.get_absolute_url()}"),
    }


def test_staff_choose_the_language_of_the_admin(client, portal):
    story, draft = make_article(), make_article(status=Article.Status.DRAFT, published_at=None)
    user = make_user(is_superuser=True, email="an@vi-du.vn")
    client.force_login(user)
    address = reverse("admin:articles_article_change", args=[draft.pk])
    assert "Lưu và xem trước" in client.get(address).content.decode()

    response = client.post(reverse("language"), {"language": "en-gb", "next": address})

    assert response.url == address
    html = client.get(address).content.decode()
    assert '<html lang="en-gb"' in html
    assert "Save and preview" in html
    assert "Lưu và xem trước" not in html
    shown = client.get(reverse("admin:articles_article_change", args=[story.pk])).content.decode()
    assert f'href="{story.get_absolute_url()}"' in shown  # addresses stay those of the Vietnamese pages
    # At the next login, on the pages before it, in the public pages and in mails.
    elsewhere = Client()
    elsewhere.force_login(type(user).objects.get())
    assert '<html lang="en-gb"' in elsewhere.get(address).content.decode()
    client.post(reverse("admin:logout"))
    assert ">Log in<" in client.get(reverse("account_login")).content.decode()
    assert '<html lang="vi"' in client.get("/").content.decode()
    notices._leave(
        "publish", type(user).objects.filter(pk=user.pk), story, person="An", reason="", is_next=False
    )
    notices.send_waiting()
    assert "By An" in mail.outbox[0].body
    # Nowhere else, and nothing that is no language.
    for odd in ({"language": "xx"}, {"language": "en-gb", "next": "https://vi-du.vn/"}):
        assert client.post(reverse("language"), odd).url == reverse("admin:index")
    assert AccountLanguage.objects.get().language == "en-gb"


def test_admin_speaks_english_everywhere(client, portal):
    """But for names that are data."""
    from django.contrib import admin

    client.force_login(make_user(is_superuser=True))
    client.post(reverse("language"), {"language": "en-gb"})
    SiteIdentity.objects.update(name="Portal")

    names_of_data = r"Tiếng Việt|Bài và ảnh|Tổng hợp|Ảnh|Theo|đồng"
    names_of_data += "|Tạo tài khoản quản trị cao nhất"  # an entry of the audit log, from before the switch
    names_of_data += "|" + "|".join(["Người viết", "Biên tập", "Xuất bản", "Quản trị", "Xem thống kê"])
    for address in [
        reverse("admin:index"),
        reverse("mfa_index"),
        reverse("admin:articles_article_import"),
    ] + [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
        for model in admin.site._registry
        for page in ("changelist", "add")
    ]:
        html = client.get(address, follow=True).content.decode()
        text = re.sub(
            names_of_data, "", re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", " ", html, flags=re.S)
        )
        assert not re.findall(r"[^\W\d_]*[ăđơưêôâàáạảãèéẹíìịòóọùúụ\u1ea0-\u1ef9][^\W\d_]*", text), address


def test_story_is_the_translation_of_one_story_in_the_other_language(client, portal):
    from tests.articles.test_article_admin import change_url, form_data

    client.force_login(make_user(is_superuser=True))
    vietnamese, third = make_article(), make_article()
    draft = {"status": Article.Status.DRAFT, "published_at": None}
    english, late = make_english(**draft), make_english(**draft)

    def save(story, **fields):
        data = form_data(story) | {"language": "en", "translation_of": ""} | fields
        return client.post(change_url(story), data)

    assert save(english, translation_of=vietnamese.pk).status_code == 302
    english.refresh_from_db()
    assert english.translation_of == vietnamese
    for story, fields, sentence in (
        (late, {"translation_of": vietnamese.pk}, "Bài đó đã có bản dịch."),
        (
            late,
            {"translation_of": english.pk},
            "Bài đó viết cùng ngôn ngữ. Hãy chọn một bài bằng ngôn ngữ kia.",
        ),
        (late, {"translation_of": late.pk}, "Một bài không thể là bản dịch của chính nó."),
        (english, {"language": "vi", "translation_of": vietnamese.pk}, "Bài đó viết cùng ngôn ngữ."),
    ):
        assert sentence in save(story, **fields).content.decode()
    assert save(late, translation_of=third.pk).status_code == 302
    assert Section.objects.count() == 1
