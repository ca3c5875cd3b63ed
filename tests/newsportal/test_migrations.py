"""New migrations let the release before go on with the new tables, and hold no lock that readers wait behind."""

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

# The last ones before sites were upgraded while readers read.
BEFORE = {"articles": 23, "newsportal": 9, "visitors": 3}

pytestmark = pytest.mark.django_db


def faults(app, name):
    """What the linter has against a migration; it prints the reasons."""
    linter = MigrationLinter(str(settings.BASE_DIR), no_cache=True)
    linter.lint_migration(linter.migration_loader.disk_migrations[app, name])
    return linter.nb_erroneous


@pytest.mark.fault(13)
def test_new_migrations_suit_the_release_before():
    new = [
        (app, name)
        for app, name in sorted(MigrationLoader(None).disk_migrations)
        if app in BEFORE and int(name[:4]) > BEFORE[app]
    ]

    assert [migration for migration in new if faults(*migration)] == []


def test_linter_sees_a_column_that_the_release_before_still_reads():
    assert faults("visitors", "0002_spool_and_sums")
