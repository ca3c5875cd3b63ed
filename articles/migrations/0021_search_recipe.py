from django.db import migrations, models

# Planners guess what lexemes cost worse than one rule for all; and counting them makes each ANALYZE minutes long.
UNCOUNTED = "ALTER TABLE articles_article ALTER search_document SET STATISTICS {};"


class Migration(migrations.Migration):
    dependencies = [("articles", "0020_english_pages")]

    operations = [
        migrations.AddField(
            "article", "search_recipe", models.PositiveSmallIntegerField(default=1, editable=False)
        ),
        migrations.RunSQL(UNCOUNTED.format(0), UNCOUNTED.format(-1)),
    ]
