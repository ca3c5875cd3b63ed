"""The content of a story as one value: taken for versions, put back by restoring and publishing."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .models import Article, ArticleVersion, Attachment, Author, Byline, Photo, RelatedLink, Section, Topic

SCHEMA = 1
# What a version holds of the story's own row. What belongs to the story for life (its number, status, who
# began it, when it was withdrawn) is no content.
WORDS = (
    "kicker", "headline", "slug", "lead", "dateline", "body", "source_name", "source_url", "genre", "show_time",
    "featured_place",
)  # fmt: skip
TIMES = ("published_at", "expires_at", "embargo_until")
ROWS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "bylines": (Byline, ("author_id", "role", "order")),
    "related_links": (RelatedLink, ("target_id", "url", "title", "order")),
    "attachments": (Attachment, ("file", "title", "size", "order")),
}


def content_of(article: Article) -> dict:
    """The story's content, ready for JSON; six queries."""
    content: dict = {"schema": SCHEMA, **{name: getattr(article, name) for name in WORDS}}
    for name in TIMES:
        moment: datetime | None = getattr(article, name)
        content[name] = moment and moment.isoformat()
    content["section"] = article.section_id
    content["lead_photo"] = article.lead_photo_id
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
        return Author.objects.filter(pk=row["author_id"]).exists()
    if name == "related_links" and row["target_id"]:
        return row["target_id"] != article.pk and Article.objects.filter(pk=row["target_id"]).exists()
    return True


def record(article: Article, kind: ArticleVersion.Kind, user) -> ArticleVersion | None:
    """Keeps the story's content as a version; a second save of the same content makes none."""
    content = content_of(article)
    newest = ArticleVersion.objects.of(article).first()
    if newest and newest.content == content and kind == ArticleVersion.Kind.SAVED:
        return None
    return ArticleVersion.objects.create(
        article_id=article.root_id, kind=kind, made_by=user, made_at=timezone.now(), content=content
    )


def begin_next(article: Article, user) -> Article:
    """The version after the published one, to be written while readers go on seeing that; the one begun before, if any."""
    if begun := Article.objects.filter(next_of=article).first():
        return begun
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
