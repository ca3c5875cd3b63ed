from django.db import migrations

# Who shows which photo, read out of the bodies once; from now on Article.save() keeps it.
NOTE = """
INSERT INTO articles_article_photos (article_id, photo_id)
SELECT DISTINCT uses.article_id, uses.photo_id
FROM (
    SELECT article.id AS article_id, marks[1]::bigint AS photo_id
    FROM articles_article AS article, regexp_matches(article.body, 'data-photo="([1-9][0-9]{0,15})"', 'g') AS marks
    UNION
    SELECT id, lead_photo_id FROM articles_article WHERE lead_photo_id IS NOT NULL
) AS uses
JOIN articles_photo ON articles_photo.id = uses.photo_id
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0003_photo_library")]
    operations = [migrations.RunSQL(NOTE, migrations.RunSQL.noop)]
