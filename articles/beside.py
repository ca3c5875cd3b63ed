"""What else there is to read beside a story, no story twice."""

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
    """Asks the database for nothing; needs for_page()."""
    belongings = article.belongings
    links = belongings.links
    shown = {article.pk, article.root_id, *(link.target_id for link in links if link.target_id)}

    def take(stories, count: int) -> list[Article]:
        taken = [story for story in stories if story.pk not in shown][:count]
        shown.update(story.pk for story in taken)
        return taken

    older = newer = None
    similar = []
    if article.status == Article.Status.PUBLISHED:
        older, newer = belongings.older, belongings.newer
        shown.update(story.pk for story in (older, newer) if story)
        likest = (belongings.similar[id] for id in article.similar or () if id in belongings.similar)
        similar = take(likest, max(0, RELATED - len(links)))
    return Beside(links, similar, newer, older, take(common.newest, OTHER), take(common.most_read, MOST_READ))
