"""Empty tables after a test that commits, as Django's flush leaves them.

Flush truncates a hundred tables, most of them empty, and makes content types and permissions anew.
"""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sites.models import Site
from django.db import connection
from django.test import TransactionTestCase

flush = TransactionTestCase._fixture_teardown
# What flush makes anew. Nothing in these leads to other tables.
MADE_ANEW = [ContentType, Permission, Group, Group.permissions.through, Site]
FILLED = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s) AND pg_relation_size(oid) > 0"
)
after_flush = None


def made_anew() -> list[set]:
    return [set(model.objects.values_list()) for model in MADE_ANEW]


def empty_tables(test_case):
    """In place of TransactionTestCase._fixture_teardown."""
    global after_flush
    if after_flush is None or made_anew() != after_flush:
        flush(test_case)
        after_flush = made_anew()
        return
    tables = set(connection.introspection.django_table_names()) - {each._meta.db_table for each in MADE_ANEW}
    with connection.cursor() as cursor:
        cursor.execute(FILLED, [list(tables)])
        if filled := [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]:
            cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
