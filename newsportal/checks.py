"""What would leave readers without an answer, found when the database is made ready: by `migrate` at each start."""

from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.db import connections

EACH = 6  # connections of a worker: four threads, the counter, the generation of pages
OTHERS = 5  # commands, backups and people


@register(Tags.database)
def check_connections(app_configs, databases=None, **kwargs):
    found = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
            )
            [most] = cursor.fetchone()
        needed = settings.WEB_WORKERS * EACH + OTHERS
        if needed > most:
            found.append(
                Warning(
                    f"PostgreSQL takes {most} connections; {settings.WEB_WORKERS} workers may need {needed}.",
                    hint="Raise max_connections, or lower WEB_WORKERS.",
                    id="newsportal.W001",
                )
            )
    return found
