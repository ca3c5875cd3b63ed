"""slowhttptest against the shipped nginx: clients that send or read slowly, while readers are served."""

import asyncio
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from itertools import count

from tests.deploy.site import HOST, PORT, TLS_PORT

SECONDS = int(os.environ.get("ATTACK_SLOW_SECONDS", 60))
CONNECTIONS = int(os.environ.get("SLOW_CLIENTS", 800))
KINDS = {"headers": ["-H"], "body": ["-B", "-s", "100000"], "read": ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"]}  # fmt: skip
LONGEST = 0.2  # seconds, of 99 in 100 readers; beside what they wait without an attack


def attack(target) -> tuple[str, list[str]]:
    program = shutil.which("slowhttptest")
    if not program:
        return "slowhttptest is missing: apt-get install slowhttptest", ["not tried"]
    alone = read(target, time.monotonic() + SECONDS / 4)
    told, found = [f"alone p99 {p99(alone):.0f} ms"], []
    for kind, options in KINDS.items():
        before = relayed()
        with relay() as port, tempfile.TemporaryDirectory() as folder:
            command = [program, *options, "-c", str(CONNECTIONS), "-r", "100", "-i", "5", "-l", str(SECONDS), "-p", "5",
                       "-u", f"http://localhost:{port}/", "-v", "0"]  # fmt: skip
            with subprocess.Popen(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            ) as slow:
                times = read(target, time.monotonic() + SECONDS)
                slow.terminate()
                said = slow.communicate()[0].decode(errors="replace")
        failed = [wait for wait in times if wait is None]
        told.append(f"slow {kind} {len(times)} readers, {len(failed)} failed, p99 {p99(times):.0f} ms")
        if failed or p99(times) > p99(alone) + LONGEST * 1000:
            found.append(f"readers waited or failed: {told[-1]}")
        opened = relayed() - before
        if opened < CONNECTIONS / 2:
            found.append(f"slow {kind} did not run, with {opened} connections: {said.strip()[-200:]}")
    return "; ".join(told), found


def read(target, until: float) -> list[float | None]:
    times = []
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            answered = target.ask("/", source="127.0.7.7").status == 200
        except OSError:
            answered = False
        times.append(time.monotonic() - began if answered else None)
        time.sleep(0.05)
    return times


def p99(times) -> float:
    """In milliseconds."""
    answered = sorted(wait for wait in times if wait is not None)
    return answered[int(len(answered) * 0.99)] * 1000 if answered else float("inf")


opened = []


def relayed() -> int:
    return len(opened)


@contextmanager
def relay():
    """slowhttptest names no host in TLS, which nginx refuses: it speaks plainly to this, which speaks TLS to nginx, from
    a hundred addresses."""
    port, loop, numbers = PORT + 3, asyncio.new_event_loop(), count()
    context = ssl._create_unverified_context()

    async def pump(reader, writer, old=b"", new=b""):
        try:
            while part := await reader.read(4096):
                writer.write(part.replace(old, new) if old else part)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def connected(reader, writer):
        source = (f"127.0.2.{next(numbers) % 100 + 1}", 0)
        try:
            far = await asyncio.open_connection(
                "127.0.0.1", TLS_PORT, ssl=context, server_hostname=HOST, local_addr=source
            )
        except OSError:
            writer.close()
            return
        opened.append(source)
        await asyncio.gather(
            pump(reader, far[1], f"Host: localhost:{port}".encode(), f"Host: {HOST}".encode()),
            pump(far[0], writer),
        )

    server = loop.run_until_complete(
        asyncio.start_server(connected, "127.0.0.1", port, limit=4096, backlog=2000)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield port
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
