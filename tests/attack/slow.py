"""slowhttptest against the shipped nginx: clients that send or read slowly, while readers are served."""

import os
import shutil
import subprocess
import tempfile
import time

from tests.deploy.site import HOST, TLS_PORT

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
        # Its own name lookup leads nowhere; nginx takes whoever names the site in TLS and in the header.
        with tempfile.TemporaryDirectory() as folder:
            command = [program, *options, "-c", str(CONNECTIONS), "-r", "100", "-i", "5", "-l", str(SECONDS), "-p", "5",
                       "-u", f"https://{HOST}:{TLS_PORT}/", "-v", "0"]  # fmt: skip
            with subprocess.Popen(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            ) as slow:
                times = read(target, time.monotonic() + SECONDS)
                slow.terminate()
                said = slow.communicate()[0].decode(errors="replace")
        failed = [wait for wait in times if wait is None]
        told.append(f"slow {kind} {len(times)} readers, {len(failed)} failed, p99 {p99(times):.0f} ms")
        if failed or p99(times) > p99(alone) + LONGEST * 1000:
            found.append(told[-1])
        if "Cannot" in said or "error" in said.lower():
            found.append(f"slow {kind} did not run: {said.strip()[-200:]}")
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
