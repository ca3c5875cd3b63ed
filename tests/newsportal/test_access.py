"""Who gets in where: every address of the site, for every role. A new address without an entry fails."""

import secrets
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.flatpages.models import FlatPage
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from articles import versions
from articles.models import (
    Article,
    ArticleVersion,
    Assignment,
    Author,
    Correction,
    NewsroomSettings,
    Notice,
    OpenForm,
    RoyaltyRate,
    Topic,
    WorkingDraft,
)
from newsportal.models import AuditEntry, LinkGroup, SiteIdentity
from tests.articles.test_shared_draft import make_link
from tests.factory import figure, make_article, make_photo, make_section, make_user
from tests.newsportal.rendering import turns, unrendered

pytestmark = pytest.mark.django_db

# One letter a role. Editors, publishers and writers work in one section; superusers everywhere.
ROLES = {
    "r": "a reader without an account",
    "n": "staff without a group",
    "s": "Xem thống kê",
    "w": "Người viết",
    "e": "Biên tập",
    "p": "Xuất bản",
    "a": "Quản trị",
    "S": "a superuser",
}
EVERYBODY, STAFF, NOBODY = "rnswepaS", "nswepaS", ""


def model(name, *, list, add="", change=None, delete="", history=None) -> dict[str, str]:
    """The five addresses of Django's admin for a model; without further words who may list also looks and reads."""
    return {
        f"admin:{name}_changelist": list,
        f"admin:{name}_add": add,
        f"admin:{name}_change": list if change is None else change,
        f"admin:{name}_history": list if history is None else history,
        f"admin:{name}_delete": delete,
    }


