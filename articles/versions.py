"""The content of a story as one value: taken for versions, put back by restoring and publishing."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from . import body
from .models import Article, ArticleVersion, Attachment, Author, Byline, Photo, RelatedLink, Section, Topic
from .models.belongings import Belongings

SCHEMA = 1
# What a version holds of the story's own row. What belongs to the story for life (its number, status, who
# began it, when it was withdrawn) is no content.
WORDS = (
    "language", "kicker", "headline", "slug", "lead", "dateline", "body", "source_name", "source_url", "genre", "show_time",
    "featured_place",
)  # fmt: skip
TIMES = ("published_at", "expires_at", "embargo_until")
ROWS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "bylines": (Byline, ("author_id", "role", "order")),
    "related_links": (RelatedLink, ("target_id", "url", "title", "order")),
    "attachments": (Attachment, ("file", "title", "size", "order")),
}
MISSING_ROWS = {
    "bylines": _("Authors who are no longer in the list and were left out: %(count)s."),
    "related_links": _("Related stories that are no longer there and were left out: %(count)s."),
    "attachments": _("Attachments whose files are no longer there and were left out: %(count)s."),
}


def content_of(article: Article) -> dict:
    """The story's content, ready for JSON; six queries."""
    content: dict = {"schema": SCHEMA, **{name: getattr(article, name) for name in WORDS}}
    for name in TIMES:
        moment: datetime | None = getattr(article, name)
        content[name] = moment and moment.isoformat()
    content["section"] = article.section_id
    content["lead_photo"] = article.lead_photo_id
    content["translation_of"] = article.translation_of_id
    content["topics"] = sorted(article.topics.values_list("pk", flat=True))
    for name, (model, fields) in ROWS.items():
        rows = model.objects.filter(article=article).order_by("order", "pk")
        content[name] = [dict(zip(fields, row, strict=True)) for row in rows.values_list(*fields)]
    return content


@transaction.atomic
def put(content: dict, article: Article) -> None:
    """Gives the story this content and saves it.

    What an older version did not know stays as it is; what was deleted meanwhile (a topic, an author, a photo)
    is left out. Raises nothing but what the database itself refuses.
    """
    for name in WORDS:
        if name in content:
            setattr(article, name, content[name])
    for name in TIMES:
        if name in content:
            setattr(article, name, content[name] and parse_datetime(content[name]))
    if Section.objects.filter(pk=content.get("section")).exists():
        article.section_id = content["section"]
    if "lead_photo" in content:
        article.lead_photo = Photo.objects.present().filter(pk=content["lead_photo"]).first()
    if "translation_of" in content:
        original = Article.objects.filter(pk=content["translation_of"]).exclude(pk=article.root_id)
        article.translation_of_id = original.values_list("pk", flat=True).first()
    article.save()
    if "topics" in content:
        article.topics.set(Topic.objects.filter(pk__in=content["topics"]))
    for name, (model, fields) in ROWS.items():
        if name in content:
            model.objects.filter(article=article).delete()
            rows = [{field: row[field] for field in fields if field in row} for row in content[name]]
            model.objects.bulk_create(
                model(article=article, **row) for row in rows if _is_whole(name, row, article)
            )


def _is_whole(name: str, row: dict, article: Article) -> bool:
    """Whether what a row points at is still there."""
    if name == "bylines":
        return Author.objects.filter(pk=row.get("author_id")).exists()
    if name == "related_links" and row.get("target_id"):
        return row["target_id"] != article.pk and Article.objects.filter(pk=row["target_id"]).exists()
    return True


