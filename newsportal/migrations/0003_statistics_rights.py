"""Rights to the new figures: who reads statistics also writes notes on days; editors read both."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

READER = ["view_importedtotal", "view_gap", "view_note", "add_note", "change_note", "delete_note"]
RIGHTS = {"Xem thống kê": READER, "Biên tập": ["view_note", "view_gap"]}


def give_rights(apps, schema_editor):
    # On a new database the permissions are made only after all migrations.
    config = apps.get_app_config("visitors")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    permissions = Permission.objects.filter(content_type__app_label="visitors")
    permissions.filter(codename__endswith="_startvalue").delete()  # of the model's former name
    for name, codenames in RIGHTS.items():
        for group in Group.objects.filter(name=name):
            group.permissions.add(*permissions.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("newsportal", "0002_newsroom_groups"),
        ("visitors", "0003_total_never_falls"),
    ]

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
