"""`manage.py serve` and the messages of manage.py, each in a process of its own as an operator runs it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from newsportal import embedded
from tests.processes import ends

pytestmark = pytest.mark.xdist_group("serve")  # of one site made once
PASSWORD = re.compile(r"\b[a-z2-9]{4}(-[a-z2-9]{4}){3}\b")
# A site that is not empty, and whose static files are collected, so that neither the demo news nor those
# take the time of each of these tests.
FIRST_SECTION = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from articles.models import Section
Section.objects.create(name="Tin tức", slug="tin-tuc")
from newsportal.management.commands.serve import Command
Command().collect_static_files()
"""


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def data_dir():
    """Not in pytest's own folder, for the reason given in test_embedded.py."""
    with TemporaryDirectory(prefix="newsportal-test-") as folder:
        yield Path(folder, "dữ liệu")


@pytest.fixture(scope="module")
def site():
    """The data of a site with its tables, made once and copied by each test that needs one."""
    with TemporaryDirectory(prefix="newsportal-test-") as folder:
        made = Path(folder, "site")
        prepared = manage("shell", "-v0", "-c", FIRST_SECTION, DATA_DIR=made)
        assert prepared.returncode == 0, prepared.stderr
        yield made


@pytest.fixture
def site_dir(site, data_dir):
    subprocess.run(["cp", "-a", site, data_dir], check=True)
    return data_dir


def command(*arguments, **environment):
    environment = {"DATABASE_URL": "", "ADMIN_PASSWORD": "", "WEB_WORKERS": 1, **environment}
    return {
        "args": [sys.executable, "manage.py", *arguments],
        "cwd": settings.BASE_DIR,
        "env": os.environ | {name: str(value) for name, value in environment.items()},
        "text": True,
    }


def manage(*arguments, **environment):
    return subprocess.run(**command(*arguments, **environment), capture_output=True, timeout=180)


@contextmanager
def serving(*wrapper, **environment):
    """The process and what it has printed by the time the site answers; Ctrl-C at the end."""
    options = command("serve", **environment)
    process = subprocess.Popen(
        **options | {"args": [*wrapper, *options["args"]]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process:
        printed = ""
        while "/admin/" not in printed:
            line = process.stdout.readline()
            assert line, f"serve ended early:\n{printed}"
            printed += line
        try:
            yield process, printed
        except BaseException:
            process.terminate()
            raise
        if process.poll() is None:
            # As a terminal does it: to every process of the group.
            os.killpg(process.pid, signal.SIGINT)
            process.stdout.read()
            assert process.wait(timeout=60) == 0


def status(port, path):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    client.request("GET", path)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer.status


def test_serve_prepares_once_and_leaves_nothing_running(site_dir, port):
    environment = {"DATA_DIR": site_dir, "PORT": port, "ADMIN_USERNAME": "quantri"}
    with serving(**environment) as (process, printed):
        assert f"http://127.0.0.1:{port}/\n" in printed
        assert f"http://127.0.0.1:{port}/admin/\n" in printed
        assert "quantri" in printed
        assert "SECOND_FACTOR=1" in printed
        assert PASSWORD.search(printed)
        assert status(port, "/admin/login/") == 200
    assert is_stopped(site_dir, port)

    with serving(**environment) as (process, printed):
        assert not PASSWORD.search(printed)
        assert status(port, "/admin/login/") == 200
        process.kill()
        process.wait(timeout=60)
        # gunicorn ends by itself; the database waits for the next command, which stops it.
        wait_until(lambda: not answers(port))
        assert manage("migrate", "-v0", **environment).returncode == 0
        assert is_stopped(site_dir, port)


def test_database_that_dies_is_started_again(site_dir, port):
    environment = {"DATA_DIR": site_dir, "PORT": port}
    with serving(**environment) as (process, printed):
        os.kill(server_pid(site_dir), signal.SIGKILL)

        assert any("PostgreSQL" in line for line in process.stdout)
        assert status(port, "/tin-tuc/") == 200
    assert is_stopped(site_dir, port)


def test_database_that_cannot_be_started_again_ends_the_site_with_one_line(site_dir, port):
    environment = {"DATA_DIR": site_dir, "PORT": port}
    with serving(**environment) as (process, printed):
        (site_dir / "postgres/cluster/postgresql.auto.conf").write_text("shared_buffers = nonsense\n")
        os.kill(server_pid(site_dir), signal.SIGKILL)
        last_words = process.stdout.read()

        assert process.wait(timeout=60) == 1
        assert "postgresql.auto.conf" in last_words
        assert "Traceback" not in last_words
    assert is_stopped(site_dir, port)


def test_removed_data_ends_the_site_and_its_database_with_one_line(site_dir, port):
    environment = {"DATA_DIR": site_dir, "PORT": port}
    with serving(**environment) as (process, printed):
        database = server_pid(site_dir)
        site_dir.rename(site_dir.with_name("removed"))
        last_words = process.stdout.read()

        assert process.wait(timeout=60) == 1
        assert str(site_dir / "postgres/cluster") in last_words
        assert "Traceback" not in last_words
    assert is_stopped(site_dir, port)
    assert ends(database)


# A terminal whose first process waits for its command and passes no signal on, as make does.
TERMINAL = """
import pty, sys
pty.spawn(["sh", "-c", 'trap : HUP; "$@"; :', "sh", *sys.argv[1:]])
"""


def test_closing_terminal_stops_the_site(site_dir, port):
    environment = {"DATA_DIR": site_dir, "PORT": port}
    with serving(sys.executable, "-c", TERMINAL, **environment) as (terminal, printed):
        terminal.kill()
        terminal.wait(timeout=60)

        wait_until(lambda: is_stopped(site_dir, port))


def server_pid(data_dir):
    return int((data_dir / "postgres/cluster/postmaster.pid").read_text().split()[0])


def test_wrong_name_of_the_administrator_is_told_in_one_line(site_dir, port):
    environment = {"DATA_DIR": site_dir, "PORT": port}
    with embedded.running(site_dir):
        for name, reason in ("quản trị", "các ký tự"), ("q" * 151, "150"):
            refused = manage("serve", ADMIN_USERNAME=name, **environment)

            assert refused.returncode == 1
            assert refused.stderr.count("\n") == 1
            assert "ADMIN_USERNAME" in refused.stderr
            assert reason in refused.stderr


def answers(port):
    try:
        return bool(status(port, "/admin/login/"))
    except (OSError, http.client.HTTPException):
        return False


def is_stopped(data_dir, port):
    return not answers(port) and not Path(embedded.database(data_dir)["HOST"]).exists()


def wait_until(happened):
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_taken_port_is_named(data_dir):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        refused = manage("serve", DATA_DIR=data_dir, PORT=port)

    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert str(port) in refused.stderr
    assert f"make run PORT={port + 1}" in refused.stderr


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://u:secret@127.0.0.1/news", "postgres://"),
        ("postgres://u:secret@127.0.0.1:port/news", "postgres://"),
        ("postgres://u:secret@127.0.0.1:5432", "postgres://"),
        ("nonsense", "postgres://"),
        ("postgres://u:secret@127.0.0.1:1/news", "port 1"),
        ("postgres://u:secret@no-such-host.invalid/news", "no-such-host.invalid"),
        ("postgres://u:secret@127.0.0.1/news?nosuch=1", "nosuch"),
    ],
)
def test_wrong_database_url_is_told_in_one_line(url, reason):
    refused = manage("migrate", DATABASE_URL=url)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert reason in refused.stderr
    assert "secret" not in refused.stderr


