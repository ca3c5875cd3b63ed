"""A program: processes and threads that read pages through the counter's middleware, and are killed at random.

    python -m tests.visitors.writers '{"processes": 6, "threads": 3, "seconds": 5, "seed": 1, …}'

It prepares Django once and forks, as a web server does. A view is noted as answered after the middleware has
answered; every view has a reader of its own, told by number. Prints what happened as JSON.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from ipaddress import IPv4Address
from pathlib import Path

READERS_OF_A_PROCESS = 1_000_000


def address_of(reader: int) -> str:
    """Public, so that nothing takes them for a proxy."""
    return str(IPv4Address(int(IPv4Address("30.0.0.0")) + reader))


class Writers:
    def __init__(
        self,
        *,
        answered: str,
        processes: int,
        threads: int,
        seconds: float,
        seed: int,
        kills: bool,
        pause: float,
    ):
        self.answered = Path(answered)
        self.processes, self.threads, self.seconds = processes, threads, seconds
        self.kills, self.pause = kills, pause
        self.random = random.Random(seed)
        self.begun = self.killed = 0
        self.living: list[int] = []

    def run(self) -> None:
        until = time.monotonic() + self.seconds
        while time.monotonic() < until:
            while len(self.living) < self.processes:
                self.fork()
            time.sleep(self.random.uniform(0.02, 0.35))
            if self.kills:
                self.kill(self.random.choice(self.living))
        if self.kills:
            for process in list(self.living):
                self.kill(process)
        for process in self.living:
            os.kill(process, signal.SIGTERM)
        for process in self.living:
            os.waitpid(process, 0)

    def fork(self) -> None:
        number, self.begun = self.begun, self.begun + 1
        process = os.fork()
        if process:
            self.living.append(process)
            return
        self.read(number)
        sys.exit()  # as gunicorn's workers end

    def kill(self, process: int) -> None:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        self.living.remove(process)
        self.killed += 1

    def read(self, number: int) -> None:
        """Threads share the numbers of the process's readers."""
        ending = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ending.set())
        readers = iter(range(number * READERS_OF_A_PROCESS, (number + 1) * READERS_OF_A_PROCESS))
        file = os.open(self.answered / str(number), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        taking = threading.Lock()

        def read_pages():
            while not ending.is_set():
                with taking:
                    reader = next(readers)
                page.get(reader)
                os.write(file, f"{reader}\n".encode())
                time.sleep(self.pause)

        threads = [threading.Thread(target=read_pages) for _ in range(self.threads)]
        for thread in threads:
            thread.start()
        while not ending.wait(0.1):
            pass
        for thread in threads:
            thread.join()


class Page:
    """A page of the portal behind the counter's middleware."""

    def __init__(self):
        from django.http import HttpResponse
        from django.test import RequestFactory

        from visitors.middleware import CountVisits

        from .readers import PHONE

        self._answer = CountVisits(lambda request: HttpResponse(b"<p>"))
        self._factory = RequestFactory(headers={"user-agent": PHONE})

    def get(self, reader: int) -> None:
        path = f"/tin-hoat-dong/tin-{reader % 50}/"
        self._answer(self._factory.get(path, REMOTE_ADDR=address_of(reader)))


def ship_the_rest(seconds: float) -> None:
    from django.db import Error

    from visitors.counter import counter

    until = time.monotonic() + seconds
    shipped = 0
    while shipped < 2:  # what dead processes leave goes once their views are stored
        try:
            counter().ship()
            shipped += 1
        except Error:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    import django

    django.setup()
    page = Page()
    writers = Writers(**json.loads(sys.argv[1]))
    writers.run()
    ship_the_rest(60)
    sys.stdout.write(json.dumps({"processes": writers.begun, "kills": writers.killed}))
