"""Who publishes becomes a group of its own; "Biên tập" edits, returns and submits.

Whoever could publish before still can: the members of "Biên tập" are put into "Xuất bản" as well.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

EDITORS, PUBLISHERS, ADMINISTRATORS = "Biên tập", "Xuất bản", "Quản trị"
FOR_ADMINISTRATORS = [
    "articles.view_article", "articles.view_historyentry",
    "articles.view_section", "articles.add_section", "articles.change_section", "articles.delete_section",
    "articles.view_newsroomsettings", "articles.change_newsroomsettings",
    "newsportal.view_siteidentity", "newsportal.add_siteidentity", "newsportal.change_siteidentity",
    "newsportal.view_linkgroup", "newsportal.add_linkgroup", "newsportal.change_linkgroup", "newsportal.delete_linkgroup",
    "newsportal.view_websitelink", "newsportal.add_websitelink", "newsportal.change_websitelink", "newsportal.delete_websitelink",
    "flatpages.view_flatpage", "flatpages.add_flatpage", "flatpages.change_flatpage", "flatpages.delete_flatpage",
    "auth.view_user", "auth.add_user", "auth.change_user", "visitors.view_day",
]  # fmt: skip


def make_roles(apps, schema_editor):
    # On a new database the permissions are made only after all migrations.
    for label in ("articles", "newsportal", "flatpages", "auth", "visitors"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")

    def named(label):
        app, codename = label.split(".")
        return Permission.objects.get(content_type__app_label=app, codename=codename)

    editors, _created = Group.objects.get_or_create(name=EDITORS)
    publishers, _created = Group.objects.get_or_create(name=PUBLISHERS)
    editors.permissions.add(named("articles.review_article"), named("articles.view_historyentry"))
    publishers.permissions.add(*editors.permissions.all(), named("articles.publish_article"))
    publishers.user_set.add(*editors.user_set.all())
    editors.permissions.remove(named("articles.publish_article"))
    administrators, _created = Group.objects.get_or_create(name=ADMINISTRATORS)
    administrators.permissions.add(*map(named, FOR_ADMINISTRATORS))


class Migration(migrations.Migration):
    dependencies = [
        ("newsportal", "0003_statistics_rights"),
        ("articles", "0006_newsroom_work"),
        ("flatpages", "0001_initial"),
        ("visitors", "0001_initial"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
