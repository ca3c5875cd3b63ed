"""Published stories for the interface: which of them, in what order, and what is told of each."""

import mimetypes
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from articles import body
from articles.links import whole_address
from articles.models import Article, Author, Byline, Photo, Section, Topic

from . import cursors, errors, schemas
from .cursors import Cursor
from .parameters import Paging, StoryFilters

# Of stories: the latest change of any kind. An index has the very same expression.
CHANGED = Greatest("published_at", "embargo_until", "touched_at")


def page(rows: QuerySet, order: str, at: str | None, paging: Paging) -> tuple[list, str | None]:
    """A page of rows by the column `at`, if there is one, and the id; and the cursor of the next page.

    It begins where the index leads to, so that a late page costs as much as the first one; nothing is counted.
    A capital letter for `order` means backwards.
    """
    after, sign = ("lt", "-") if order.isupper() else ("gt", "")
    if paging.cursor is not None:
        place = cursors.read(paging.cursor, order)
        if place is None:
            raise errors.invalid_cursor()
        behind = Q(**{f"id__{after}": place.id})
        if at:
            # The first condition alone is one for the index.
            behind = Q(**{f"{at}__{after}e": place.at}) & (Q(**{f"{at}__{after}": place.at}) | behind)
        rows = rows.filter(behind)
    columns = [at, "id"] if at else ["id"]
    found = list(rows.order_by(*(f"{sign}{column}" for column in columns))[: paging.limit + 1])
    if len(found) <= paging.limit:
        return found, None
    found.pop()
    return found, str(Cursor(order, getattr(found[-1], at) if at else cursors.EPOCH, found[-1].pk))


def listed(filters: StoryFilters) -> tuple[list[Article], str | None]:
    stories = narrowed(Article.objects.published().for_card().annotate(changed=CHANGED), filters)
    if filters.changed_since:
        order, at = "c", "changed"
    else:
        order, at = ("N" if filters.order == "newest" else "o"), "published_at"
    return page(stories, order, at, filters)


def narrowed(stories: QuerySet, filters: StoryFilters) -> QuerySet:
    if filters.section:
        family = Section.objects.filter(Q(slug=filters.section) | Q(parent__slug=filters.section))
        ids = dict(family.values_list("slug", "id"))
        if filters.section not in ids:
            raise errors.unknown("unknown_section", _("There is no section of this slug."))
        # As numbers: the database then knows how many stories to expect.
        stories = stories.filter(section__in=ids.values())
    if filters.topic:
        topic = Topic.objects.filter(slug=filters.topic).first()
        if topic is None:
            raise errors.unknown("unknown_topic", _("There is no topic of this slug."))
        filed = Article.topics.through.objects.filter(topic=topic)
        stories = stories.filter(pk__in=filed.values("article"))
    if filters.author:
        author = Author.objects.filter(slug=filters.author).first()
        if author is None:
            raise errors.unknown("unknown_author", _("There is no author of this slug."))
        stories = stories.filter(pk__in=Byline.objects.filter(author=author).values("article"))
    if filters.language:
        stories = stories.in_language(filters.language)
    if filters.published_from:
        stories = stories.filter(published_at__gte=midnight(filters.published_from))
    if filters.published_to:
        stories = stories.filter(published_at__lt=midnight(filters.published_to + timedelta(days=1)))
    if filters.changed_since:
        stories = stories.filter(changed__gte=filters.changed_since)
    return stories


def midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def whole(id: int) -> Article:
    """The published story with all that belongs to it; two queries. Raises a Refusal that says why not."""
    stories = Article.objects.published().for_page().annotate(changed=CHANGED).defer(None)
    photos = Prefetch("photos", Photo.objects.present().order_by("pk"))
    story = stories.defer("folded", "search_document").prefetch_related(photos).filter(pk=id).first()
    if story is None:
        raise absent(id)
    return story


def absent(id: int) -> errors.Refusal:
    """As the site's own pages answer: gone for what readers once saw, and unknown all else."""
    withdrawn_at = Article.objects.withdrawn().filter(pk=id).values_list("withdrawn_at", flat=True).first()
    if withdrawn_at is None:
        return errors.not_found()
    return errors.withdrawn(withdrawn_at)


def in_list(story: Article) -> dict:
    """The fields of schemas.StoryInList; needs for_card()."""
    return {
        "id": story.pk,
        "url": whole_address(story.get_absolute_url()),
        "api_url": whole_address(reverse("articles:api_story", args=[story.pk])),
        "language": story.language,
        "kicker": story.kicker,
        "headline": story.headline,
        "lead": story.lead,
        "section": place(story.section),
        "published_at": moment(story.visible_from),
        "updated_at": story.updated_at and moment(story.updated_at),
        "changed_at": moment(story.changed),
        "lead_photo": story.lead_photo and photo(story.lead_photo, {}),
    }


def in_full(story: Article) -> schemas.Story:
    words = body.photo_words(story.body)
    photos = {each.pk: each for each in story.photos.all()}
    in_order = [*(id for id in (story.lead_photo_id,) if id not in words), *words]
    return schemas.Story(
        **in_list(story),
        dateline=story.dateline,
        body_html=body.for_elsewhere(story.body_html, settings.SITE_URL),
        body_text=story.body_text,
        bylines=[
            schemas.Byline(
                pen_name=byline.author.pen_name,
                unit=byline.author.unit,
                role=byline.role,
                role_name=byline.get_role_display(),
                slug=byline.author.slug,
                url=whole_address(byline.author.get_absolute_url()),
            )
            for byline in story.belongings.bylines
        ],
        source=schemas.Source(name=story.source_name, url=story.source_url)
        if story.source_name or story.source_url
        else None,
        topics=[place(topic) for topic in story.belongings.topics],
        photos=[photo(photos[id], words.get(id, {})) for id in in_order if id in photos],
        corrections=[
            schemas.Correction(text=row["text"], made_at=moment(row["made_at"]))
            for row in story.shown_corrections
        ],
        attachments=[
            schemas.Attachment(title=str(each), url=whole_address(each.file.url), size=each.size)
            for each in story.belongings.attachments
        ],
        related=[
            schemas.Link(title=str(link), url=whole_address(link.get_absolute_url()))
            for link in story.belongings.links
        ],
    )


def place(thing: Section | Topic) -> schemas.Place:
    return schemas.Place(slug=thing.slug, name=thing.name, url=whole_address(thing.get_absolute_url()))


def photo(photo: Photo, words: dict[str, str]) -> schemas.Photo:
    picture = photo.picture
    return schemas.Photo(
        url=whole_address(picture.url),
        width=picture.width,
        height=picture.height,
        caption=words.get("caption") or photo.caption,
        credit=photo.credit,
        alt=words.get("alt") or photo.alt,
        renditions=[
            schemas.Rendition(url=whole_address(url), width=width, type=mimetypes.guess_type(url)[0] or "")
            for url, width in picture.renditions
        ],
    )


def moment(at: datetime) -> datetime:
    return localtime(at).replace(microsecond=0)
