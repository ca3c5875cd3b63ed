"""What no browser sends: every new address answers it with a page or a refusal, never with a failure."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from articles.models import Article, ArticleVersion, Author, Topic
from articles.versions import record
from tests.articles.test_article_admin import ADD, change_url, form_data
from tests.articles.test_shared_draft import make_link
from tests.factory import make_article, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db
Status = Article.Status
NUL, HUGE, LONG = "a\0b", "9" * 25, "x" * 10_000
DIGITS = "9" * 5000  # more than Python takes for a number
DEEP = "[" * 100_000


@pytest.fixture
def publisher(client):
    user = make_user("Xuất bản")
    client.force_login(user)
    client.raise_request_exception = False
    return user


def draft(**fields):
    return make_article(**{"status": Status.DRAFT, "published_at": None, **fields})


@pytest.mark.requirement(40)
def test_odd_addresses_are_not_found(client, publisher):
    live, story = make_article(), draft(created_by=publisher)
    version = record(story, ArticleVersion.Kind.SAVED, publisher)
    failed = []
    names = [
        "step",
        "next",
        "discard",
        "preview",
        "versions",
        "compare",
        "corrections",
        "share",
        "keep",
        "presence",
        "check",
    ]
    for name in names:
        address = reverse(f"admin:articles_article_{name}", args=[HUGE])
        for method in (client.get, client.post):
            if method(address).status_code >= 500:
                failed.append((name, method.__name__))
    for name in ["version", "name_version", "bring_back", "remove_correction"]:
        for args in ([HUGE, version.pk], [story.pk, HUGE], [live.pk, version.pk]):
            address = reverse(f"admin:articles_article_{name}", args=args)
            for method in (client.get, client.post):
                if method(address).status_code >= 500:
                    failed.append((name, args, method.__name__))
    for name in ["original", "replace", "remove", "words"]:
        for method in (client.get, client.post):
            if method(reverse(f"admin:articles_photo_{name}", args=[HUGE])).status_code >= 500:
                failed.append((name, method.__name__))
    for odd in ("9" * 25, "9" * 5000, "abc", "_00", "²"):
        for name in ("articles_article_change", "articles_photo_change"):
            for method in (client.get, client.post):
                if method(reverse(f"admin:{name}", args=[odd])).status_code >= 500:
                    failed.append((name, odd[:20], method.__name__))
    for name in ("articles_article_draft", "notice"):
        for method in (client.get, client.post):
            if method(reverse(f"admin:{name}", args=[HUGE])).status_code >= 500:
                failed.append((name, method.__name__))

    assert not failed, "\n".join(map(str, failed))


@pytest.mark.requirement(40)
@pytest.mark.parametrize("odd", [NUL, HUGE], ids=["NUL", "huge"])
def test_odd_queries_are_answered(client, publisher, odd):
    story = draft(created_by=publisher)
    compare = reverse("admin:articles_article_compare", args=[story.pk])
    failed = []
    for address, names in {
        compare: ["old", "new"],
        reverse("admin:articles_article_link_choices"): ["q"],
        reverse("admin:articles_photo_choices"): ["q", "page", "mine"],
        reverse("admin:articles_photo_table"): ["id", "ids", "photos", "e", "q"],
        reverse("admin:articles_photo_changelist"): [
            "q",
            "p",
            "e",
            "uploaded_by",
            "use",
            "missing",
            "removed",
            "uploaded_at",
            "uploaded_at__gte",
            "uploaded_from",
            "from",
            "until",
        ],
        reverse("admin:articles_article_changelist"): [
            "q",
            "p",
            "state",
            "section",
            "section__id__exact",
            "author",
            "published_at__gte",
        ],
        reverse("admin:articles_article_session"): ["key"],
        reverse("admin:notices"): ["p"],
        reverse("admin:index"): ["week", "day", "p", "section", "list"],
        reverse("admin:articles_authorship_changelist"): [
            "from",
            "to",
            "until",
            "period",
            "author",
            "section",
            "start",
            "end",
            "role",
            "genre",
            "p",
        ],
        reverse("admin:articles_authorship_export", args=["csv"]): [
            "from",
            "to",
            "until",
            "period",
            "author",
            "section",
            "start",
            "end",
            "format",
        ],
        ADD: ["key"],
        reverse("articles:corrections"): ["page", "p", "trang"],
    }.items():
        for name in names:
            if client.get(address, {name: odd}).status_code >= 500:
                failed.append((address, name))

    assert not failed, "\n".join(map(str, failed))


@pytest.mark.requirement(40)
@pytest.mark.parametrize("odd", [NUL, "²", DIGITS, LONG], ids=["NUL", "superscript", "digits", "long"])
def test_odd_forms_are_answered(client, publisher, odd):
    story, live, photo = draft(created_by=publisher), make_article(), make_photo()
    version = record(story, ArticleVersion.Kind.SAVED, publisher)

    def article(name, *args, of=story):
        return reverse(f"admin:articles_article_{name}", args=[of.pk, *args])

    whole = form_data(story)
    other = {"loaded_at": "2001-01-01T00:00:00+00:00", "headline": "Khác"}
    rows = {
        "bylines-TOTAL_FORMS": 1,
        "bylines-0-author": "1",
        "bylines-0-order": odd,
        "bylines-0-id": odd,
        "bylines-0-role": "text",
    }
    posts = [
        (article("keep"), {"headline": odd, "key": odd, "body": odd}),
        (reverse("admin:articles_article_keep_new"), {"headline": odd, odd: odd}),
        (article("presence"), {"form": odd, "left": odd}),
        (article("presence"), {"form": odd}),
        (article("check"), dict.fromkeys(whole, odd)),
        (article("check"), {**whole, "lead_photo": odd, "topics": odd}),
        (
            reverse("admin:articles_article_check_new"),
            {**whole, "body": f'<p><img data-photo="{odd}"><a data-article="{odd}" href="{odd}">x</a></p>'},
        ),
        (article("name_version", version.pk), {"name": odd}),
        (article("share"), {"revoke": odd}),
        (article("share"), {"reader": odd, "days": odd, "until": odd, "token": odd}),
        (article("corrections", of=live), {"text": odd}),
        (change_url(story), {**whole, **other, "base": DEEP}),
        (change_url(story), {**whole, **other, "base": '{"headline": []}'}),
        (change_url(story), {**whole, **other, "key": odd}),
        (change_url(story), {**whole, "loaded_at": odd}),
        (change_url(story), {**whole, **other, **rows}),
        (change_url(story), {**whole, **other, "bylines-TOTAL_FORMS": odd}),
        (
            change_url(story),
            {**whole, **other, "section": odd, "topics": odd, "lead_photo": odd, "body": odd},
        ),
        (change_url(story), {**whole, "_restore": "kept", "draft": odd}),
        (change_url(story), {**whole, "_restore": odd, **rows}),
        (
            change_url(story),
            {**whole, **rows, "_merge": odd, "_take-headline": odd, "_seen": odd, "_seen_base": odd},
        ),
        (
            change_url(story),
            {
                **whole,
                **rows,
                "_merge": "1",
                "_take-headline": "mine",
                "_take-bylines": "mine",
                "_take-body": "mine",
                "_seen": odd,
                "_seen_base": odd,
            },
        ),
        (change_url(story), {"_step": odd}),
        (change_url(live), {**whole, "key": odd, "headline": odd}),
        (ADD, {**whole, "key": odd}),
        (ADD, {"_restore": "kept", "draft": odd}),
        (article("step"), {"_step": odd}),
        (article("bring_back", version.pk), {"as_of": odd}),
        (
            reverse("admin:articles_photo_words", args=[photo.pk]),
            {"caption": odd, "credit": odd, "alt": odd, "is_decorative": odd},
        ),
        (
            reverse("admin:articles_photo_change", args=[photo.pk]),
            {"caption": odd, "focal_x": odd, "focal_y": odd},
        ),
        (
            reverse("admin:articles_photo_table"),
            {"id": odd, "photos": odd, "ids": odd, "form-TOTAL_FORMS": odd, "form-INITIAL_FORMS": odd},
        ),
        (
            reverse("admin:articles_photo_table"),
            {f"{photo.pk}-caption": odd, "form-0-id": odd, "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1},
        ),
        (reverse("admin:articles_photo_upload"), {"file": odd, "row": odd}),
        (reverse("admin:articles_photo_replace", args=[photo.pk]), {"file": odd}),
        (reverse("admin:articles_photo_remove", args=[photo.pk]), {"reason": odd}),
        (reverse("admin:notices"), {"read": odd}),
        (reverse("admin:notices"), {"gets_mail": odd}),
        (article("step", of=live), {"_step": "withdraw", "reason-withdraw": odd}),
        (article("step"), {"_step": "submit", "as_of": ""}),
        (article("step"), {"_step": "return", "reason-return": odd}),
        (reverse("admin:articles_article_changelist"), {"action": odd, "_selected_action": odd}),
        (reverse("admin:articles_article_changelist"), {"action": "submit", "_selected_action": odd}),
        (
            reverse("admin:articles_article_changelist"),
            {"action": "bulk_publish", "_selected_action": odd, "index": odd},
        ),
    ]
    link = make_link(story)
    for verdict in ("commented", "approved", odd):
        posts += [
            (link, {"name": odd, "comment": odd, "verdict": verdict, "seen": odd}),
            (link, {"name": "Ông B", "comment": "Được", "verdict": verdict, "seen": odd}),
        ]
    failed = []
    for number, (address, sent) in enumerate(posts):
        if client.post(address, sent).status_code >= 500:
            failed.append((number, address, [name[:30] for name, value in sent.items() if value == odd]))

    assert not failed, "\n".join(map(str, failed))


@pytest.mark.requirement(40)
def test_refused_form_without_a_slug_is_shown_again(client):
    """Its link to the page of the section, author or topic had no address."""
    client.force_login(make_user(is_superuser=True))
    rows = [make_section(), Author.objects.create(pen_name="Minh Hà"), Topic.objects.create(name="Mùa mưa")]

    answers = [
        client.post(reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk]), {"slug": ""})
        for row in rows
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all("errorlist" in answer.content.decode() for answer in answers)


@pytest.mark.requirement(40)
@pytest.mark.parametrize(
    "odd", ["'", NUL, HUGE, "-1", "²"], ids=["quote", "NUL", "huge", "negative", "superscript"]
)
def test_what_is_found_by_name_is_shown_again_whatever_was_sent_for_it(client, publisher, odd):
    publisher.is_superuser = True
    publisher.save()
    story = draft(created_by=publisher)
    row = {
        "bylines-TOTAL_FORMS": 1,
        "related_links-TOTAL_FORMS": 1,
        "bylines-0-author": odd,
        "related_links-0-target": odd,
    }
    chosen = {"section": odd, "topics": odd, "parent": odd, "user": odd, **row}
    failed = {}

    for name in ("article_add", "article_import", "section_add"):
        failed[name] = client.post(
            reverse(f"admin:articles_{name}"), form_data(section=odd) | chosen
        ).status_code
    failed["change"] = client.post(change_url(story), form_data(story) | chosen).status_code
    failed["recipient"] = client.post(reverse("admin:visitors_reportrecipient_add"), chosen).status_code

    assert set(failed.values()) == {200}, failed


@pytest.mark.requirement(40)
def test_filter_with_a_nul_is_taken_without_it(client, publisher):
    draft(headline="Tin tiếng Việt", created_by=publisher)
    stories = reverse("admin:articles_article_changelist")

    assert "Tin tiếng Việt" in client.get(stories, {"language__exact": "v\0i\0"}).content.decode()
    for name in ("q", "id__in", "section__id__exact", "p", "_to_field", "a\0b"):
        assert client.get(stories, {name: "\0"}).status_code in (200, 302), name


@pytest.mark.requirement(40)
def test_field_without_a_name_and_draft_with_files_are_refused(client, publisher):
    story = draft(created_by=publisher)
    for name in ("change", "delete", "history"):
        address = reverse(f"admin:articles_article_{name}", args=[story.pk])
        assert client.get(address, {"_to_field": ""}).status_code == 400
        assert client.post(address, {"_to_field": ""}).status_code == 400

    for address in (
        reverse("admin:articles_article_keep_new"),
        reverse("admin:articles_article_keep", args=[story.pk]),
    ):
        browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
        browser.cookies.update(client.cookies)
        browser.cookies[settings.CSRF_COOKIE_NAME] = token = "k" * 32
        assert browser.post(address, {"headline": "Tin"}, headers={"X-CSRFToken": token}).status_code == 400