# Address -> who gets an answer; everybody else is refused or sent to the login.
ADDRESSES = {
    "admin:index": STAFF,
    "admin:login": "r",  # who is signed in is led to the desk
    "account_login": "r",
    "account_logout": STAFF,
    "account_change_password": STAFF,
    "account_reset_password": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "mfa_index": STAFF,
    "usersessions_list": STAFF,
    "admin:password_change": STAFF,
    "admin:password_change_done": STAFF,
    "admin:autocomplete": "wepaS",
    "admin:jsi18n": STAFF,
    "admin:articles_photo_choices": "wepS",
    "admin:articles_photo_original": "wepS",
    "admin:articles_photo_table": "wepS",
    "admin:articles_photo_replace": "pS",  # of a photo that readers see
    "admin:articles_photo_remove": "pS",
    "admin:articles_article_import": "wepS",
    "admin:articles_article_link_choices": "wepaS",
    "admin:articles_article_session": STAFF,
    "admin:notices": STAFF,
    "admin:notice": "S",  # whose it is
    "admin:articles_article_back": STAFF,
    "admin:articles_article_draft": "S",  # whose it is
    "admin:visitors_day_export": "sepaS",
    "admin:visitors_day_live": "sepaS",
    "theme": EVERYBODY,
    "site_css": EVERYBODY,
    "accessibility": EVERYBODY,
    "manifest": EVERYBODY,
    "security_txt": EVERYBODY,
    "icon": EVERYBODY,
    "page": EVERYBODY,
    "visitors:definitions": EVERYBODY,
    "articles:home": EVERYBODY,
    "articles:search": EVERYBODY,
    "articles:corrections": EVERYBODY,
    "articles:site_map": EVERYBODY,
    "articles:archive": EVERYBODY,
    "articles:archive_year": EVERYBODY,
    "articles:archive_month": EVERYBODY,
    "articles:archive_day": EVERYBODY,
    "articles:topic": EVERYBODY,
    "articles:author": EVERYBODY,
    "articles:section": EVERYBODY,
    "articles:article": EVERYBODY,
    "articles:pdf": EVERYBODY,
    "articles:shared": EVERYBODY,
    "articles:story_picture": EVERYBODY,
    "articles:section_picture": EVERYBODY,
    "articles:portal_picture": EVERYBODY,
    "articles:feeds": EVERYBODY,
    "articles:rss": EVERYBODY,
    "articles:section_rss": EVERYBODY,
    "articles:topic_rss": EVERYBODY,
    "articles:author_rss": EVERYBODY,
    "articles:api": EVERYBODY,
    "articles:api_description": EVERYBODY,
    "articles:api_stories": EVERYBODY,
    "articles:api_story": EVERYBODY,
    "articles:api_sections": EVERYBODY,
    "articles:api_topics": EVERYBODY,
    "articles:api_authors": EVERYBODY,
    "articles:robots": EVERYBODY,
    "articles:sitemap": EVERYBODY,
    "articles:pages_sitemap": EVERYBODY,
    "articles:news_sitemap": EVERYBODY,
    "articles:month_sitemap": EVERYBODY,
    "articles:atom": EVERYBODY,
    "articles:section_atom": EVERYBODY,
    "articles:topic_atom": EVERYBODY,
    "articles:author_atom": EVERYBODY,
    **model("newsportal_siteidentity", list="aS", delete=NOBODY),
    **model("newsportal_linkgroup", list="aS", add="aS", delete="aS"),
    **model("flatpages_flatpage", list="aS", add="aS", delete="aS"),
    **model("auth_user", list="aS", add="aS"),
    "admin:auth_user_password_change": "aS",
    "admin:auth_user_access": "aS",
    **model("auth_group", list="S", add="S", delete="S"),
    **model("newsportal_auditentry", list="aS", delete=NOBODY),
    "admin:newsportal_auditentry_export": "aS",
    "admin:system_status": "aS",
    **model("articles_newsroomsettings", list="aS"),
    **model("articles_photo", list="wepS", add="wepS", delete="epS"),
    **model("articles_section", list="wepaS", add="aS", delete="aS"),
    **model("articles_topic", list="wepS", add="epS", delete="S"),
    **model("articles_author", list="wepS", add="wepS", delete="S"),
    **model("articles_authorship", list="paS", change=NOBODY, history=NOBODY),
    "admin:articles_authorship_export": "paS",
    **model("articles_royaltyrate", list="aS", add="aS", delete="aS"),
    **model("articles_article", list="wepaS", add="wepS"),
    **model("visitors_day", list="sepaS", change=NOBODY, history=NOBODY),
    **model("visitors_gap", list="sepS", change=NOBODY, history=NOBODY),
    **model("visitors_importedtotal", list="sS", add="S", change=NOBODY, history=NOBODY),
    **model("visitors_note", list="sepS", add="sS", change=NOBODY, history=NOBODY),
    **model("visitors_reportrecipient", list="S", add="S", change=NOBODY, history=NOBODY),
}
# Addresses of a story in a state: who reaches one's own, a colleague's in one's section, one of another section.
STORIES = {
    "admin:articles_article_change": ("draft", "wepaS", "epS", "S"),
    "admin:articles_article_history": ("draft", "wepaS", "epS", "S"),
    "admin:articles_article_preview": ("draft", "wepaS", "epS", "S"),
    "admin:articles_article_versions": ("draft", "wepS", "epS", "S"),
    "admin:articles_article_version": ("draft", "wepS", "epS", "S"),
    "admin:articles_article_compare": ("draft", "wepS", "epS", "S"),
    "admin:articles_article_corrections": ("published", "pS", "pS", "S"),
    "admin:articles_article_share": ("draft", "wepS", "epS", "S"),
}
# Addresses that only take POST, with what is sent.
POSTS = {
    "language": (EVERYBODY, {"language": "vi", "next": "/admin/notices/"}),
    "admin:articles_photo_upload": ("wepS", {}),
    "admin:articles_photo_words": ("wepS", {"caption": "Chú thích"}),
    "admin:articles_article_keep_new": ("wepS", {"headline": "Đang viết"}),
    "admin:articles_article_check_new": ("wepS", {"headline": "Đang viết"}),
}
# The same for stories; what is accepted changes something, but for what only answers.
ONLY_ANSWER = {"admin:articles_article_check"}
STORY_POSTS = {
    "admin:articles_article_step": ("draft", "wepS", "epS", "S", {"_step": "submit"}),
    "admin:articles_article_next": ("published", "wepS", "epS", "S", {}),
    "admin:articles_article_discard": ("next", "wepS", "epS", "S", {}),
    "admin:articles_article_keep": ("draft", "wepS", "epS", "S", {"headline": "Đang viết"}),
    "admin:articles_article_check": ("draft", "wepS", "epS", "S", {"headline": "Đang viết"}),
    "admin:articles_article_presence": (
        "draft",
        "wepS",
        "epS",
        "S",
        {"form": "7a3a0c52-35a5-4d6c-a3a1-5dbe2b0b5b6f"},
    ),
    "admin:articles_article_name_version": ("draft", "wepS", "epS", "S", {"name": "Bản gửi họp"}),
    "admin:articles_article_bring_back": ("draft", "wepS", "epS", "S", {}),
    "admin:articles_article_remove_correction": ("published", "pS", "pS", "S", {}),
}
# Without a page to get: signing out is a POST of Django's own, files and detours are tested with what they serve.
# Steps of a login and what asks for one anew stand in test_login.py.
LOGIN_STEPS = {
    "account_reauthenticate",
    "account_reset_password_from_key",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}