@transaction.atomic
def put_words(content: dict, article: Article) -> list[str]:
    """Brings back what an older version said; sentences tell what is no longer there and so was left out.

    Times and the place on the home page stay: an old time of expiry would hide the story from readers.
    """
    kept = (*TIMES, "featured_place")
    content = {name: value for name, value in content.items() if name not in kept}
    counts = {name: len(content.get(name, [])) for name in ROWS}
    storage = Attachment.file.field.storage
    if "attachments" in content:
        content["attachments"] = [row for row in content["attachments"] if storage.exists(row["file"])]
    left_out = []
    photos = body.photo_ids(content.get("body", ""))
    gone = set(photos) - set(Photo.objects.present().filter(pk__in=photos).values_list("pk", flat=True))
    if gone:
        content["body"] = body.with_photos(content["body"], {}, gone)
        left_out.append(
            ngettext(
                "%(count)s photo is no longer there and was left out.",
                "%(count)s photos are no longer there and were left out.",
                len(gone),
            )
            % {"count": len(gone)}
        )
    put(content, article)
    if content.get("section", article.section_id) != article.section_id:
        left_out.append(gettext("Its section is no longer there; the story stays in its present one."))
    for name, (model, _fields) in ROWS.items():
        missing = counts[name] - model.objects.filter(article=article).count()
        if missing > 0:
            left_out.append(MISSING_ROWS[name] % {"count": missing})
    if len(content.get("topics", [])) > article.topics.count():
        left_out.append(gettext("Some of its topics are no longer there and were left out."))
    return left_out


def as_story(content: dict, root: Article) -> Article:
    """The version as its page would show it; nothing of it is saved, so it may only be looked at."""
    story = Article(pk=root.pk, status=root.status, section=root.section)
    for name in WORDS:
        setattr(story, name, content.get(name) or getattr(story, name))
    for name in TIMES:
        setattr(story, name, content.get(name) and parse_datetime(content[name]))
    story.section = (
        Section.objects.filter(pk=content.get("section")).select_related("parent").first() or root.section
    )
    story.render_body()
    rows = {
        name: [model(article=story, **row) for row in content.get(name, [])]
        for name, (model, _fields) in ROWS.items()
    }
    authors = Author.objects.in_bulk([byline.author_id for byline in rows["bylines"]])
    rows["bylines"] = [byline for byline in rows["bylines"] if byline.author_id in authors]
    for byline in rows["bylines"]:
        byline.author = authors[byline.author_id]
    links = [link.target_id for link in rows["related_links"] if link.target_id]
    public = Article.objects.published().for_card().in_bulk(links)
    rows["related_links"] = [
        RelatedLink(target=public.get(link.target_id), url=link.url, title=link.title)
        for link in rows["related_links"]
        if link.target_id in public or not link.target_id
    ]
    story.belongings = Belongings(
        list(Topic.objects.filter(pk__in=content.get("topics", []))),
        rows["bylines"],
        rows["attachments"],
        rows["related_links"],
    )
    return story


def record(article: Article, kind: ArticleVersion.Kind, user, *, name: str = "") -> ArticleVersion | None:
    """Keeps the story's content as a version; a second save of the same content makes none."""
    content = content_of(article)
    newest = ArticleVersion.objects.of(article).first()
    if newest and newest.content == content and kind == ArticleVersion.Kind.SAVED:
        return None
    return ArticleVersion.objects.create(
        article_id=article.root_id,
        kind=kind,
        name=name,
        made_by=user,
        made_at=timezone.now(),
        content=content,
    )


@transaction.atomic
def begin_next(article: Article, user) -> Article:
    """The version after the published one, to be written while readers go on seeing that; the one begun before, if any."""
    Article.objects.select_for_update().get(
        pk=article.pk
    )  # of two who begin at once the second gets the first's
    if begun := Article.objects.filter(next_of=article).first():
        return begun
    if not ArticleVersion.objects.of(
        article
    ).exists():  # published before versions were kept, or by a program
        record(article, ArticleVersion.Kind.PUBLISHED, article.created_by)
    following = Article(next_of=article, created_by=user, status=Article.Status.DRAFT)
    put(content_of(article), following)
    return following


@transaction.atomic
def publish_next(following: Article) -> Article:
    """Puts the next version in the place of the published one, which it returns; the next version's row goes."""
    live = Article.objects.select_for_update().get(pk=following.next_of_id)
    content = content_of(following)
    content["published_at"] = content["published_at"] or live.published_at.isoformat()
    if following.updated_at:
        live.updated_at = timezone.now()
    following.delete()
    live.status = Article.Status.PUBLISHED
    put(content, live)
    return live
