from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0011_shared_links")]

    operations = [
        migrations.CreateModel(
            name="Authorship",
            fields=[],
            options={
                "verbose_name": "who wrote what",
                "verbose_name_plural": "who wrote what",
                "proxy": True,
                "default_permissions": ["view"],
                "indexes": [],
                "constraints": [],
            },
            bases=("articles.byline",),
        ),
        migrations.AddField(
            model_name="article",
            name="words",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="words"),
        ),
        migrations.CreateModel(
            name="RoyaltyRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "genre",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("news", "News item"),
                            ("article", "Article"),
                            ("photo_story", "Photo story"),
                            ("interview", "Interview"),
                            ("translation", "Translation"),
                            ("reprint", "Reprint"),
                        ],
                        help_text="Leave empty for every genre that has no rate of its own for this role.",
                        max_length=12,
                        verbose_name="genre",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("name_only", "Name only"),
                            ("text", "Text"),
                            ("photo", "Photo"),
                            ("text_and_photo", "Text and photo"),
                            ("according_to", "According to"),
                            ("compiled", "Compiled by"),
                            ("translated", "Translated by"),
                        ],
                        max_length=16,
                        verbose_name="role",
                    ),
                ),
                ("per_story", models.PositiveIntegerField(default=0, verbose_name="for the story, in đồng")),
                (
                    "per_photo",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="For the roles that stand for photos: name only, photo, text and photo.",
                        verbose_name="for each photo, in đồng",
                    ),
                ),
            ],
            options={
                "verbose_name": "royalty rate",
                "verbose_name_plural": "royalty rates",
                "ordering": ["genre", "role"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("genre", "role"),
                        name="royalty_rate_once",
                        violation_error_message="There is a rate for this genre and role already; change that.",
                    )
                ],
            },
        ),
    ]
