"""The servers of a portal of several machines, as real processes on this one: each starts, dies and comes back."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import boto3
import psycopg2
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from newsportal import embedded

ROOT = Path(__file__).parent.parent.parent
USER = "newsportal"
# Lost with the machine anyway: nothing waits for the disk.
QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
)


class Server(ABC):
    """A process in a folder of its own, below one that the user of the databases can reach."""

    command: list[str] = []
    environment: dict[str, str] | None = None

    def __init__(self, home: Path, name: str):
        self.folder, self.log = home / name, home / f"{name}.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in self.command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                cwd=ROOT, env=self.environment, start_new_session=True, **self.identity(),
            )  # fmt: skip

    def identity(self) -> dict:
        return {}

    def wait(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < until, f"{self.log.name}: {self.log.read_text()[-3000:]}"
            time.sleep(0.05)

    @abstractmethod
    def answers(self) -> bool: ...

    def kill(self) -> None:
        """As a machine that loses its current: the process, and what it has started."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def freeze(self, is_frozen: bool = True) -> None:
        """It keeps its connections and says nothing, or goes on."""
        for pid in tree_of(self.process.pid):
            os.kill(pid, signal.SIGSTOP if is_frozen else signal.SIGCONT)


def tree_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in tree_of(int(child)))]


class Unprivileged(Server):
    """PostgreSQL and PgBouncer refuse to run as root."""

    def __init__(self, home: Path, name: str):
        super().__init__(home, name)
        self.folder.mkdir(mode=0o700)
        self._own(self.folder)

    def identity(self) -> dict:
        if os.geteuid() != 0:
            return {}
        uid, gid = embedded._system_user()
        return {"user": uid, "group": gid, "extra_groups": []}

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            identity = self.identity()
            os.chown(path, identity["user"], identity["group"])


class Cluster(Unprivileged):
    """A PostgreSQL, on a port of this machine and a socket in its folder."""

    def __init__(self, home: Path, name: str):
        super().__init__(home, name)
        self.programs, self.data, self.port = embedded.programs(), self.folder / "data", free_port()
        if os.geteuid() == 0:
            embedded._let_pass(self.identity()["user"], self.programs, home)
        settings = [word for value in QUICK for word in ("-c", value)]
        self.command = [
            self.programs / "postgres", "-D", self.data, "-k", self.folder, "-p", self.port,
            "-c", "listen_addresses=127.0.0.1", *settings,
        ]  # fmt: skip

    def run(self, program: str, *arguments, **options) -> None:
        with self.log.open("ab") as log:
            subprocess.run(
                [str(self.programs / program), *map(str, arguments)],
                check=True, stdout=log, stderr=log, cwd="/", **self.identity(), **options,
            )  # fmt: skip

    def create(self) -> None:
        self.run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8",
                 "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
        self.start()
        self.wait()
        self.execute("CREATE ROLE newsportal LOGIN", user="postgres", database="postgres")
        self.execute("CREATE DATABASE newsportal OWNER newsportal", user="postgres", database="postgres")

    def fill(self, dump: bytes) -> None:
        self.run(
            "psql",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.folder,
            "-p",
            self.port,
            "-U",
            USER,
            USER,
            input=dump,
        )

    def copy(self, primary: "Cluster") -> None:
        """Becomes a streaming replica."""
        self.run("pg_basebackup", "-D", self.data, "-h", "127.0.0.1", "-p", primary.port, "-U", "postgres", "-R",
                 "-c", "fast", "--no-sync", "-X", "stream")  # fmt: skip

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1", user="postgres", database="postgres")
        except psycopg2.OperationalError:
            return False
        return True

    def execute(self, statement: str, values=None, *, user: str = USER, database: str = USER):
        with closing(
            psycopg2.connect(host="127.0.0.1", port=self.port, user=user, dbname=database)
        ) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else None

    @property
    def url(self) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{USER}"


class Pooler(Unprivileged):
    """PgBouncer in transaction mode, with fewer connections than the sites have threads."""

    def __init__(self, home: Path, database: Cluster):
        super().__init__(home, "pgbouncer")
        self.port = free_port()
        users, settings = self.folder / "users.txt", self.folder / "pgbouncer.ini"
        users.write_text(f'"{USER}" ""\n')
        settings.write_text(
            f"[databases]\n{USER} = host=127.0.0.1 port={database.port}\n"
            f"[pgbouncer]\npool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 200\n"
            f"auth_type = trust\nauth_file = {users}\nlisten_addr = 127.0.0.1\nunix_socket_dir =\n"
            f"listen_port = {self.port}\nserver_login_retry = 1\nquery_wait_timeout = 5\n"
        )
        for path in (users, settings):
            self._own(path)
        self.command = [program("pgbouncer"), settings]

    def answers(self) -> bool:
        try:
            psycopg2.connect(host="127.0.0.1", port=self.port, user=USER, dbname=USER).close()
        except psycopg2.OperationalError:
            return False
        return True

    @property
    def url(self) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{USER}"


