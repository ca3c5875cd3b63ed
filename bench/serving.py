"""Sites under gunicorn, as the portal is served, and wrk's readers before them."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from newsportal import gunicorn as config

CONNECTIONS = 16
AGENT = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
TICK = os.sysconf("SC_CLK_TCK")
TREE = Path(__file__).resolve().parent.parent
# Names of one site: its pages are as many kept pages as it has names, so that each is rendered for one reader.
HOSTS = [f"host{number}.example" for number in range(64)]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Served:
    """A gunicorn and its workers."""

    master: int
    port: int
    environment: dict[str, str] = field(repr=False)

    def get(self, path: str, **headers) -> Answer:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        client.request("GET", path, headers={"User-Agent": AGENT, **headers})
        answer = client.getresponse()
        body = answer.read()
        client.close()
        return Answer(answer.status, body, dict(answer.getheaders()))

    def wait_for(self, path: str, **headers) -> Answer:
        until, said = time.monotonic() + 120, ""
        while time.monotonic() < until:
            try:
                if (answer := self.get(path, **headers)).status == 200:
                    return answer
                said = answer.status
            except (ConnectionError, http.client.HTTPException) as error:
                said = error
            time.sleep(0.05)
        sys.exit(f"{path}: {said}")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        return [int(pid) for pid in children]

    def cpu_seconds(self) -> float:
        stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split() for pid in self.workers()]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICK

    def memory(self, kind="Rss") -> float:
        """Of the largest worker, in MB. "Pss" shares out what several processes have in common."""
        sizes = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.workers()]
        return max(int(re.search(rf"^{kind}:\s+(\d+)", size, re.MULTILINE)[1]) for size in sizes) / 1024

    def connections(self) -> list[int]:
        """Of each worker, the open ones of readers; fewest first."""
        return sorted(
            sum(os.readlink(file).startswith("socket:") for file in Path(f"/proc/{pid}/fd").iterdir())
            for pid in self.workers()
        )


@contextmanager
def gunicorn(
    application: str, *options: str, python=sys.executable, cwd=TREE, reuse_port=True, **environment: str
):
    """Serves on a free port; `options` are gunicorn's own. Without reuse_port all workers take from one queue."""
    environment = os.environ | environment
    with socket.socket() as listener:
        if reuse_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if reuse_port:
            binding = ["--bind", f"127.0.0.1:{port}", "--reuse-port"]
        else:
            listener.listen(2048)
            binding = ["--bind", f"fd://{listener.fileno()}"]
        process = subprocess.Popen(
            [str(python), "-m", "gunicorn", *settings_for(python), *binding, *options, application],
            env=environment,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            cwd=cwd,
        )
    try:
        yield Served(process.pid, port, environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def settings_for(python) -> list[str]:
    """Of the portal; written out for another's Python, which has not what newsportal.gunicorn imports."""
    if python == sys.executable:
        return ["-c", "python:newsportal.gunicorn"]
    values = {
        "workers": config.workers,
        "worker-class": config.worker_class,
        "threads": config.threads,
        "timeout": config.timeout,
        "keep-alive": config.keepalive,
        "log-level": config.loglevel,
        "worker-tmp-dir": config.worker_tmp_dir or tempfile.gettempdir(),
    }
    flags = ["--no-control-socket", *(["--preload"] if config.preload_app else [])]
    return [part for name, value in values.items() for part in (f"--{name}", str(value))] + flags


@dataclass(frozen=True)
class Load:
    rate: float  # requests a second
    cost: float  # microseconds of the workers' CPU for each
    requests: int


def load(
    site: Served,
    paths: str | Iterable[str],
    *,
    hosts: Iterable[str] = (),
    connections: int = CONNECTIONS,
    seconds: int = 2,
    **headers: str,
) -> Load:
    """Readers on connections that are kept, who ask for each path on each host in turn."""
    paths = [paths] if isinstance(paths, str) else paths
    hosts = list(hosts) or [f"127.0.0.1:{site.port}"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{host} {path}\n" for host in hosts for path in paths)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        for name, value in {"User-Agent": AGENT, **headers}.items():
            command += ["-H", f"{name}: {value}"]
        command += ["-s", str(TREE / "bench/requests.lua"), f"http://127.0.0.1:{site.port}", "--", file.name]
        before = site.cpu_seconds()
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        used = site.cpu_seconds() - before
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(f"{paths[0]}: {told}")
    requests = int(re.search(r"(\d+) requests in", told)[1])
    return Load(float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), used / requests * 1e6, requests)


def need_wrk():
    if not shutil.which("wrk"):
        sys.exit("This needs wrk: apt-get install wrk")
