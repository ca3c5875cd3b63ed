"""The embedded PostgreSQL, with real servers in folders of their own."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest

from newsportal import embedded
from tests.processes import ends

SERVER_USER = """
import signal, sys, time
from pathlib import Path
import django
from newsportal import embedded
django.setup()
# A shell that starts the tests in the background has them ignore Ctrl-C, and so their children.
signal.signal(signal.SIGINT, signal.default_int_handler)
with embedded.running(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def data_dir():
    """A folder whose sockets would not fit below it, with a space and Vietnamese letters in its path.

    Not in pytest's own: each pytest that starts closes that one to all but its owner, and where root
    runs the tests the server is somebody else.
    """
    with TemporaryDirectory(prefix="newsportal-test-") as folder:
        yield Path(folder, "Cổng thông tin điện tử", ("đường dẫn dài " * 10).strip())


@pytest.fixture
def other_process(data_dir):
    """Another process that uses the server; killed at the end of the test, if it still lives."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER_USER, str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


def ask(data_dir, question):
    address = embedded.database(data_dir)
    with closing(
        psycopg2.connect(
            dbname=address["NAME"], user=address["USER"], host=address["HOST"], port=address["PORT"]
        )
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone() if cursor.description else None


def server_pid(data_dir):
    return int((data_dir / "postgres/cluster/postmaster.pid").read_text().split()[0])


def is_stopped(data_dir):
    try:
        ask(data_dir, "SELECT 1")
    except psycopg2.OperationalError:
        return True
    return False


def test_address_is_known_before_anything_exists(data_dir):
    address = embedded.database(data_dir)

    assert len(address["HOST"] + "/.s.PGSQL.5432") < 108
    assert not data_dir.exists()


def test_server_runs_below_a_long_path_with_spaces_and_marks(data_dir):
    with embedded.running(data_dir):
        folded = ask(data_dir, "SELECT lower('ĐẠI HỘI'), to_tsvector('simple', 'Uỷ ban')::text")
        rights = ask(data_dir, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")

    assert len(str(data_dir)) > 150
    assert folded == ("đại hội", "'ban':2 'uỷ':1")
    assert rights == (False,)
    assert is_stopped(data_dir)
    assert not os.path.exists(embedded.database(data_dir)["HOST"])


def test_last_user_stops_the_server(data_dir, other_process):
    with embedded.running(data_dir):
        other_process.send_signal(signal.SIGINT)
        other_process.wait(timeout=60)
        assert ask(data_dir, "SELECT 1") == (1,)

    assert is_stopped(data_dir)


def test_server_that_outlived_its_user_is_taken_over(data_dir, other_process):
    survivor = server_pid(data_dir)
    other_process.kill()
    other_process.wait(timeout=60)

    with embedded.running(data_dir):
        assert server_pid(data_dir) == survivor

    assert is_stopped(data_dir)


def test_start_recovers_after_a_kill_of_everything(data_dir, other_process):
    ask(data_dir, "CREATE TABLE kept AS SELECT 1 AS number")
    other_process.kill()
    os.kill(server_pid(data_dir), signal.SIGKILL)
    # The number in the pid file now belongs to a process that has nothing to do with the server.
    pid_file = data_dir / "postgres/cluster/postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(server_pid(data_dir)), str(os.getpid()), 1))

    with embedded.running(data_dir):
        assert ask(data_dir, "SELECT number FROM kept") == (1,)


def test_start_recovers_after_the_data_was_deleted_under_the_server(data_dir, other_process):
    orphan = server_pid(data_dir)
    other_process.kill()
    other_process.wait(timeout=60)
    while data_dir.exists():  # the server goes on writing, perhaps into a folder just emptied
        shutil.rmtree(data_dir, ignore_errors=True)

    with embedded.running(data_dir):
        assert server_pid(data_dir) != orphan
        assert ask(data_dir, "SELECT 1") == (1,)


@pytest.mark.parametrize("is_taken_over", [False, True])
def test_stop_after_the_data_was_deleted_stops_the_server(data_dir, request, is_taken_over):
    if is_taken_over:
        other_process = request.getfixturevalue("other_process")
        other_process.kill()
        other_process.wait(timeout=60)

    with embedded.running(data_dir):
        server = server_pid(data_dir)
        while data_dir.exists():
            shutil.rmtree(data_dir, ignore_errors=True)

    assert ends(server)
    assert not os.path.exists(embedded.database(data_dir)["HOST"])


def test_half_made_cluster_is_made_again(data_dir):
    left = data_dir / "postgres/cluster.new"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("18\n")

    with embedded.running(data_dir):
        assert ask(data_dir, "SELECT 1") == (1,)


@pytest.mark.parametrize("make", ["open", "link", "foreign"])
def test_unsafe_socket_folder_is_refused(data_dir, tmp_path, make):
    folder = embedded.database(data_dir)["HOST"]
    if make == "open":
        os.mkdir(folder)
        os.chmod(folder, 0o755)
    elif make == "link":
        os.symlink(tmp_path, folder)
    elif os.geteuid() == 0:
        os.mkdir(folder, mode=0o700)
        os.chown(folder, 65000, 65000)
    else:
        pytest.skip("only root can make a folder of somebody else")

    try:
        with pytest.raises(embedded.EmbeddedError, match=folder), embedded.running(data_dir):
            pass
    finally:
        os.unlink(folder) if make == "link" else os.rmdir(folder)


def test_failed_start_names_its_reason_and_log(data_dir):
    with embedded.running(data_dir):
        pass
    cluster = data_dir / "postgres/cluster"
    (cluster / "postgresql.auto.conf").write_text("shared_buffers = nonsense\n")

    complaint = pytest.raises(embedded.EmbeddedError, match=r"postgresql\.auto\.conf.*server\.log")
    with complaint, embedded.running(data_dir):
        pass
