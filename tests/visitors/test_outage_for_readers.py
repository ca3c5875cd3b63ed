"""A real server whose database stops, freezes and comes back: what was kept goes on being read."""

import http.client
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from .database import wait_until
from .test_servers import data_dir, gunicorn, listener, running  # noqa: F401 - two are fixtures

KEPT, OTHER = "/thong-ke/cach-tinh/", "/tim-kiem/?q=x"
LONGEST = 1.5  # seconds for a kept page; unhurried, since the machine may be busy
NOTICED = 5  # seconds: the second till the next reading, three of silence, half a second for each last answer


class Answer:
    def __init__(self, port: int, path: str):
        began = time.monotonic()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            client.request("GET", path)
            response = client.getresponse()
            self.text = response.read().decode()
            self.status, self.headers = response.status, response.headers
        finally:
            client.close()
        self.seconds = time.monotonic() - began


def check_kept(port: int) -> None:
    for _ in range(5):
        answer = Answer(port, KEPT)
        assert (answer.status, "Cách tính" in answer.text) == (200, True)
        assert answer.seconds < LONGEST


def processes(server) -> list[int]:
    """The database's own, the first one before its children."""
    first = int((server._server.cluster / "postmaster.pid").read_text().split()[0])
    return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]


@pytest.mark.requirement(13)
@pytest.mark.fault(2)
@pytest.mark.fault(3)
def test_kept_pages_are_read_while_the_database_is_stopped_or_frozen(
    database,
    server,
    listener,  # noqa: F811
    data_dir,  # noqa: F811
):
    port = listener.getsockname()[1]
    environment = database.environment(data_dir / "visits", DATA_DIR=data_dir, VISITS_SHIP_EVERY=1)
    command = gunicorn(listener, "--workers", "1", "--threads", "4")
    with (
        (data_dir / "log").open("w") as log,
        running(command, environment, log, pass_fds=[listener.fileno()]),
    ):
        wait_until(lambda: Answer(port, KEPT).status == 200)

        database.ask(
            'INSERT INTO articles_section (folded, name, slug, description, name_en, description_en, "order")'
            " VALUES ('', 'MỤC THÊM', 'muc', '', '', '', 1)"
        )
        changed = time.monotonic()
        wait_until(lambda: "MỤC THÊM" in Answer(port, KEPT).text)
        assert time.monotonic() - changed < 1 + LONGEST

        server.stop()
        check_kept(port)
        away = Answer(port, OTHER)
        assert (away.status, away.headers["Retry-After"]) == (503, "10")
        assert "mất kết nối với cơ sở dữ liệu" in away.text

        server.start()
        back = time.monotonic()
        wait_until(lambda: Answer(port, OTHER).status == 200)
        assert time.monotonic() - back < 2 + LONGEST
        check_kept(port)

        frozen = processes(server)
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            # As many as the worker has threads: each waits for an answer that does not come.
            stuck: list[Answer] = []
            threads = [threading.Thread(target=lambda: stuck.append(Answer(port, OTHER))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [answer.status for answer in stuck] == [503] * 4
            assert (
                max(answer.seconds for answer in stuck) < NOTICED + LONGEST
            )  # none tries to connect once more
            check_kept(port)
            assert Answer(port, OTHER).seconds < LONGEST
        finally:
            for pid in reversed(frozen):
                os.kill(pid, signal.SIGCONT)
        wait_until(lambda: Answer(port, OTHER).status == 200)
