"""What is no HTTP, or hardly: sent to nginx byte by byte. It is refused, with our headers, and readers go on reading."""

import socket
import ssl

from tests.deploy.site import HOST, TLS_PORT

from .odd import FOREIGN, Answer, Request, faults_of

GET, POST = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n", f"POST /tim-kiem/ HTTP/1.1\r\nHost: {HOST}\r\n"
# A name for the report, and what is sent.
CASES = {
    "a NUL in the path": f"GET /a\0b HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "a bare line end in a header": f"{GET}X-A: b\nX-Odd: 1\r\n\r\n",
    "a space before the colon": f"{GET}X-Odd : 1\r\n\r\n",
    "a folded header": f"{GET}X-A: b\r\n c\r\n\r\n",
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "two hosts": f"{GET}Host: {FOREIGN}\r\n\r\n",
    "another host": f"GET / HTTP/1.1\r\nHost: {FOREIGN}\r\n\r\n",
    "another host in the line": f"GET https://{FOREIGN}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "the path of another folder": f"GET /media/../../secret_key HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "a long line": f"GET /{'a' * 40_000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "a line of 5,000": f"GET /{'a' * 5_000}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "a long cookie": f"{GET}Cookie: a={'b' * 40_000}\r\n\r\n",
    "a thousand headers": f"{GET}{''.join(f'X-{number}: a{chr(13)}{chr(10)}' for number in range(1000))}\r\n",
    "HTTP 9": f"GET / HTTP/9.9\r\nHost: {HOST}\r\n\r\n",
    "HTTP 0.9": "GET /\r\n\r\n",
    "no method": f" / HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "a method of 200 letters": f"{'X' * 200} / HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "TRACE": f"TRACE / HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "CONNECT": f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
    "two lengths": f"{POST}Content-Length: 4\r\nContent-Length: 5\r\n\r\na=bcd",
    "a length below none": f"{POST}Content-Length: -1\r\n\r\n",
    "a huge length": f"{POST}Content-Length: {'9' * 30}\r\n\r\n",
    "length and chunks": f"{POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin/ HTTP/1.1\r\n\r\n",
    "an unknown coding": f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding with a tab": f"{POST}Transfer-Encoding:\tchunked\t\r\n\r\nzz\r\n",
    "a broken chunk": f"{POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na\r\n",
    "a header with NUL": f"{GET}X-A: a\0b\r\n\r\n",
    "a request to switch": f"{GET}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    "half of a TLS record": "",
}  # fmt: skip
# As HTTP allows, or since nginx sends on its own line and headers, none of which anybody trusts.
MAY_BE_SERVED = {"a bare line end in a header", "another host in the line", "a line of 5,000", "a request to switch", "a folded header", "a thousand headers"}  # fmt: skip


def attack(target) -> tuple[str, list[str]]:
    found = []
    for name, sent in CASES.items():
        answer = ask(sent.encode("latin-1"))
        if answer is None:  # closed without a word
            continue
        request = Request(name, "", {}, b"")
        faults = faults_of(request, answer, {HOST, f"{HOST}:443"})
        # "Not implemented" and "version not supported" are refusals like others.
        found += [f"{name}: {fault}" for fault in faults if fault not in ("answers 501", "answers 505")]
        if answer.status < 400 and name not in MAY_BE_SERVED and answer.status not in (301, 302):
            found.append(f"{name}: answered with {answer.status}")
    if target.ask("/").status != 200:
        found.append("readers are no longer served")
    return f"{len(CASES)} requests to nginx", found


def ask(sent: bytes) -> Answer | None:
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", TLS_PORT), 20, ("127.0.8.8", 0)) as raw:
        if not sent:
            raw.sendall(b"\x16\x03\x01\x02\x00\x01")
            return None
        try:
            with context.wrap_socket(raw, server_hostname=HOST) as client:
                client.sendall(sent)
                got = b""
                while part := client.recv(65536):
                    got += part
                    if answer_is_whole(got):
                        break
        except OSError:
            return None
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    if not first.startswith("HTTP/"):
        return None
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def answer_is_whole(got: bytes) -> bool:
    head, found, body = got.partition(b"\r\n\r\n")
    length = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    ]
    return bool(found) and (len(body) >= int(length[0]) if length else body.endswith(b"0\r\n\r\n"))
