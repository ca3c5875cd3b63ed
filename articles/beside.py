"""What else there is to read beside a story, no story twice. One query finds what is there for this story alone."""

from dataclasses import dataclass

from .models import Article, RelatedLink

RELATED, OTHER, MOST_READ = 5, 10, 5
# Of a section: enough for a page whose editor links to a dozen of them.
NEWEST = OTHER + RELATED + 15


@dataclass(frozen=True)
class Beside:
    links: list[RelatedLink]  # the editor's own, in their order
    similar: list[Article]  # fill them up
    newer: Article | None  # of its section, by time
    older: Article | None
    other_news: list[Article]  # the newest of its section
    most_read: list[Article]


@dataclass(frozen=True)
class Common:
    """What the stories of a section, in one language, have beside them in common."""

    newest: list[Article]  # of the section
    most_read: list[Article]  # of all, more than are shown, the most read one first


def common_to(article: Article, most_read_ids=()) -> Common:
    """To the story and all others of its section; one query."""
    public = Article.objects.in_language(article.language).published()
    newest = public.filter(section=article.section_id).newest_first()[:NEWEST].values("pk")
    most_read = public.filter(pk__in=most_read_ids).order_by().values("pk")
    wanted = Article.objects.filter(pk__in=newest.union(most_read) if most_read_ids else newest)
    found = {story.pk: story for story in wanted.for_headline().newest_first()}
    of_section = [story for story in found.values() if story.section_id == article.section_id]
    return Common(of_section[:NEWEST], [found[id] for id in most_read_ids if id in found])


def beside(article: Article, common: Common) -> Beside:
    links = list(article.related_links.all())
    shown = {article.pk, article.root_id, *(link.target_id for link in links if link.target_id)}
    is_published = article.status == Article.Status.PUBLISHED
    moment = article.published_at if is_published else None
    similar = (article.similar or []) if is_published else []
    known = {story.pk: story for story in (*common.newest, *common.most_read)}
    newest = same = common.newest
    is_old = moment and len(newest) == NEWEST and place_of(article) < place_of(newest[-1])
    if is_old or any(id not in known for id in similar):
        rest = fetched(article, shown, similar, with_neighbours=is_old)
        known |= {story.pk: story for story in rest}
        if is_old:
            same = [story for story in rest if story.section_id == article.section_id]

    def take(stories, count: int) -> list[Article]:
        taken = [story for story in stories if story.pk not in shown][:count]
        shown.update(story.pk for story in taken)
        return taken

    newer = older = None
    if moment:
        place = place_of(article)
        [older] = take((story for story in same if place_of(story) < place), 1) or [None]
        [newer] = take((story for story in reversed(same) if place_of(story) > place), 1) or [None]
    alike = take((known[id] for id in similar if id in known), max(0, RELATED - len(links)))
    return Beside(links, alike, newer, older, take(newest, OTHER), take(common.most_read, MOST_READ))


def place_of(article: Article):
    """Among those of its section."""
    return article.published_at, article.pk


def fetched(article: Article, shown: set[int], ids: list[int], *, with_neighbours: bool) -> list[Article]:
    """Those of the stories that readers may see, and the neighbours in the section by time, the newest first."""
    public = Article.objects.in_language(article.language).published().exclude(pk__in=shown)
    wanted = public.filter(pk__in=ids)
    if with_neighbours:
        moment, section = article.published_at, public.filter(section=article.section_id)
        before = section.filter(published_at__lte=moment).exclude(published_at=moment, pk__gte=article.pk)
        after = section.filter(published_at__gte=moment).exclude(published_at=moment, pk__lte=article.pk)
        # The index leads to each of the three.
        parts = before.newest_first()[:1], after.order_by("published_at", "id")[:1], wanted.order_by()
        first, *others = (part.values("pk") for part in parts)
        wanted = Article.objects.filter(pk__in=first.union(*others))
    return list(wanted.for_headline().newest_first())
