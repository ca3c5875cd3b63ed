"""Publishers and administrators see who wrote what; administrators keep the rates."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

RATES = [f"{action}_royaltyrate" for action in ("view", "add", "change", "delete")]
RIGHTS = {"Xuất bản": ["view_authorship"], "Quản trị": ["view_authorship", *RATES]}


def give_rights(apps, schema_editor):
    # On a new database the permissions are made only after all migrations.
    config = apps.get_app_config("articles")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in RIGHTS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(
            *Permission.objects.filter(content_type__app_label="articles", codename__in=codenames)
        )


class Migration(migrations.Migration):
    dependencies = [("newsportal", "0004_newsroom_roles"), ("articles", "0012_who_wrote_what")]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
