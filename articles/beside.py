"""What else there is to read beside a story. One query finds all of it, and no story stands there twice."""

from dataclasses import dataclass

from .models import Article, RelatedLink

RELATED, OTHER, MOST_READ = 5, 10, 5


@dataclass(frozen=True)
class Beside:
    links: list[RelatedLink]  # the editor's own, in their order
    similar: list[Article]  # fill them up
    newer: Article | None  # of its section, by time
    older: Article | None
    other_news: list[Article]  # the newest of its section
    most_read: list[Article]


def beside(article: Article, most_read=()) -> Beside:
    """`most_read` holds ids, the first the most read one."""
    links = list(article.related_links.all())
    shown = {article.pk, article.root_id, *(link.target_id for link in links if link.target_id)}
    public = Article.objects.in_language(article.language).published().exclude(pk__in=shown)
    section = public.filter(section=article.section_id)
    is_published = article.status == Article.Status.PUBLISHED
    similar = (article.similar or []) if is_published else []
    # The index leads to each: the newest, the neighbours, and those that are known by their ids.
    parts = [section.order_by("-published_at", "-id")[: OTHER + RELATED + 2]]
    if moment := is_published and article.published_at:
        before = section.filter(published_at__lte=moment).exclude(published_at=moment, pk__gte=article.pk)
        after = section.filter(published_at__gte=moment).exclude(published_at=moment, pk__lte=article.pk)
        parts += [before.order_by("-published_at", "-id")[:1], after.order_by("published_at", "id")[:1]]
    if similar or most_read:
        parts.append(public.filter(pk__in=[*similar, *most_read]).order_by())
    first, *others = (part.values("pk") for part in parts)
    found = {story.pk: story for story in Article.objects.for_card().filter(pk__in=first.union(*others))}

    def take(stories, count: int) -> list[Article]:
        taken = [story for story in stories if story.pk not in shown][:count]
        shown.update(story.pk for story in taken)
        return taken

    newer = older = None
    same = [story for story in found.values() if story.section_id == article.section_id]  # the newest first
    if moment:
        place = (moment, article.pk)
        [older] = take((s for s in same if (s.published_at, s.pk) < place), 1) or [None]
        [newer] = take((s for s in reversed(same) if (s.published_at, s.pk) > place), 1) or [None]
    alike = take((found[id] for id in similar if id in found), max(0, RELATED - len(links)))
    other_news = take(same, OTHER)
    popular = take((found[id] for id in most_read if id in found), MOST_READ)
    return Beside(links, alike, newer, older, other_news, popular)
