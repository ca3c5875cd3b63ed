"""The kinds of people in a small newsroom. Administrators are superusers."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

EVERY_WRITER = [
    "articles.view_article", "articles.add_article", "articles.change_article", "articles.delete_article",
    "articles.view_section", "articles.view_author", "articles.add_author",
    "articles.view_topic", "articles.view_photo", "articles.add_photo", "articles.change_photo",
    "articles.view_byline", "articles.add_byline", "articles.change_byline", "articles.delete_byline",
    "articles.view_attachment", "articles.add_attachment", "articles.change_attachment", "articles.delete_attachment",
    "articles.view_relatedlink", "articles.add_relatedlink", "articles.change_relatedlink", "articles.delete_relatedlink",
]  # fmt: skip
GROUPS = {
    "Người viết": EVERY_WRITER,
    "Biên tập": [
        *EVERY_WRITER, "articles.publish_article", "articles.change_author", "articles.add_topic", "articles.change_topic",
        "articles.delete_photo", "visitors.view_day",
    ],
    "Xem thống kê": ["visitors.view_day", "visitors.view_startvalue"],
}  # fmt: skip


def make_groups(apps, schema_editor):
    # On a new database the permissions are made only after all migrations.
    for label in ("articles", "visitors"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, labels in GROUPS.items():
        group, _created = Group.objects.get_or_create(name=name)
        for label in labels:
            app, codename = label.split(".")
            group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("newsportal", "0001_initial"),
        ("articles", "0001_initial"),
        ("visitors", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
