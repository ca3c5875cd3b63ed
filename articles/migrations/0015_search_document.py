"""What the search reads. `manage.py rebuild_search`, which `make run` calls too, fills it in batches."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0014_notices_of_answers")]

    operations = [
        migrations.AddField("article", "search_document", SearchVectorField(editable=False, null=True)),
        migrations.AddIndex(
            "article",
            GinIndex(
                models.F("search_document"),
                name="article_search",
                condition=models.Q(("status", "published")),
            ),
        ),
    ]
