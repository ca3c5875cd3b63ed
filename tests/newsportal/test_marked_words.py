"""Words that are code: in every field that people or outsiders fill, on every page that shows it."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.flatpages.models import FlatPage
from django.core.files.base import ContentFile
from django.db.models import CharField, TextField, Value
from django.db.models.functions import Cast, Concat
from django.urls import resolve, reverse
from django.utils import timezone
from lxml import html as parsed

from articles import versions
from articles.models import (
    Answer,
    Article,
    ArticleVersion,
    Attachment,
    Author,
    Byline,
    Correction,
    MissedSearch,
    Notice,
    RelatedLink,
    Topic,
    WorkingDraft,
)
from newsportal.models import AuditEntry, LinkGroup, PageInEnglish, SiteIdentity, WebsiteLink
from tests.articles.test_article_admin import change_url, form_data
from tests.articles.test_shared_draft import make_link
from tests.attack import targets
from tests.factory import make_article, make_photo, make_section, make_user, picture_file
from tests.newsportal.rendering import IN_LONG
from visitors.models import ImportedTotal, Label, LabelDay, Note

pytestmark = pytest.mark.django_db
Status = Article.Status
OWN_HOSTS = {"", "testserver", urlsplit(settings.SITE_URL).netloc}
CODE = """<svg onload=x>"'></script><img src=x onerror=y>{{ 7|add:7 }}"""
ATTRIBUTE = "\" onfocus='z'>"
# What no person types: made by the server, checked letter by letter, or HTML, whose cleaning has tests of its own.
NOT_TYPED = {
    "about_id", "about_type", "accent", "body", "body_html", "content", "digest", "domain", "folded", "from_status", "hash",
    "kind", "language", "machine", "password", "period", "previous", "seen", "session_key", "slug", "step", "template_name",
    "to_status", "token_hash", "FlatPage.url", "LogEntry.object_id",
}  # fmt: skip
NOT_TYPED_IN = {"account", "auth.Permission", "contenttypes", "sessions", "sites"}
# Typed, and shown on no page.
NOT_SHOWN = {"HistoryEntry.headline", "LogEntry.object_repr"}


def typed_fields():
    """Of every model, so a new field is looked at without a word here."""
    for model in apps.get_models():
        if not {model._meta.app_label, model._meta.label} & NOT_TYPED_IN:
            for field in model._meta.concrete_fields:
                names = {field.name, f"{model.__name__}.{field.name}"}
                if isinstance(field, CharField | TextField) and not field.choices and not names & NOT_TYPED:
                    yield field


def code_in_every_field() -> dict[str, str]:
    """What each field now holds begins with a word of its own."""
    words = {field: f"Q{number}Z" for number, field in enumerate(typed_fields())}

    def code(field):
        return f"{words[field]}{CODE}{ATTRIBUTE}"[: (field.max_length or 300) - 9]

    def values(model):
        return {field.name: code(field) for field in words if field.model is model}

    yesterday = timezone.localdate() - timedelta(days=1)
    AuditEntry.objects.create(kind="login", **values(AuditEntry))
    ImportedTotal.objects.create(amount=1, **values(ImportedTotal))
    MissedSearch.objects.create(count=9**9, last_at=timezone.now())
    Note.objects.create(day=yesterday)
    for kind in Label.Kind:
        label = Label.objects.create(kind=kind, added_on=yesterday)
        LabelDay.objects.create(day=yesterday, label=label, views=9, visits=9)
    WebsiteLink.objects.create(group=LinkGroup.objects.first())
    PageInEnglish.objects.create(page=FlatPage.objects.first())
    SiteIdentity.objects.update(has_english=True)
    empty = set()
    for model in {field.model for field in words} - {AuditEntry, ImportedTotal}:  # whose rows do not change
        # No two rows may be alike.
        fields = {name: Concat(Value(text), Cast("pk", TextField())) for name, text in values(model).items()}
        if model is RelatedLink:  # without an address where it leads to a story
            model.objects.filter(target=None).update(url=fields.pop("url"))
        if not model._base_manager.update(**fields):
            empty.add(model)
    assert empty == set()
    return {word: f"{field.model.__name__}.{field.name}" for field, word in words.items()}


