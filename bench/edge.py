"""What a page costs that nginx answers from its cache, with the figures in it and every view counted out of the log,
beside a bare Django view of the same bytes and the site without nginx. Needs wrk and nginx.

nginx runs the shipped configuration without TLS and limits, which the others have not either. The cost is that of all
processes, counting included: each round ends when its last view is in the spool.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from articles.models import Article  # noqa: E402
from bench.pages import GZIP, HEAD, ROUNDS, SECONDS, WARMING, Row, bare_site  # noqa: E402
from bench.serving import CONNECTIONS, TICK, TREE, Served, gunicorn, load, need_wrk  # noqa: E402
from newsportal import embedded  # noqa: E402

NGINX = """
user root;
worker_processes {cores};
pid {folder}/nginx.pid;
daemon off;
error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {kept_pages}
    {site}
}}
"""


def main():
    need_wrk()
    if not shutil.which("nginx"):
        sys.exit("This needs nginx: apt-get install nginx")
    call_command("collectstatic", interactive=False, verbosity=0)
    in_memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with (
        embedded.running_for(settings),
        tempfile.TemporaryDirectory(prefix="bench-edge-", dir=in_memory) as folder,
        ExitStack() as sites,
    ):
        story = Article.objects.published().select_related("section").order_by("-photos", "pk").first()
        if story is None:
            raise SystemExit("bench.edge needs news in the database: make demo")
        measure(Path(folder), story.get_absolute_url(), sites)


def measure(folder: Path, path: str, sites: ExitStack):
    serve = partial(
        gunicorn,
        "newsportal.wsgi",
        ALLOWED_HOSTS="127.0.0.1",
        TRUSTED_PROXIES="127.0.0.1",
        VISITS_SHIP_EVERY="0",
    )
    kept = sites.enter_context(serve(VISITS_SPOOL=str(folder / "visits-of-kept")))
    behind = sites.enter_context(serve(VISITS_SPOOL=str(folder / "visits"), VISITS_LOG=str(folder / "views")))
    plain, packed = kept.wait_for(path).body, kept.wait_for(path, **GZIP).body
    bare = bare_site(folder, plain, packed, sites)
    edge = sites.enter_context(nginx(folder, behind))
    edge.wait_for(path)
    rows = [
        bare_row := Row("bare Django view", partial(load, bare, "/page/")),
        Row("bare Django view, gzip", partial(load, bare, "/page/", **GZIP)),
        Row("story, kept and counted by the site", partial(load, kept, path)),
        edge_row := Row("story from nginx, counted", partial(load, edge, path)),
        gzip_row := Row("story from nginx, counted, gzip", partial(load, edge, path, **GZIP)),
    ]
    print(f"{path}: {len(plain)} bytes, {len(packed)} compressed; {os.cpu_count()} cores")
    for row in rows:
        row.ask(seconds=WARMING)
    before, used_before = edge.counted(), edge.used()
    for _ in range(ROUNDS):
        for row in rows:
            row.loads.append(row.ask(seconds=SECONDS))
    counted = edge.counted() - before
    print(HEAD)
    for row in rows:
        print(row.told(bare_row))
    answered = sum(load.requests for row in (edge_row, gzip_row) for load in row.loads)
    shares = [
        f"{name} {(used - used_before[name]) / answered * 1e6:.0f} µs" for name, used in edge.used().items()
    ]
    print(f"\nFor each answer from nginx: {', '.join(shares)} of CPU.")
    print(f"{answered} answers that wrk has read, {counted} views in the spool.")
    if not answered <= counted <= answered + 2 * ROUNDS * CONNECTIONS:  # under way when wrk hung up
        sys.exit("Not every answer was counted once.")


@dataclass(frozen=True)
class Edge(Served):
    behind: Served
    follower: int
    folder: Path

    def used(self) -> dict[str, float]:
        """CPU seconds, once all is counted."""
        log, position = self.folder / "views/views.log", self.folder / "views/state/position"
        while True:
            try:
                spans = json.loads(position.read_bytes())["spans"]
            except FileNotFoundError:
                spans = {}
            size = log.stat().st_size
            if spans.get(str(log.stat().st_ino), [0, 0]) == [size, size]:
                break
            time.sleep(0.05)
        stat = Path(f"/proc/{self.follower}/stat").read_text().rsplit(")")[-1].split()
        return {
            "nginx": super().cpu_seconds(),
            "gunicorn": self.behind.cpu_seconds(),
            "counting": (int(stat[11]) + int(stat[12])) / TICK,
        }

    def cpu_seconds(self) -> float:
        return sum(self.used().values())

    def counted(self) -> int:
        self.used()
        spool = self.folder / "visits"
        return sum(
            path.read_bytes().count(b"\n")
            for path in spool.glob("*.[os]*")
            if path.suffix in (".open", ".seg")
        )


@contextmanager
def nginx(folder: Path, behind: Served):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    (folder / "views").mkdir(exist_ok=True)
    shipped = {
        "/etc/nginx/newsportal/kept/*.conf": f"{folder}/location.conf",
        "/etc/nginx/newsportal": f"{TREE}/deploy/nginx",
        "/usr/local/share/newsportal": f"{TREE}/deploy",
        "/var/lib/newsportal": f"{settings.DATA_DIR}",
        "/var/log/newsportal": f"{folder}",
        "unix:/run/newsportal/web.sock": f"127.0.0.1:{behind.port}",
        "/run/newsportal-pages": f"{folder}/pages",
        "/run/newsportal-views": f"{folder}/views",
        "HOST_NAME": "127.0.0.1",
        "listen 443 ssl http2": f"listen 127.0.0.1:{port}",
    }

    def with_our_paths(name: str) -> str:
        text = Path(TREE, "deploy/nginx", name).read_text()
        for theirs, ours in shipped.items():
            text = text.replace(theirs, ours)
        return text

    site = with_our_paths("newsportal.conf")
    # Neither the server that leads to HTTPS nor the one for other names.
    site = re.sub(
        r"^server \{(?:(?!^\}).)*(default_server|reject_handshake)(?:(?!^\}).)*^\}",
        "",
        site,
        flags=re.M | re.S,
    )
    site = re.sub(r"^ *(ssl_|limit_|listen \[::\]).*\n", "", site, flags=re.M)
    (folder / "location.conf").write_text(with_our_paths("kept-pages-location.conf"))
    (folder / "nginx.conf").write_text(
        NGINX.format(
            folder=folder, cores=os.cpu_count(), kept_pages=with_our_paths("kept-pages.conf"), site=site
        )
    )
    server = subprocess.Popen(["nginx", "-c", folder / "nginx.conf"])
    follower = subprocess.Popen(
        ["nice", "-n5", sys.executable, "manage.py", "count_from_log"], cwd=TREE, env=behind.environment
    )
    try:
        yield Edge(server.pid, port, behind.environment, behind, follower.pid, folder)
    finally:
        follower.terminate()
        server.terminate()
        follower.wait()
        server.wait()


if __name__ == "__main__":
    main()
