"""Stands between the portal and PostgreSQL, and cuts connections off when a COMMIT is on its way."""

import random
import socket
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from newsportal import embedded

COMMIT = b"Q\0\0\0\x0bCOMMIT\0"


class Relay:
    """Of every `one_in` commits one is cut: most reach the server, whose answer is lost; some never arrive."""

    def __init__(self, target: str, chance: random.Random, one_in: int = 4):
        self._target, self._chance, self._one_in = target, chance, one_in
        self._folder = TemporaryDirectory(prefix="newsportal-relay-")  # a socket's path must be short
        self.host = self._folder.name
        self.cuts = 0

    def __enter__(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(Path(self.host, f".s.PGSQL.{embedded.PORT}")))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._target)
            except OSError:
                client.close()
                server.close()
                continue
            threading.Thread(target=self._pass_on, args=[client, server, True], daemon=True).start()
            threading.Thread(target=self._pass_on, args=[server, client, False], daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_client: bool):
        try:
            while content := source.recv(65536):
                cut = is_client and content.endswith(COMMIT) and self._chance.randrange(self._one_in) == 0
                if not cut or self._chance.random() < 0.7:
                    target.sendall(content)
                if cut:
                    self.cuts += 1
                    break
        except OSError:
            pass
        # Both, so that the other direction ends too; the descriptors go with the last reference.
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if is_client:
            return
        source.close()
        target.close()
