"""Times of the rows that were there before, in batches of their own, and indexes that nobody waits for.

Cut off, it is begun anew: a batch that is done has nothing left to do.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q

AT_ONCE = 20_000
FILL = """
UPDATE {table} AS beside SET published_at = story.published_at FROM articles_article AS story
WHERE story.id = beside.article_id AND beside.id > %s AND beside.id <= %s
    AND beside.published_at IS DISTINCT FROM story.published_at
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table in ("articles_byline", "articles_article_topics"):
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608
            for start in range(0, cursor.fetchone()[0], AT_ONCE):
                cursor.execute(FILL.format(table=table), [start, start + AT_ONCE])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("articles", "0022_times_in_lists")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently(
            "article",
            models.Index(
                F("featured_place"), F("published_at").desc(), F("id").desc(), name="article_featured",
                condition=Q(status="published", featured_place__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "article", models.Index(F("modified_at").desc(), F("id").desc(), name="article_modified")
        ),
        AddIndexConcurrently(
            "article", models.Index(F("status"), F("modified_at").desc(), F("id").desc(), name="article_status")
        ),
        AddIndexConcurrently("article", models.Index(F("published_at").desc(), F("id").desc(), name="article_time")),
        AddIndexConcurrently(
            "article", GinIndex(F("search_document"), name="article_search_unseen", condition=~Q(status="published"))
        ),
        AddIndexConcurrently(
            "byline",
            models.Index(F("author"), F("published_at").desc(), F("article").desc(), name="byline_newest"),
        ),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS filing_newest"
            " ON articles_article_topics (topic_id, published_at DESC, article_id DESC);",
            "DROP INDEX CONCURRENTLY filing_newest;",
        ),
    ]  # fmt: skip