ELSEWHERE = {"admin:logout", "admin:view_on_site", "admin:app_list", "media"} | LOGIN_STEPS


def all_names(resolver=None, namespace="") -> set[str]:
    names = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            names |= all_names(pattern, pattern.namespace or namespace)
        elif pattern.name:
            names.add(f"{namespace}:{pattern.name}" if namespace else pattern.name)
    return names


@pytest.fixture
def rows():
    return make_rows()


def make_rows():
    """One row of each kind, by the name of its argument in the address."""
    section = make_section("An ninh")
    photo = make_photo()
    story = make_article(section=section, body=figure(photo))
    identity, _created = SiteIdentity.objects.get_or_create(
        defaults={"name": "Cổng tin", "email": "toasoan@vi-du.vn"}
    )
    return {
        "section": section,
        "other_section": make_section("Đời sống"),
        "story": story,
        "articles_photo": photo.pk,
        "articles_section": section.pk,
        "articles_topic": Topic.objects.create(name="Mùa mưa"),
        "articles_author": Author.objects.create(pen_name="Minh Hà"),
        "articles_article": story.pk,
        "articles_royaltyrate": RoyaltyRate.objects.create(role="text").pk,
        "newsportal_siteidentity": identity.pk,
        "newsportal_auditentry": AuditEntry.objects.create(kind="login").pk,
        "newsportal_linkgroup": LinkGroup.objects.create(name="Bộ, ngành").pk,
        "flatpages_flatpage": make_page().pk,
        "auth_user": (account := make_user()).pk,
        "auth_user_password": account.pk,
        "auth_group": Group.objects.create(name="Nhóm trống").pk,
    }


def make_page():
    page, _created = FlatPage.objects.get_or_create(
        url="/gioi-thieu/", defaults={"title": "Giới thiệu", "content": "<p>Chào.</p>"}
    )
    page.sites.add(1)
    return page


@pytest.fixture
def people(rows):
    return make_people(rows)


def make_people(rows):
    """Somebody of each role, working in the section "An ninh" but for superusers and those without stories."""
    people = {"r": AnonymousUser(), "n": make_user(), "S": make_user(is_superuser=True)}
    draft = WorkingDraft.objects.create(
        user=people["S"], key=uuid4(), fields=[["headline", "Đang viết"]], typed_at=timezone.now()
    )
    rows["admin:articles_article_draft"] = draft.pk
    notice = Notice.objects.create(
        user=people["S"], kind="publish", story_id=rows["story"].pk, headline="Tin"
    )
    rows["admin:notice"] = notice.pk
    for letter in "swepa":
        people[letter] = make_user(ROLES[letter])
        if letter in "wep":
            Assignment.objects.create(user=people[letter]).sections.add(rows["section"])
    return people


def address(name, rows, story=None):
    arguments = {
        "theme": {"accent": "0f5a43"},
        "site_css": {"accent": "0f5a43", "version": "old"},
        "page": {"url": "gioi-thieu/"},
        "icon": {"key": "old", "name": "48"},
        "articles:story_picture": {"id": rows["story"].pk, "key": "old"},
        "articles:section_picture": {"id": rows["section"].pk, "key": "old"},
        "articles:portal_picture": {"key": "old"},
        "articles:topic": {"slug": "mua-mua"},
        "articles:author": {"slug": "minh-ha"},
        "articles:section": {"slug": "an-ninh"},
        **{f"articles:section_{format}": {"slug": "an-ninh"} for format in ("rss", "atom")},
        **{f"articles:topic_{format}": {"slug": "mua-mua"} for format in ("rss", "atom")},
        **{f"articles:author_{format}": {"slug": "minh-ha"} for format in ("rss", "atom")},
        "articles:api_story": {"id": rows["story"].pk},
        "admin:articles_authorship_export": {"format": "csv"},
        "admin:visitors_day_export": {"table": "series", "format": "csv"},
    }.get(name)
    if name == "articles:shared":
        return make_link(next(stories_for(AnonymousUser(), rows, "draft")), secrets.token_urlsafe(32))
    if name == "articles:article":
        return rows["story"].get_absolute_url()
    if name.startswith("articles:archive_") or name == "articles:month_sitemap":
        parts = f"{timezone.localtime(rows['story'].published_at):%Y %m %d}".split()
        count = {"articles:archive_year": 1, "articles:archive_day": 3}.get(name, 2)
        return reverse(name, args=parts[:count])
    if name == "articles:pdf":
        return f"{rows['story'].get_absolute_url()}pdf/"
    if name == "admin:autocomplete":
        return f"{reverse(name)}?app_label=articles&model_name=article&field_name=section"
    if name == "admin:newsportal_auditentry_export":
        return reverse(name, args=["csv"]) + "?from=2026-01-01&to=2026-01-31"
    if name in ("admin:articles_article_draft", "admin:notice"):
        return reverse(name, args=[rows[name]])
    if arguments is not None:
        return reverse(name, kwargs=arguments)
    row = name.removeprefix("admin:").rsplit("_", 1)[0]
    key = story.pk if story else getattr(rows.get(row), "pk", rows.get(row, 1))
    parts = (
        {"version_id": story.versions.first(), "correction_id": story.corrections.first()} if story else {}
    )
    for arguments in (
        {},
        {"id": key},
        {"object_id": key},
        *({"id": key, part: row.pk} for part, row in parts.items() if row),
    ):
        try:
            sides = f"?old={story.versions.get().pk}&new=story" if name.endswith("_compare") else ""
            return reverse(name, kwargs=arguments) + sides
        except NoReverseMatch:
            continue
    raise AssertionError(f"{name} takes other arguments.")


