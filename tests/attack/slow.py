"""slowhttptest against the shipped nginx: clients that send or read slowly, while readers are served."""

import asyncio
import multiprocessing
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from contextlib import contextmanager

from tests.deploy.site import HOST, PORT, TLS_PORT

SECONDS = int(os.environ.get("ATTACK_SLOW_SECONDS", 60))
CONNECTIONS = int(os.environ.get("SLOW_CLIENTS", 800))
KINDS = {
    "headers": ["-H"],
    "body": ["-B", "-s", "100000"],
    "read": ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"],
}
LATER = 200  # milliseconds that 99 in 100 readers may wait longer than without an attack; twice as long on a slow machine
RELAY = PORT + 3


def attack(target) -> tuple[str, list[str]]:
    program = shutil.which("slowhttptest")
    if not program:
        return "slowhttptest is missing: apt-get install slowhttptest", ["not tried"]
    alone = p99(read(target, time.monotonic() + SECONDS / 4))
    told, found = [f"alone p99 {alone:.0f} ms"], []
    for kind, options in KINDS.items():
        with relay() as opened, tempfile.TemporaryDirectory() as folder:
            command = [program, *options, "-c", str(CONNECTIONS), "-r", "100", "-i", "5", "-l", str(SECONDS), "-p", "5",
                       "-u", f"http://localhost:{RELAY}/", "-v", "0"]  # fmt: skip
            with subprocess.Popen(
                command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as slow:
                times = read(target, time.monotonic() + SECONDS)
                slow.terminate()
            clients = opened.value
        failed = times.count(None)
        line = (
            f"slow {kind}: {clients} clients, {len(times)} readers, {failed} failed, p99 {p99(times):.0f} ms"
        )
        told.append(line)
        if failed or p99(times) > max(alone + LATER, 2 * alone):
            found.append(f"readers waited or failed: {line}")
        if clients < CONNECTIONS / 2:
            found.append(f"too few clients for a trial: {line}")
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


@contextmanager
def relay():
    """slowhttptest names no host in TLS, which nginx refuses: it speaks plainly to this process, which speaks TLS to
    nginx. Yields the count of connections."""
    opened = multiprocessing.Value("i", 0)
    process = multiprocessing.Process(target=lambda: asyncio.run(serve(opened)), daemon=True)
    process.start()
    try:
        while socket.socket().connect_ex(("127.0.0.1", RELAY)):
            time.sleep(0.1)
        yield opened
    finally:
        process.terminate()
        process.join()


async def serve(opened) -> None:
    context = ssl._create_unverified_context()
    host = f"Host: localhost:{RELAY}".encode(), f"Host: {HOST}".encode()

    async def pump(reader, writer, change=None):
        try:
            while part := await reader.read(4096):
                writer.write(part.replace(*change) if change else part)
                await writer.drain()
        except OSError:
            pass  # one of the two gave up
        finally:
            writer.close()

    async def connected(reader, writer):
        opened.value += 1
        source = (f"127.0.2.{opened.value % 100 + 1}", 0)  # nginx limits each of a hundred attackers
        try:
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", TLS_PORT, ssl=context, server_hostname=HOST, local_addr=source
            )
        except OSError:
            opened.value -= 1
            writer.close()
            return
        await asyncio.gather(pump(reader, far_writer, host), pump(far_reader, writer))

    async with await asyncio.start_server(connected, "127.0.0.1", RELAY, limit=4096, backlog=2000) as server:
        await server.serve_forever()
