"""Eleven photos of 12 megapixels sent to the real server: how long until all are ready, and how long readers wait
meanwhile. Then what a story with all of them weighs. Run by `make bench`."""

import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from bench.pictures import camera_photos
from bench.weight import weigh

COUNT, AT_ONCE = 11, 4
LIMIT = 20  # seconds
PORT = int(os.environ.get("PORT", "8377"))
PASSWORD = "bench-bench-bench"


class Browser:
    """One connection that is kept, with its cookies."""

    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.cookies: dict[str, str] = {}

    def send(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/x-www-form-urlencoded"
    ):
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Content-Type": kind}
        if "csrftoken" in self.cookies:
            headers |= {"X-CSRFToken": self.cookies["csrftoken"]}
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return response.status, response.read().decode(errors="replace")

    def log_in(self):
        self.send("GET", "/admin/login/")
        token = self.cookies["csrftoken"]
        form = f"csrfmiddlewaretoken={token}&username=admin&password={PASSWORD}&next=/admin/"
        status, _page = self.send("POST", "/admin/login/", form.encode())
        assert status == 302, status

    def upload(self, content: bytes):
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="anh.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        status, answer = self.send(
            "POST", "/admin/articles/photo/upload/", body, f"multipart/form-data; boundary={mark}"
        )
        assert status == 200, answer


def main():
    photos = camera_photos(COUNT)
    print(f"photos: {COUNT}, {sum(map(len, photos)) / COUNT / 1e6:.1f} MB each")
    folder = tempfile.mkdtemp(prefix="bench-photos-")
    environment = os.environ | {"DATA_DIR": folder, "PORT": str(PORT), "ADMIN_PASSWORD": PASSWORD}
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_until_it_answers(server)
        measure(photos)
        weigh(f"http://127.0.0.1:{PORT}{make_story(environment)}")
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_it_answers(server):
    while server.poll() is None:
        try:
            Browser().send("GET", "/")
            return
        except OSError:
            time.sleep(0.5)
    sys.exit("The server did not start.")


def measure(photos: list[bytes]):
    reader = Browser()
    path = re.search(r'class="card__link" href="([^"]+)"', reader.send("GET", "/")[1])[1]
    idle = read_for(5, path)
    senders = [Browser() for _ in range(AT_ONCE)]  # as many as the editor's dialog sends at once
    for sender in senders:
        sender.log_in()
    finished = threading.Event()
    with ThreadPoolExecutor(1) as watcher, ThreadPoolExecutor(AT_ONCE) as pool:
        meanwhile = watcher.submit(read_until, finished, path)
        began = time.perf_counter()
        free = list(senders)

        def send(content):
            sender = free.pop()
            sender.upload(content)
            free.append(sender)

        list(pool.map(send, photos))
        seconds = time.perf_counter() - began
        finished.set()
        busy = meanwhile.result()
    print(f"ready after {seconds:.1f} s (limit {LIMIT}){'' if seconds <= LIMIT else '  OVER THE LIMIT'}")
    for name, times in (("idle", idle), ("meanwhile", busy)):
        quantiles = statistics.quantiles(times, n=20)
        print(
            f"page {name:10} p50 {statistics.median(times):5.0f} ms, p95 {quantiles[-1]:5.0f} ms ({len(times)} reads)"
        )


STORY = f"""
from articles.models import Article, Photo, Section
photos = Photo.objects.order_by("-pk")[:{COUNT}]
body = "".join(f"<p>{{'Sông Hương Giang hiền hòa. ' * 30}}</p>{{photo.figure_html}}" for photo in photos)
story = Article(section=Section.objects.first(), headline="Mười một ảnh", body=body, status="published")
story.published_at = story.updated_at = Article.objects.published().latest("published_at").published_at
story.save()
print(story.get_absolute_url())
"""


def make_story(environment) -> str:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", STORY]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def read_for(seconds: float, path: str) -> list[float]:
    finished = threading.Event()
    threading.Timer(seconds, finished.set).start()
    return read_until(finished, path)


def read_until(finished: threading.Event, path: str) -> list[float]:
    reader, times = Browser(), []
    while not finished.wait(0.02):
        began = time.perf_counter()
        status, _page = reader.send("GET", path)
        times.append(1000 * (time.perf_counter() - began))
        assert status == 200, status
    return times


if __name__ == "__main__":
    main()
