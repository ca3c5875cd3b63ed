"""The site that is attacked: as on a server, behind the shipped nginx with TLS, with the demo news and its own database."""

import http.client
import json
import os
import re
import socket
import socketserver
import threading
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory

from newsportal import embedded
from tests.deploy.site import HOST, PORT, TLS_PORT, Site

from .odd import Answer, Request, Staff

URL = f"https://{HOST}"
MAKE = "from tests.attack import targets; targets.make()"
sources = count()


class Target(Site):
    def prepare(self) -> None:
        # Every address of the loopback network is an attacker of its own; what limits one is tried by the slow ones.
        self.environment |= {
            "ADMIN_NETWORKS": "127.0.0.0/8",
            "API_REQUESTS_PER_MINUTE": "0",
            "ALLOWED_HOSTS": HOST,
        }
        self.manage("migrate", "-v0")
        self.manage("collectstatic", "--noinput", "-v0")
        self.manage("load_demo", "--photo-width", "800")
        made = json.loads(self.manage("shell", "-v0", "-c", MAKE).splitlines()[-1])
        self.addresses, self.people = made["addresses"], made["people"]
        self.session_cookie, self.csrf_cookie = made["session_cookie"], made["csrf_cookie"]

    def staff(self, letter: str) -> Staff:
        """Somebody of the role (test_access.ROLES), signed in anew."""
        code = f"from tests.attack import targets; targets.sign_in({self.people[letter]})"
        session = json.loads(self.manage("shell", "-v0", "-c", code).splitlines()[-1])[0]
        token = "k" * 32
        return Staff({self.session_cookie: session, self.csrf_cookie: token}, token, URL)

    def sender(self):
        """Sends to gunicorn itself, so that nothing is held back by nginx."""
        client = http.client.HTTPConnection(HOST, timeout=60)

        def send(request: Request) -> Answer:
            headers = {
                "Host": HOST,
                "X-Forwarded-For": "127.0.0.1",
                "X-Forwarded-Proto": "https",
            } | request.headers
            for is_last in (False, True):
                try:
                    if client.sock is None:
                        client.sock = socket.socket(socket.AF_UNIX)
                        client.sock.settimeout(60)
                        client.sock.connect(str(self.run / "web.sock"))
                    client.request(request.method, request.target, request.body or None, headers)
                    answer = client.getresponse()
                    body = answer.read()
                except (OSError, http.client.HTTPException) as error:
                    client.close()  # a kept connection may have ended meanwhile; a new one may not
                    if is_last:
                        return Answer(599, {}, f"no answer: {error!r}".encode())
                    continue
                return Answer(
                    answer.status, {name.lower(): value for name, value in answer.getheaders()}, body
                )

        return send

    def failures_logged(self) -> list[str]:
        """The end of each traceback in the site's own log, but for requests refused as suspicious."""
        log = "".join(path.read_text(errors="replace") for path in self.log.glob("*.log"))
        entries = re.split(r"^(?=\[?\d{4}-\d\d-\d\d )", log, flags=re.MULTILINE)
        failures = [
            each
            for each in entries
            if "Traceback (most recent" in each and " django.security." not in each[:80]
        ]
        return sorted(
            {f"{each.splitlines()[0][:200]} … {each.strip().splitlines()[-1][:200]}" for each in failures}
        )


class Forward(socketserver.StreamRequestHandler):
    """A proxy for browsers and scanners: they name the site as readers do and reach nothing but it."""

    def handle(self):
        line = self.rfile.readline().decode()
        if not line:  # who opened a connection and then wanted none
            return
        method, address, _version = line.split(" ", 2)
        while self.rfile.readline().strip():
            pass
        if method != "CONNECT" or address not in (f"{HOST}:443", f"{HOST}:80"):
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        number = next(sources) % 60_000
        source = f"127.1.{number // 250}.{number % 250 + 1}"
        port = TLS_PORT if address.endswith(":443") else PORT
        with socket.create_connection(("127.0.0.1", port), 60, (source, 0)) as site:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            ends = {self.connection: site, site: self.connection}
            while readable := select(list(ends), [], [], 120)[0]:
                for end in readable:
                    try:
                        sent = end.recv(65536)
                        if not sent:
                            return
                        ends[end].sendall(sent)
                    except OSError:
                        return


class Proxy(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 200


@contextmanager
def running():
    with TemporaryDirectory(prefix="newsportal-attack-") as name:
        os.chmod(name, 0o711)
        target = Target(Path(name))
        with embedded.running(target.data), Proxy(("127.0.0.1", PORT + 2), Forward) as proxy:
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            target.proxy = f"http://127.0.0.1:{PORT + 2}"
            try:
                target.prepare()
                target.start_release("bi-tan-cong")
                target.start_nginx()
                yield target
            finally:
                target.stop()
                proxy.shutdown()
