"""The database as a dump and back, by PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.utils.translation import gettext as _

from newsportal import embedded

from .folder import BackupError, Making

DUMP = "database.dump"
# Sessions would let whoever finds a backup in; allauth's list of them has their keys, too. Keys of readers and the
# salts behind them are promised to be gone after two days (docs/visits.md), and backups are kept for months.
LEFT_OUT = ["cache", "django_session", "usersessions_usersession", "visitors_salt", "visitors_visitor"]
LOCK_TIMEOUT = "10s"
ROWS = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind = 'r' ORDER BY relname
"""


def server_version() -> int:
    """The server's major version."""
    connection.ensure_connection()
    return connection.pg_version // 10_000


def programs(needed: int) -> tuple[Path, int]:
    """The folder of pg_dump and the like, and their version: the needed one, or the next newer that is here."""
    found = {int(embedded.MAJOR): embedded.programs()}
    for path in Path("/usr/lib/postgresql").glob("*/bin/pg_dump"):
        if path.parent.parent.name.isdecimal():
            found[int(path.parent.parent.name)] = path.parent
    fitting = [version for version in found if version >= needed]
    if not fitting:
        raise BackupError(_("Programs of PostgreSQL %s are needed: postgresql-client.") % needed)
    return found[min(fitting)], min(fitting)


def dump(making: Making) -> dict:
    """Writes the dump; returns its facts, as of the very same moment."""
    folder, version = programs(server_version())
    arguments, environment = _access()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        command = [
            *(folder / "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--schema=public"),
            *(f"--snapshot={snapshot}", *(f"--exclude-table-data={name}" for name in LEFT_OUT), *arguments),
        ]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            making.write(process.stdout, DUMP)
            complaint = process.stderr.read().decode(errors="replace")
        if process.returncode:
            raise BackupError(_("The database was not dumped: %s") % complaint.strip())
        return {
            "postgresql": version,
            "rows": _rows(cursor),
            "migrations": migrations(cursor),
        }


def size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


def has_news() -> bool:
    with connection.cursor() as cursor:
        if "articles_article" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM articles_article)")
        return cursor.fetchone()[0]


def load(dump: Path, manifest: dict) -> None:
    """Puts the dump in the place of all that the database holds: at once, or not at all."""
    folder, _version = programs(max(server_version(), manifest["postgresql"]))
    arguments, environment = _access()
    reading = [folder / "pg_restore", "--no-owner", "--no-privileges", "--file=-", dump]
    writing = [
        *(folder / "psql", "--no-psqlrc", "--quiet", "--output=/dev/null", "--single-transaction"),
        *("--set=ON_ERROR_STOP=1", *arguments),
    ]
    connection.close()
    with (
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as reader,
        subprocess.Popen(writing, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as writer,
    ):
        try:
            # A site that runs lets go of a table between two requests; one that hangs does not stop this for ever.
            writer.stdin.write(f"SET lock_timeout = '{LOCK_TIMEOUT}';\n".encode())
            writer.stdin.write(b"DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
            for line in reader.stdout:
                # The first is of newer programs; a server before PostgreSQL 17 does not know it.
                if not line.startswith((b"SET transaction_timeout", b"CREATE SCHEMA public;")):
                    writer.stdin.write(line)
        except BrokenPipeError:
            reader.kill()
        else:
            if reader.wait():
                writer.kill()  # nothing is committed
        finally:
            try:
                writer.stdin.close()
            except BrokenPipeError:
                pass
        complaints = (writer.stderr.read() + reader.stderr.read()).decode(errors="replace").strip()
    if reader.returncode or writer.returncode:
        raise BackupError(
            _("The database was not restored and is as it was: %s") % " ".join(complaints.split())
        )


def compare_rows(manifest: dict) -> None:
    with connection.cursor() as cursor:
        found = _rows(cursor)
    different = sorted(
        name
        for name, count in manifest["rows"].items()
        if name not in LEFT_OUT and found.get(name) != count  # earlier releases left fewer out
    )
    if different:
        raise BackupError(
            _("These tables hold other rows than when the backup was made: %s") % ", ".join(different)
        )


def migrations(cursor) -> list[str]:
    cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]


def _rows(cursor) -> dict[str, int]:
    cursor.execute(ROWS)
    names = [name for (name,) in cursor.fetchall() if name not in LEFT_OUT]
    rows = {}
    for name in names:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608 - from the catalogue
        rows[name] = cursor.fetchone()[0]
    return rows


def _access() -> tuple[list[str], dict[str, str]]:
    """How the programs reach the database; the password goes by the environment, which only its user can read."""
    command, variables = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return command[1:], os.environ | (variables or {}) | {"LC_ALL": "C.UTF-8"}
