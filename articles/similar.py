"""Which stories are like one that is being published: asked once, on commit, and kept beside it."""

import logging
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import F, Value
from psycopg2.errors import QueryCanceled

from . import likeness
from .finding import Lexemes
from .models import Article

logger = logging.getLogger(__name__)

KEPT = 10  # some may be withdrawn later, and some stand elsewhere on the page
# The newest stories, the newest on the same topics, the newest with the rarest words: a bound for any age of the site.
NEWEST, ON_TOPIC, WORDED = 300, 100, 200
TIMEOUT = "500ms"
FILLED_AT_ONCE = 500


def note(ids) -> None:
    for article in Article.objects.filter(pk__in=ids).only("language", "headline", "lead").order_by("pk"):
        Article.objects.filter(pk=article.pk).update(similar=similar_to(article))


def fill() -> None:
    """For the newest stories that were never asked for, as after an upgrade; older ones go without."""
    newest = Article.objects.newest_ids(FILLED_AT_ONCE)
    note(Article.objects.filter(pk__in=newest, similar=None).values_list("pk", flat=True))


def similar_to(article: Article) -> list[int]:
    others = (
        Article.objects.in_language(article.language)
        .published()
        .exclude(pk=article.pk)
        .order_by("-published_at", "-id")
    )
    rows = others.values_list("pk", "headline", "lead")
    topics = list(article.topics.values_list("pk", flat=True))
    # By number, which an index knows, and which grows as time does.
    filed = Article.topics.through.objects.filter(topic__in=topics).order_by("-article_id")
    ids = list(filed.values_list("article_id", flat=True)[:ON_TOPIC])
    newest = texts(rows[:NEWEST])
    on_topic = texts(rows.filter(pk__in=ids))
    text = f"{article.headline}\n{article.lead}"
    words = likeness.rarest(text, list(newest.values()))
    worded = with_words(rows, words)
    return likeness.best(text, newest | worded | on_topic, set(on_topic), KEPT)


def with_words(rows, words: list[str]) -> dict[int, str]:
    """The newest with one of the words; none where the database takes too long to tell."""
    if not words:
        return {}
    query = " | ".join(f"'{word}'" for word in words)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [TIMEOUT])
            # By a sum, since the index on the time of publication would be read to its end for so rare words.
            newest = (F("published_at") + Value(timedelta())).desc()
            found = texts(rows.filter(search_document=Lexemes(query)).order_by(newest)[:WORDED])
            # What else is done in this transaction, such as loading the demo news, has its own time.
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
            return found
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        logger.warning("Stories with the words of a new one took too long to find.")
        return {}


def texts(rows) -> dict[int, str]:
    return {id: f"{headline}\n{lead}" for id, headline, lead in rows}
