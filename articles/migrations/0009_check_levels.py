from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0008_working_drafts")]

    operations = [
        migrations.AddField(
            model_name="newsroomsettings",
            name="check_levels",
            field=models.JSONField(blank=True, default=dict, verbose_name="checks before publishing"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=models.Q(("embargo_until__isnull", False)),
                fields=["embargo_until"],
                name="article_embargo",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                models.OrderBy(models.F("modified_at"), descending=True),
                condition=models.Q(("status__in", ["draft", "in_review", "returned"])),
                name="article_under_way",
            ),
        ),
    ]
