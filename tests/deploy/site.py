"""A real site behind a real nginx: the shipped configuration with nothing but paths, ports and the host name replaced."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

from newsportal import embedded

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
HOST = "tin.example.vn"
PORT, TLS_PORT = int(os.environ.get("DEPLOY_PORT", 8162)), int(os.environ.get("DEPLOY_PORT", 8162)) + 1
CONTENTS = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from tests.factory import figure, make_article, make_photo, make_section
photo = make_photo()
story = make_article(headline="Khánh thành cầu", section=make_section(), body=f"<p>Nội dung.</p>{figure(photo, 'Chú thích')}")
print(story.get_absolute_url(), photo.file.name)
"""
WRAPPER = """
user {user};
worker_processes 2;
worker_rlimit_nofile 20000;
pid {run}/nginx.pid;
daemon off;
error_log {log}/nginx-error.log;
include /etc/nginx/modules-enabled/*.conf;
events {{ worker_connections 8192; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    access_log off;
    client_body_temp_path {run}/body; proxy_temp_path {run}/proxy; fastcgi_temp_path {run}/f;
    uwsgi_temp_path {run}/u; scgi_temp_path {run}/s;
    include {run}/kept-pages.conf;
    include {run}/newsportal.conf;
}}
"""


class Site:
    def __init__(self, folder: Path, *, nginx_keeps_pages=False):
        self.folder, self.run, self.log, self.data = folder, folder / "run", folder / "log", folder / "data"
        self.processes = []
        self.upstream = f"unix:{self.run}/web.sock"
        for path in (self.run, self.log, folder / "tls"):
            path.mkdir()
        self.environment = os.environ | {
            "DATA_DIR": str(self.data), "DATABASE_URL": "", "SECRET_KEY": "mot-khoa-dai-chi-dung-khi-kiem-thu-" * 2,
            "ALLOWED_HOSTS": HOST, "SITE_URL": f"https://{HOST}", "HTTPS": "1", "TRUSTED_PROXIES": "unix",
            "ADMIN_NETWORKS": "127.0.0.1", "WEB_WORKERS": "2", "RUN_DIR": str(self.run),
        }  # fmt: skip
        (self.run / "kept-pages.conf").touch()
        if nginx_keeps_pages:
            self.views = Path(f"{self.run}-views")
            self.views.mkdir()
            self.environment["VISITS_LOG"] = str(self.views)
            (self.run / "kept").mkdir()
            for name, place in {"kept-pages": self.run, "kept-pages-location": self.run / "kept"}.items():
                shipped = (DEPLOY / f"nginx/{name}.conf").read_text()
                (place / f"{name}.conf").write_text(self.with_our_paths(shipped))

    def with_our_paths(self, shipped: str) -> str:
        for path, ours in {
            "HOST_NAME": HOST,
            "/etc/newsportal/tls": self.folder / "tls",
            "/etc/nginx/newsportal/kept/": f"{self.run}/kept/",
            "/etc/nginx/newsportal": DEPLOY / "nginx",
            "/usr/local/share/newsportal/pages": DEPLOY / "pages",
            "/var/lib/newsportal": self.data,
            "/var/log/newsportal": self.log,
            "/run/newsportal": self.run,
        }.items():
            shipped = shipped.replace(path, str(ours))
        return shipped

    def manage(self, *arguments, **environment) -> str:
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment | environment, capture_output=True, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def start_release(self, name: str) -> subprocess.Popen:
        """As systemd does it by newsportal@.service: gunicorn on a socket of its own, then go-live."""
        unit = (DEPLOY / "systemd/newsportal@.service").read_text()
        command = re.search(r"^ExecStart=\S+ (.*)$", unit, re.MULTILINE)[1]
        command = command.replace("/run/newsportal", str(self.run)).replace("%i", name)
        with (self.log / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *command.split()], cwd=ROOT, env=self.environment,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        subprocess.run([DEPLOY / "go-live", name], env=self.environment, check=True)
        return process

    def start_nginx(self) -> None:
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"),
                *("-addext", f"subjectAltName=DNS:{HOST}"),
                *("-keyout", self.folder / "tls/privkey.pem", "-out", self.folder / "tls/fullchain.pem"),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        shipped = self.with_our_paths((DEPLOY / "nginx/newsportal.conf").read_text())
        shipped = shipped.replace(f"server unix:{self.run}/web.sock", f"server {self.upstream}")
        shipped = re.sub(r"^ *listen \[::\].*\n", "", shipped, flags=re.MULTILINE)
        shipped = shipped.replace("listen 80", f"listen 127.0.0.1:{PORT}").replace(
            "listen 443", f"listen 127.0.0.1:{TLS_PORT}"
        )
        (self.run / "newsportal.conf").write_text(shipped)
        user = "root" if os.geteuid() == 0 else "nobody"
        (self.run / "nginx.conf").write_text(WRAPPER.format(user=user, run=self.run, log=self.log))
        nginx = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", self.run / "nginx.conf"])
        self.processes.append(nginx)
        while True:
            try:
                socket.create_connection(("127.0.0.1", TLS_PORT)).close()
                return
            except OSError:
                assert nginx.poll() is None, "nginx did not start; its reason stands above"
                time.sleep(0.1)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(timeout=60)

    def connect(self, source="127.0.0.1", timeout=60) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=self.folder / "tls/fullchain.pem")
        client = http.client.HTTPSConnection(HOST, TLS_PORT, timeout=timeout)
        client.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", TLS_PORT), timeout, (source, 0)), server_hostname=HOST
        )
        return client

    def ask(self, path, method="GET", headers=None, body=None, source="127.0.0.1"):
        client = self.connect(source)
        try:
            client.request(method, path, headers={"Host": HOST} | (headers or {}), body=body)
            answer = client.getresponse()
            answer.content = answer.read()
            return answer
        finally:
            client.close()

    def ask_gunicorn(self, path):
        client = http.client.HTTPConnection(HOST)
        client.sock = socket.socket(socket.AF_UNIX)
        client.sock.connect(str(self.run / "web.sock"))
        with closing(client):
            client.request("GET", path, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
            answer = client.getresponse()
            answer.content = answer.read()
            return answer


@contextmanager
def running(folder: Path, **options):
    site = Site(folder, **options)
    with embedded.running(site.data):
        try:
            site.story, site.photo = site.manage("shell", "-v0", "-c", CONTENTS).split()
            site.start_release("dau-tien")
            site.start_nginx()
            yield site
        finally:
            site.stop()
