import django.db.models.functions.datetime
from django.db import migrations, models

# Called by the triggers of newsportal's migration 0006. Rows are only added, so that nobody's transaction waits for
# another's, and a change is to be seen with its own commit. A statement notes one change, however many rows it
# touches. Of a row beside a story the trigger names the column with the story; only published ones matter.
FUNCTION = """
CREATE FUNCTION articles_page_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb;
BEGIN
    IF current_setting('articles.page_change', true) = statement_timestamp()::text THEN
        RETURN NULL;
    END IF;
    IF TG_NARGS > 0 THEN
        changed := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
        IF TG_ARGV[0] = 'photo' THEN
            PERFORM FROM articles_article_photos AS shown
                JOIN articles_article AS story ON story.id = shown.article_id
                WHERE shown.photo_id = (changed ->> 'id')::bigint AND story.status = 'published' LIMIT 1;
        ELSE
            PERFORM FROM articles_article
                WHERE id = (changed ->> TG_ARGV[0])::bigint AND status = 'published';
        END IF;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    DELETE FROM articles_pagechange WHERE id IN (
        SELECT id FROM articles_pagechange WHERE made_at < statement_timestamp() - interval '1 hour'
        FOR UPDATE SKIP LOCKED
    );
    INSERT INTO articles_pagechange (mark) VALUES ((random() * 9e18)::bigint);
    PERFORM set_config('articles.page_change', statement_timestamp()::text, true);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0018_similar_stories")]

    operations = [
        migrations.CreateModel(
            name="PageChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.BigIntegerField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "page change",
                "verbose_name_plural": "page changes",
                "default_permissions": [],
            },
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False)),
                fields=["expires_at"],
                name="article_expiry",
            ),
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION articles_page_change();"),
    ]
