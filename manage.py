#!/usr/bin/env python
"""Runs one management command, with the embedded database up while it works."""

import os
import signal
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

# These ask the database nothing, so none is started for them.
WITHOUT_DATABASE = {
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "status",  # tells of a database that is away instead of starting one
    "take_down",  # for when it is away
    "version",
}
UNDER_NOHUP = (signal.SIGHUP, signal.SIG_IGN)
stopped = []


def main():
    # A terminal that knows no Vietnamese letters shows question marks instead of ending the command.
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.reconfigure(errors="replace")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")
    # A database host that never answers is told after seconds, not after the system's minutes.
    os.environ.setdefault("PGCONNECT_TIMEOUT", "10")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if (number, signal.getsignal(number)) != UNDER_NOHUP:
            signal.signal(number, stop)

    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in WITHOUT_DATABASE or {"--help", "-h", "--version"}.intersection(sys.argv):
        execute_from_command_line(sys.argv)
        return
    check_database_url()
    with database():
        execute_from_command_line(sys.argv)


def stop(number, frame):
    """Any end, a closing terminal too, unwinds the command and so stops the database."""
    # Noted as well: an exception that falls into the import of psycopg2 is lost.
    stopped.append(number)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def check_database_url():
    """Ends with one line where an address is no PostgreSQL address. It may hold a password, so it is not shown."""
    for name in ("DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_REPLICA_URL"):
        url = os.environ.get(name, "").strip()
        try:
            parts = urlsplit(url)
            valid = (
                parts.scheme in ("postgres", "postgresql") and (parts.port or True) and len(parts.path) > 1
            )
        except ValueError:
            valid = False
        if url and not valid:
            sys.exit(f"{name} không đúng dạng / is malformed: postgres://USER:PASSWORD@HOST:PORT/DATABASE")


@contextmanager
def database():
    """The embedded server, or the one in DATABASE_URL; either must answer before the command starts."""
    import django
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error, connection
    from django.utils.translation import gettext as _

    from newsportal import embedded

    try:
        server = embedded.running_for(settings)
    except (ImproperlyConfigured, ValueError, OSError) as error:
        sys.exit(f"Cấu hình sai / wrong settings: {error}")
    django.setup()
    if stopped:
        sys.exit(128 + stopped[0])
    try:
        with server:
            if embedded.is_used_by(settings):
                # For dbshell, where the system has no psql of its own.
                os.environ["PATH"] = os.pathsep.join(
                    [os.environ.get("PATH", os.defpath), str(embedded.programs())]
                )
            try:
                connection.ensure_connection()
            except (Error, ImproperlyConfigured) as error:
                reason = " ".join(str(error).split())
                sys.exit(_("The database in DATABASE_URL cannot be used: %s") % reason)
            yield
    except embedded.EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