def gets_in(response) -> bool:
    """Refused is: forbidden, not found, sent to the login, or sent to the desk for want of the row."""
    if response.streaming:
        response.getvalue()  # reads the file to its end, which closes it
    if response.status_code == 302:
        return not response.url.startswith(reverse("admin:login")) and response.url != reverse("admin:index")
    return response.status_code not in (403, 404)


def as_table(entries) -> dict[str, str]:
    """The letters of each address in one order, so that a failure reads well."""
    return {
        name: "".join(letter for letter in ROLES if letter in letters) for name, letters in entries.items()
    }


def sign_in(client, user):
    client.logout()
    if user.pk:
        client.force_login(user)


@pytest.mark.requirement(8)
def test_every_address_has_an_entry():
    entries = ADDRESSES.keys() | STORIES.keys() | POSTS.keys() | STORY_POSTS.keys() | ELSEWHERE

    assert all_names() - entries == set()
    assert entries - all_names() == set()


@pytest.mark.requirement(5, 8, 34)
@pytest.mark.ignore_template_errors  # Django's own form of an account leaves a variable out
def test_every_address_lets_in_whom_its_entry_names(client, rows, people):
    found, written_for = {}, turns(ADDRESSES, [*ROLES])
    for letter, user in people.items():
        sign_in(client, user)
        urls = {name: address(name, rows) for name in ADDRESSES if name not in STORIES}
        before = sizes_of_tables()
        for name, url in urls.items():
            with unrendered(letter != written_for[name]):
                response = client.get(url)
            if gets_in(response):
                found.setdefault(name, set()).add(letter)
            has_form = name == "articles:shared" or url.startswith("/admin/")
            assert letter != "r" or has_form or not response.cookies, name
        assert sizes_of_tables() == before, f"Looking changed something for {letter}."

    expected = {name: set(letters) for name, letters in ADDRESSES.items() if name not in STORIES and letters}
    assert as_table(found) == as_table(expected)


@pytest.mark.requirement(8, 9)
def test_stories_are_shown_to_whom_their_entry_names(client, rows, people):
    found = {name: [state, set(), set(), set()] for name, (state, *_letters) in STORIES.items()}
    written_for = turns({name: letters for name, (_state, letters, *_others) in STORIES.items()}, [*ROLES])
    for letter, user in people.items():
        sign_in(client, user)
        stories = {state: list(stories_for(user, rows, state)) for state, *_letters in STORIES.values()}
        for name, (state, *_letters) in STORIES.items():
            for place, story in enumerate(stories[state], 1):
                with unrendered(place > 1 or letter != written_for[name]):
                    if gets_in(client.get(address(name, rows, story))):
                        found[name][place].add(letter)

    assert in_order(found) == STORIES


@pytest.mark.requirement(8)
def test_what_is_sent_is_taken_from_whom_its_entry_names(client, rows, people):
    found = {}
    for letter, user in people.items():
        sign_in(client, user)
        for name, (_letters, data) in POSTS.items():
            with unrendered(), transaction.atomic():
                if gets_in(client.post(address(name, rows), data)):
                    found.setdefault(name, set()).add(letter)
                transaction.set_rollback(True)

    assert found == {name: set(letters) for name, (letters, _data) in POSTS.items()}