def parts_that_run(page) -> list[str]:
    """Handlers, scripts in the page, and what is fetched from elsewhere."""
    tree = parsed.document_fromstring(page)
    found = [
        f"{each.getparent().tag} {each.attrname}" for each in tree.xpath("//@*[starts-with(name(), 'on')]")
    ]
    found += [each.text[:80] for each in tree.xpath("//script[not(@src)][not(contains(@type, 'json'))]")]
    for address in tree.xpath(
        "//@src | //@srcset | //form/@action | //@formaction | //@data | //@poster | //@ping"
    ):
        found += [address] if urlsplit(address).netloc not in OWN_HOSTS else []
    for link in tree.xpath(
        "//link[@rel='stylesheet' or contains(@rel, 'icon') or contains(@rel, 'load')]/@href"
    ):
        found += [link] if urlsplit(link).netloc not in OWN_HOSTS else []
    return found


@pytest.mark.requirement(16, 51)
@pytest.mark.ignore_template_errors  # of Django, on the page of a person
def test_words_that_are_code_are_words_on_every_page_and_no_page_asks_another_site(client):
    boss = make_user(last_name=CODE[:40], first_name=CODE[:40], is_superuser=True)
    client.force_login(boss)
    section = make_section(CODE[:60], slug="muc")
    author = Author.objects.create(pen_name=CODE[:80])
    topic = Topic.objects.create(name=CODE[:60], slug="chu-de")
    photo = make_photo(
        caption=CODE, credit=CODE, alt=CODE + ATTRIBUTE, upload=picture_file("a<svg onload=x>.jpg")
    )
    removed = make_photo(caption=CODE)
    removed.take_down(boss, CODE)
    words = {
        "headline": CODE, "kicker": CODE, "lead": CODE, "dateline": CODE[:60], "source_name": CODE, "section": section,
        "created_by": boss, "lead_photo": photo, "body": f"<p>Chữ</p>{photo.figure_html}",
    }  # fmt: skip
    live = make_article(slug="tin", **words)
    draft = make_article(slug="nhap", **words | {"status": Status.DRAFT, "published_at": None})
    for story in (live, draft):
        Byline.objects.create(article=story, author=author)
        RelatedLink.objects.create(article=story, url="https://vi.du/", title=CODE)
        RelatedLink.objects.create(article=story, target=make_article(headline=CODE, slug="kia"))
        Attachment(article=story, title=CODE).file.save("a.pdf", ContentFile(b"%PDF"))
        story.topics.add(topic)
    Correction.objects.create(article=live, text=CODE, made_by=boss)
    versions.record(live, ArticleVersion.Kind.PUBLISHED, boss)
    following = versions.begin_next(live, boss)
    version = versions.record(draft, ArticleVersion.Kind.SUBMITTED, boss, name=CODE)
    address = make_link(draft, reader=CODE[:80], made_by=boss)
    client.post(
        address,
        {"name": CODE[:80], "comment": CODE, "verdict": "commented", "seen": "x"},
    )
    assert Answer.objects.exists()
    for story in (live, draft):
        client.post(
            reverse("admin:articles_article_keep", args=[story.pk]),
            {"headline": CODE, "body": f"<p>{CODE}</p>", "lead": CODE, "kicker": CODE},
        )
    client.post(
        reverse("admin:articles_article_keep_new"),
        {"headline": CODE, "body": CODE, "key": "7a3a0c52-35a5-4d6c-a3a1-5dbe2b0b5b6f"},
    )
    client.post(reverse("admin:articles_article_step", args=[draft.pk]), {"_step": "submit"})
    client.post(
        reverse("admin:articles_article_step", args=[draft.pk]), {"_step": "return", "reason-return": CODE}
    )
    gone = make_article(**words | {"slug": "go"})
    client.post(
        reverse("admin:articles_article_step", args=[gone.pk]), {"_step": "withdraw", "reason-withdraw": CODE}
    )

    def of(name, *args):
        return reverse(f"admin:articles_article_{name}", args=args)

    pages = [
        live.get_absolute_url(), address, "/", section.get_absolute_url(), topic.get_absolute_url(), author.get_absolute_url(),
        reverse("articles:corrections"), reverse("articles:search") + "?q=svg", "/admin/",
        *(of(name, story.pk) for name in ("change", "preview", "versions", "share", "history") for story in (live, draft, following, gone)),
        of("corrections", live.pk), of("version", draft.pk, version.pk), of("compare", draft.pk) + f"?old={version.pk}&new=story",
        of("compare", following.pk) + "?old=story&new=next", of("changelist"), of("changelist") + "?q=svg", of("add"), of("import"),
        *(of("draft", each.pk) for each in WorkingDraft.objects.all()),
        reverse("admin:notices"), reverse("admin:articles_photo_changelist"), reverse("admin:articles_photo_table") + f"?id={photo.pk}",
        *(reverse(f"admin:articles_photo_{name}", args=[photo.pk]) for name in ("change", "replace", "remove", "history", "delete")),
        reverse("admin:articles_photo_change", args=[removed.pk]), reverse("admin:articles_authorship_changelist") + "?period=this-month",
        reverse("admin:articles_authorship_changelist") + f"?period=this-month&author={author.pk}",
        reverse("admin:auth_user_changelist"), reverse("admin:auth_user_change", args=[boss.pk]), reverse("admin:auth_user_history", args=[boss.pk]),
        "/",
    ]  # fmt: skip
    rows = targets.access.make_rows()
    targets.access.make_people(rows)
    for model in (WorkingDraft, Notice):  # are shown to whose they are
        model.objects.update(user=boss)
    every = targets.every_address(rows, boss) | {"page in English": "/en/trang/gioi-thieu/"}
    UserSession.objects.create(user=boss, ip="127.0.0.1", session_key=client.session.session_key)
    LogEntry.objects.create(
        user=boss,
        content_type=ContentType.objects.get_for_model(Topic),
        object_id=rows["articles_topic"].pk,
        action_flag=2,
    )
    words = code_in_every_field()
    failed = []
    shown = set()

    def look(name, response):
        text = response.content.decode()
        if response.status_code != 200:
            failed.append((name, response.status_code))
        shown.update(re.findall("Q[0-9]+Z", text))
        if "141414" in text:
            failed.append((name, "a template"))
        if response["Content-Type"].startswith("text/html"):
            failed.extend((name, part) for part in parts_that_run(text))

    for page in pages:
        look(page, client.get(page, follow=True))
    looked_at = {resolve(urlsplit(page).path).view_name for page in pages}
    for name, page in every.items():
        # In short, not those with the fields or the name of a row whose other pages are looked at.
        if name not in looked_at and (IN_LONG or not name.endswith(("_add", "_delete"))):
            response = client.get(page)
            if response.streaming:
                response.getvalue()  # a file, read to its end, which closes it
            elif response.status_code == 200 and not response["Content-Type"].startswith("image/"):
                look(name, response)
    conflict = form_data(
        draft,
        loaded_at="2001-01-01T00:00:00+00:00",
        headline=CODE + "x",
        lead=CODE + "y",
        base="{}",
        kicker=CODE,
    )
    look("conflict", client.post(change_url(draft), conflict))
    look(
        "check",
        client.post(
            of("check", draft.pk),
            {**form_data(draft), "lead": CODE + "  x", "body": "<p>a  &lt;svg onload=x&gt; (b</p>"},
        ),
    )
    assert failed == []
    assert {name for word, name in words.items() if word not in shown} == NOT_SHOWN
