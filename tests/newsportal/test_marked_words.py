"""Words that are code: in every field that people or outsiders fill, on every page that shows it."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from articles import versions
from articles.models import (
    Answer,
    Article,
    ArticleVersion,
    Attachment,
    Author,
    Byline,
    Correction,
    RelatedLink,
    Topic,
    WorkingDraft,
)
from tests.articles.test_article_admin import change_url, form_data
from tests.articles.test_shared_draft import make_link
from tests.factory import make_article, make_photo, make_section, make_user, picture_file

pytestmark = pytest.mark.django_db
Status = Article.Status
CODE = """<svg onload=x>"'></script><img src=x onerror=y>{{ 7|add:7 }}"""
ATTRIBUTE = "\" onfocus='z'>"


@pytest.mark.requirement(16)
@pytest.mark.ignore_template_errors  # of Django, on the page of a person
def test_words_that_are_code_are_shown_as_words(client):
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
    failed = []
    shown = set()

    def look(name, response):
        html = response.content.decode()
        if response.status_code != 200:
            failed.append((name, response.status_code))
        if "svg onload" in html:
            shown.add(name)
        for code in (
            "<svg onload",
            "<img src=x",
            "</script><img",
            "\" onfocus='z'",
            '">&lt;/script',
            "141414",
        ):
            if code in html:
                failed.append((name, code, html[html.index(code) - 60 : html.index(code) + 40]))

    for page in pages:
        look(page, client.get(page, follow=True))
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