def test_missing_database_is_told_in_one_line(django_db_setup):
    address = connection.settings_dict
    url = f"postgres://{address['USER']}:{quote(address['PASSWORD'] or '')}@/nosuch?host={address['HOST']}"

    refused = manage("migrate", DATABASE_URL=f"{url}&port={address['PORT'] or 5432}")

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "nosuch" in refused.stderr


@pytest.mark.parametrize(
    ("variable", "value"), [("PORT", "eight"), ("WEB_WORKERS", "0"), ("PHOTO_MAX_BYTES", "20 MB")]
)
def test_wrong_setting_is_told_in_one_line(data_dir, variable, value):
    refused = manage("migrate", DATA_DIR=data_dir, **{variable: value})

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert variable in refused.stderr
    assert f"“{value}”" in refused.stderr


@pytest.mark.parametrize("empty", ["", " "])
def test_empty_variable_means_the_default(empty):
    names = ["DATA_DIR", "HOST", "PORT", "ADMIN_USERNAME", "WEB_WORKERS", "DATABASE_URL", "SITE_URL"]

    shown = manage("diffsettings", "--all", **dict.fromkeys(names, empty)).stdout

    assert f"DATA_DIR = {settings.BASE_DIR / 'var'!r}" in shown
    for line in "HOST = '127.0.0.1'", "PORT = 8000", "ADMIN_USERNAME = 'admin'", "WEB_WORKERS = 2":
        assert line in shown
    assert "SITE_URL = 'http://127.0.0.1:8000'" in shown
    assert "'HOST': '/tmp/newsportal-" in shown


def test_terminal_without_vietnamese_letters_is_no_obstacle(data_dir):
    asked = manage("load_demo", "--reset", DATA_DIR=data_dir, PYTHONIOENCODING="ascii")

    assert "Traceback" not in asked.stderr
    assert "? ti?p t?c" in asked.stdout


def test_dbshell_needs_no_psql_of_the_system(data_dir, tmp_path):
    asked = manage("dbshell", "--", "-Atc", "SELECT 6 * 7", DATA_DIR=data_dir, PATH=tmp_path)

    assert asked.stdout == "42\n", asked.stderr


def test_help_starts_no_database(data_dir):
    for arguments in ["help"], ["migrate", "--help"], ["version"]:
        assert manage(*arguments, DATA_DIR=data_dir).returncode == 0

    assert not (data_dir / "postgres").exists()