class Store(Server):
    """SeaweedFS as an S3 server: whoever has no key gets nothing."""

    bucket, keys = "anh-va-tep", ("khoa-truy-cap", "khoa-bi-mat-cua-kho-anh")

    def __init__(self, home: Path):
        super().__init__(home, "store")
        self.folder.mkdir()
        self.port = free_port()
        access, secret = self.keys
        config = self.folder / "s3.json"
        identity = {"name": "site", "credentials": [{"accessKey": access, "secretKey": secret}]}
        actions = ["Admin", "Read", "List", "Write", "Tagging"]
        config.write_text(json.dumps({"identities": [identity | {"actions": actions}]}))
        inner = {
            f"{name}.port{kind}": free_port()
            for name in ("master", "volume", "filer")
            for kind in ("", ".grpc")
        }
        self.command = [
            Path(sys.executable).with_name("weed"), "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-s3", "-filer",
            f"-s3.port={self.port}", f"-s3.port.grpc={free_port()}", f"-s3.config={config}", "-volume.max=4",
            "-master.volumeSizeLimitMB=64", *(f"-{name}={port}" for name, port in inner.items()),
        ]  # fmt: skip

    @property
    def environment_of_sites(self) -> dict[str, str]:
        access, secret = self.keys
        return {
            "S3_BUCKET": self.bucket, "S3_ENDPOINT": f"http://127.0.0.1:{self.port}", "S3_ACCESS_KEY": access,
            "S3_SECRET_KEY": secret,
        }  # fmt: skip

    def client(self):
        access, secret = self.keys
        return boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{self.port}", aws_access_key_id=access,
            aws_secret_access_key=secret, region_name="us-east-1",
            config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}),
        )  # fmt: skip

    def answers(self) -> bool:
        """Makes the bucket when it does."""
        client = self.client()
        try:
            if self.bucket not in [found["Name"] for found in client.list_buckets()["Buckets"]]:
                client.create_bucket(Bucket=self.bucket)
            client.put_object(Bucket=self.bucket, Key="ready", Body=b"1")  # a place for files is there, too
        except (BotoCoreError, ClientError):
            return False
        return True


class Machine(Server):
    """An application machine: gunicorn with a data folder of its own."""

    def __init__(self, home: Path, name: str, **environment: str):
        super().__init__(home, name)
        self.folder.mkdir()
        self.port = free_port()
        self.environment = os.environ | {
            "DATA_DIR": str(self.folder), "PORT": str(self.port), "SECOND_FACTOR": "0", "WEB_WORKERS": "1",
            "DJANGO_SETTINGS_MODULE": "tests.machines.settings_of_machines", "LOAD_DEMO": "0",
            "VISITS_SPOOL": "", "DATABASE_REPLICA_URL": "", "DATABASE_DIRECT_URL": "", **environment,
        }  # fmt: skip
        self.command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "python:newsportal.gunicorn",
            "newsportal.wsgi",
        ]

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> tuple[int, str]:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(fields), headers | form)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as client:
            client.request(method, path, body, headers)
            answer = client.getresponse()
            return answer.status, answer.read().decode(errors="replace")

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


class Front(Server):
    """nginx before the machines, by the configuration in docs/operations.md with nothing but addresses replaced."""

    def __init__(self, home: Path, machines: list[Machine]):
        super().__init__(home, "nginx")
        self.folder.mkdir()
        self.port = free_port()
        text = (ROOT / "docs/operations.md").read_text()
        several = re.search(r"```\n(# /etc/nginx/conf.d/portal.conf\n.*?)```", text, re.DOTALL)[1]
        for address, machine in zip(("10.0.0.11:8000", "10.0.0.12:8000"), machines, strict=True):
            several = several.replace(address, f"127.0.0.1:{machine.port}")
        several = several.replace("listen 443 ssl;", f"listen 127.0.0.1:{self.port};")
        several = several.replace("/var/cache/nginx", str(self.folder))
        places = "".join(
            f"{kind}_temp_path {self.folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        settings = self.folder / "nginx.conf"
        settings.write_text(
            f"{user} daemon off; worker_processes 1; pid {self.folder}/pid; error_log stderr crit;\n"
            f"events {{ worker_connections 512; }}\nhttp {{\naccess_log off;\n{places}{several}}}\n"
        )
        self.command = [program("nginx"), "-p", self.folder, "-c", settings]

    def answers(self) -> bool:
        try:
            return self.get("/robots.txt")[0] == 200
        except OSError:
            return False

    get, post, _ask = Machine.get, Machine.post, Machine._ask


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def program(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
