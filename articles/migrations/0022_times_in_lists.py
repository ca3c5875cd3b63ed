"""Topics and authors have lists by time: each row beside a story gets the story's time, and an index can follow it.

Triggers keep it, whoever writes. FOR SHARE waits for somebody who is just changing that time. Adding the columns
changes no row; those that are there get theirs in the next migration.
"""

from django.db import migrations, models

ROWS = ("articles_byline", "articles_article_topics")
FUNCTIONS = """
CREATE FUNCTION articles_take_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT published_at INTO NEW.published_at FROM articles_article WHERE id = NEW.article_id FOR SHARE;
    RETURN NEW;
END $$;
CREATE FUNCTION articles_hand_on_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE articles_byline SET published_at = NEW.published_at WHERE article_id = NEW.id;
    UPDATE articles_article_topics SET published_at = NEW.published_at WHERE article_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER hand_on_time AFTER UPDATE OF published_at ON articles_article
    FOR EACH ROW WHEN (OLD.published_at IS DISTINCT FROM NEW.published_at)
    EXECUTE FUNCTION articles_hand_on_time();
"""
TAKE = """
CREATE TRIGGER take_time BEFORE INSERT OR UPDATE OF article_id ON {table}
    FOR EACH ROW EXECUTE FUNCTION articles_take_time();
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0021_search_recipe")]

    operations = [
        migrations.AddField("byline", "published_at", models.DateTimeField(editable=False, null=True)),
        migrations.CreateModel(
            name="Filing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("published_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "articles_article_topics", "managed": False},
        ),
        migrations.RunSQL(
            "ALTER TABLE articles_article_topics ADD COLUMN published_at timestamptz;",
            "ALTER TABLE articles_article_topics DROP COLUMN published_at;",
        ),
        migrations.RunSQL(
            FUNCTIONS + "".join(TAKE.format(table=table) for table in ROWS),
            "".join(f"DROP TRIGGER take_time ON {table};" for table in ROWS)
            + "DROP TRIGGER hand_on_time ON articles_article;"
            "DROP FUNCTION articles_hand_on_time; DROP FUNCTION articles_take_time;",
        ),
    ]
