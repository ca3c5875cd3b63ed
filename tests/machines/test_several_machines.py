"""Two machines, a PostgreSQL with a streaming replica, and PgBouncer before it: the short form of `make machines`."""

import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.browser.conftest import refusals_in
from tests.factory import make_article, make_section
from tests.machines.servers import Cluster, Machine, Pooler, program


@pytest.fixture
def home():
    # The path of a socket is short, and the user of the databases must be let through.
    folder = Path(tempfile.mkdtemp(prefix="machines-", dir="/tmp"))
    folder.chmod(0o711)
    servers = []
    yield folder, servers
    for server in reversed(servers):
        server.kill()
    shutil.rmtree(folder)


def dump_of_test_database() -> bytes:
    from newsportal import embedded

    database = connection.settings_dict
    where = ["-h", database["HOST"], "-p", str(database["PORT"] or 5432), "-U", database["USER"]]
    dump = subprocess.run(
        [embedded.programs() / "pg_dump", "--no-owner", *where, database["NAME"]],
        capture_output=True, check=True, env=os.environ | {"PGPASSWORD": database["PASSWORD"] or ""},
    )  # fmt: skip
    return dump.stdout


def wait_until(happened, within=10):
    until = time.monotonic() + within
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def open_page(chromium, address: str) -> tuple[list[str], list[str]]:
    """What the browser refused or missed, and the addresses that it got."""
    context = chromium.new_context()
    page, found = context.new_page(), []
    page.on("response", lambda answer: found.append(answer.url) if answer.ok else None)
    faults = refusals_in(context)
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.goto(address, wait_until="networkidle")
    context.close()
    return faults, found


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_readers_read_on_whatever_machine_dies(home, admin_client, chromium):
    folder, servers = home
    stories = [make_article(headline=f"Tin số {number}") for number in range(6)]
    stories.append(make_article(headline="Tin của mục khác", section=make_section("Mục khác")))
    admin_client.get("/admin/")
    token = "k" * 32
    staff = {
        "Cookie": f"sessionid={admin_client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={token}",
        "X-CSRFToken": token,
    }
    addresses = [story.get_absolute_url() for story in stories]

    primary, copy = Cluster(folder, "primary"), Cluster(folder, "replica")
    servers += [primary, copy]
    dump = dump_of_test_database()
    primary.create()
    primary.fill(dump)
    copy.copy(primary)
    copy.start()
    environment = {
        "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": primary.url, "DATABASE_REPLICA_URL": copy.url,
        "REPLICA_LAG_SECONDS": "1",
    }  # fmt: skip
    if program("pgbouncer"):  # `make test` says where it is missing
        pooler = Pooler(folder, primary)
        pooler.start()
        servers.append(pooler)
        environment |= {"DATABASE_URL": pooler.url, "DATABASE_DIRECT_URL": primary.url}
    one, other = (Machine(folder, name, **environment) for name in ("one", "other"))
    one.environment["STATIC_HOST"] = f"http://localhost:{other.port}"
    servers += [one, other]
    for machine in (one, other):
        machine.start()
    for server in servers:
        server.wait()

    def shows(machine, number, words):
        status, page = machine.get(addresses[number])
        assert status == 200
        return words in page

    def rename(number, words):
        primary.execute(
            "UPDATE articles_article SET headline = %s WHERE id = %s", [words, stories[number].pk]
        )

    def reads_replica(machine):
        told = [line for line in machine.log.read_text().splitlines() if "Pages are read" in line]
        return not told or "from the replica again" in told[-1]

    # More at a time than the pooler has connections, so that each statement may come to another one.
    asked = [
        *addresses,
        "/",
        "/tim-kiem/?q=tin",
        "/admin/articles/article/",
        "/admin/",
        "/admin/newsportal/auditentry/",
    ] * 4
    with ThreadPoolExecutor(8) as readers:
        answers = readers.map(lambda path: one.get(path, **(staff if "/admin/" in path else {}))[0], asked)
    assert set(answers) == {200}

    # Static files come from another host, which the content policy of pages knows.
    refused, found = open_page(chromium, f"http://127.0.0.1:{one.port}{addresses[0]}")
    assert not refused
    assert {name.rpartition(".")[2] for name in found if name.startswith(one.environment["STATIC_HOST"])} >= {
        "woff2",
        "js",
    }

    # A change is read on both machines, whichever server its page comes from.
    assert shows(one, 0, "Tin số 0")
    assert shows(other, 0, "Tin số 0")
    rename(0, "Tin đã sửa")
    wait_until(lambda: shows(one, 0, "Tin đã sửa"), 3)
    wait_until(lambda: shows(other, 0, "Tin đã sửa"), 3)

    # A replica that stands still lends no page its old words: the primary is read.
    copy.execute("SELECT pg_wal_replay_pause()", user="postgres")
    rename(0, "Tin sửa lần nữa")
    wait_until(lambda: shows(one, 0, "Tin sửa lần nữa"), 3)
    wait_until(lambda: shows(one, 0, "Tin sửa lần nữa") and "s behind" in one.log.read_text())
    assert one.post("/admin/articles/topic/add/", {"name": "Chuyển đổi số"}, **staff)[0] == 302
    assert "Chuyển đổi số" in other.get("/admin/articles/topic/", **staff)[1]
    assert 'newsportal_check_level{check="replica"} 1' in one.get("/metrics")[1]
    copy.execute("SELECT pg_wal_replay_resume()", user="postgres")

    # The replica dies under readers.
    copy.kill()
    for machine in (one, other):
        assert shows(machine, 1, "Tin số 1")
    assert "newsportal_replica_up 0" in one.get("/metrics")[1]
    for machine in (one, other):
        wait_until(lambda site=machine: shows(site, 1, "Tin số 1") and not reads_replica(site))
    copy.start()
    copy.wait()
    for machine in (one, other):
        wait_until(lambda site=machine: shows(site, 1, "Tin số 1") and reads_replica(site))

    # The primary dies: what was never asked for is read from the replica, staff are told.
    primary.kill()
    for machine in (one, other):
        assert shows(machine, 2, "Tin số 2")
        assert shows(machine, 6, "Tin của mục khác")  # whose neighbours nobody has asked for
    assert one.get("/tim-kiem/?q=xyz")[0] == one.get("/luu-tru/")[0] == one.get("/readyz")[0] == 200
    assert one.get("/admin/", **staff)[0] == 503
    primary.start()
    primary.wait()
    wait_until(lambda: one.get("/admin/", **staff)[0] == 200, 5)
