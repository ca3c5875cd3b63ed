"""Which stories are like one that is being published: asked once, on commit, and kept beside it."""

import logging

from django.db import OperationalError, connection, transaction

from . import likeness
from .finding import Lexemes
from .models import Article

logger = logging.getLogger(__name__)

KEPT = 10  # some may be withdrawn later, and some stand elsewhere on the page
# The newest stories, the newest on the same topics, the newest with the rarest words: a bound for any age of the site.
NEWEST, ON_TOPIC, WORDED = 500, 100, 200
TIMEOUT = "1s"
FILLED_AT_ONCE = 500


def note(ids) -> None:
    for article in Article.objects.filter(pk__in=ids).only("headline", "lead").order_by("pk"):
        Article.objects.filter(pk=article.pk).update(similar=similar_to(article))


def fill() -> None:
    """For the newest stories that were never asked for, as after an upgrade; older ones go without."""
    newest = Article.objects.newest_ids(FILLED_AT_ONCE)
    note(Article.objects.filter(pk__in=newest, similar=None).values_list("pk", flat=True))


def similar_to(article: Article) -> list[int]:
    others = Article.objects.published().exclude(pk=article.pk).order_by("-published_at", "-id")
    rows = others.values_list("pk", "headline", "lead")
    topics = Article.topics.through.objects.filter(topic__in=article.topics.values("pk"))
    newest = texts(rows[:NEWEST])
    on_topic = texts(rows.filter(pk__in=topics.values("article"))[:ON_TOPIC])
    text = f"{article.headline}\n{article.lead}"
    words = likeness.rarest(text, list(newest.values()))
    worded = with_words(rows, words)
    return likeness.best(text, newest | worded | on_topic, set(on_topic), KEPT)


def with_words(rows, words: list[str]) -> dict[int, str]:
    """The newest with one of the words in headline or lead; none where the database takes too long to tell."""
    if not words:
        return {}
    query = " | ".join(f"'{word}':AB" for word in words)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [TIMEOUT])
            return texts(rows.filter(search_document=Lexemes(query))[:WORDED])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":  # canceled by the timeout
            raise
        logger.warning("Stories with the words of a new one took too long to find.")
        return {}


def texts(rows) -> dict[int, str]:
    return {id: f"{headline}\n{lead}" for id, headline, lead in rows}