@pytest.mark.requirement(8, 9)
def test_stories_are_changed_by_whom_their_entry_names(client, rows, people):
    found = {
        name: [state, set(), set(), set(), data] for name, (state, *_letters, data) in STORY_POSTS.items()
    }
    for letter, user in people.items():
        sign_in(client, user)
        stories = {state: list(stories_for(user, rows, state)) for state, *_others in STORY_POSTS.values()}
        before = contents()
        for name, (state, *_letters, data) in STORY_POSTS.items():
            for place, story in enumerate(stories[state], 1):
                with unrendered(), transaction.atomic():
                    response = client.post(address(name, rows, story), data)
                    if gets_in(response) if name in ONLY_ANSWER else contents() != before:
                        found[name][place].add(letter)
                    transaction.set_rollback(True)

    assert in_order(found) == STORY_POSTS


@pytest.mark.requirement(27)
def test_password_alone_opens_no_address_of_the_admin(client, rows, people, settings):
    """The second step is missing."""
    settings.SECOND_FACTOR = True
    client.force_login(people["S"])
    story = next(stories_for(people["S"], rows, "draft"))
    opened = set()
    for name in ADDRESSES.keys() | STORIES.keys() | POSTS.keys() | STORY_POSTS.keys():
        if name.startswith("admin:") and name not in ("admin:login", "admin:password_change"):
            url = address(name, rows, story if name in STORIES or name in STORY_POSTS else None)
            if gets_in(client.get(url)) or gets_in(client.post(url, {})):
                opened.add(name)

    assert opened == set()


@pytest.mark.requirement(34)
def test_nothing_is_taken_without_the_token_or_from_another_origin(rows, people):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people["S"])
    token = strict.get(reverse("account_change_password")).cookies["csrftoken"].value
    foreign = {"x-csrftoken": token, "origin": "https://xau.vi-du.vn"}
    taken = set()

    story = next(stories_for(people["S"], rows, "draft"))
    for name in ADDRESSES.keys() | STORIES.keys() | POSTS.keys() | STORY_POSTS.keys():
        if name == "articles:shared":
            continue  # has a story of its own, and a test
        url = address(name, rows, story if name in STORIES or name in STORY_POSTS else None)
        for headers in [{}, foreign] if name in POSTS or name in STORY_POSTS else [{}]:
            with unrendered():
                response = strict.post(url, {}, headers=headers)
            if response.status_code != 403:
                taken.add((url, response.status_code))
    own = strict.post(
        reverse("admin:notices"), {}, headers={"x-csrftoken": token, "origin": "http://testserver"}
    )

    # The open data interface takes no POST at all.
    assert {(url, status) for url, status in taken if not url.startswith("/api/v1/")} == set()
    assert {status for _url, status in taken} <= {405}
    assert own.status_code != 403


def sizes_of_tables() -> dict[str, int]:
    """But for what is noted of a look: exports are in the audit log, open forms shown to colleagues, and the row of
    settings is made by who looks first."""
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models()
        if model not in (AuditEntry, NewsroomSettings, OpenForm)
    }


def in_order(found):
    return {
        name: tuple(
            "".join(r for r in ROLES if r in part) if isinstance(part, set) else part for part in parts
        )
        for name, parts in found.items()
    }


def contents():
    """All that a request may change of stories."""
    return [
        sorted(map(str, model.objects.values_list(*fields)))
        for model, fields in (
            (Article, ("pk", "status", "modified_at")),
            (ArticleVersion, ("pk", "name")),
            (Correction, ("pk",)),
            (WorkingDraft, ("pk",)),
            (OpenForm, ("pk",)),
        )
    ]


def stories_for(user, rows, state):
    """Stories in that state: the person's own, a colleague's in the same section, one of another section."""
    colleague = make_user("Người viết")
    for author, section in (
        (user if user.pk else colleague, rows["section"]),
        (colleague, rows["section"]),
        (colleague, rows["other_section"]),
    ):
        published = state != "draft"
        story = make_article(
            created_by=author,
            section=section,
            status=Article.Status.PUBLISHED if published else Article.Status.DRAFT,
            published_at=timezone.now() if published else None,
        )
        versions.record(story, ArticleVersion.Kind.SAVED, author)
        Correction.objects.create(article=story, text="Sửa tên người ký.")
        if state == "next":
            story = make_article(
                created_by=author, section=section, status=Article.Status.DRAFT, next_of=story
            )
        yield story
