"""What readers see while each server of a portal of several machines dies and comes back: run by `make machines`.

nginx, two machines, PostgreSQL with a streaming replica, PgBouncer and S3-compatible storage, all on this machine. For
seconds on end, readers ask for a kept story, a search that nobody has asked for, a photo that nginx keeps, and staff for
the list of stories; each request once, as browsers do.
"""

import http.client
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

import pytest
from django.conf import settings

from tests.factory import figure, make_article, make_photo
from tests.machines.servers import Cluster, Front, Machine, Pooler, Store
from tests.machines.test_several_machines import dump_of_test_database, home, wait_until  # noqa: F401

SECONDS = 6  # of each act
READERS = 2  # of each kind


class Watch:
    """Readers that never stop, and what each kind has seen since the last look."""

    def __init__(self, front: Front, kinds: dict):
        self.front, self.kinds = front, kinds
        self.seen: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.is_over = threading.Event()
        self.threads = [
            threading.Thread(target=self.read, args=[kind]) for kind in kinds for _reader in range(READERS)
        ]

    def read(self, kind: str):
        address, headers = self.kinds[kind]
        while not self.is_over.is_set():
            began = time.monotonic()
            try:
                status = self.front.get(address(), **headers)[0]
            except (OSError, http.client.HTTPException):
                status = 0
            self.seen[kind].append((status, time.monotonic() - began))
            time.sleep(0.02)

    def tell(self, act: str) -> dict[str, list[int]]:
        seen, self.seen = self.seen, defaultdict(list)
        cells, others = [], {}
        for kind in self.kinds:
            answers = seen[kind]
            others[kind] = [status for status, _took in answers if status != 200]
            named = ", ".join(
                f"{others[kind].count(status)} × {status}" for status in sorted(set(others[kind]))
            )
            slowest = max((took for _status, took in answers), default=0)
            cells.append(f"{len(answers)}{f' ({named})' if named else ''}, {slowest:.1f} s")
        print(f"| {act} | {' | '.join(cells)} |", flush=True)
        return others


@pytest.mark.django_db(transaction=True)
def test_readers_read_on_while_servers_die(home, admin_client):  # noqa: F811
    folder, servers = home
    store = Store(folder)
    servers.append(store)
    store.start()
    store.wait()
    photo = make_photo()
    story = make_article(headline="Tin vẫn đọc được", body=f"<p>Có ảnh.</p>{figure(photo)}", lead_photo=photo)
    admin_client.get("/admin/")
    staff = {"Cookie": f"sessionid={admin_client.cookies[settings.SESSION_COOKIE_NAME].value}"}
    primary, copy = Cluster(folder, "primary"), Cluster(folder, "replica")
    pooler = Pooler(folder, primary)
    servers += [primary, copy, pooler]
    primary.create()
    primary.fill(dump_of_test_database())
    copy.copy(primary)
    copy.start()
    pooler.start()
    environment = {
        "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": pooler.url, "DATABASE_DIRECT_URL": primary.url,
        "DATABASE_REPLICA_URL": copy.url, "ALLOWED_HOSTS": "*", **store.environment_of_sites,
    }  # fmt: skip
    one, other = (Machine(folder, name, **environment) for name in ("one", "other"))
    front = Front(folder, [one, other])
    for machine in (one, other):
        machine.environment |= {"SITE_URL": f"http://127.0.0.1:{front.port}", "TRUSTED_PROXIES": "127.0.0.1"}
    servers += [one, other, front]
    for server in (one, other, front):
        server.start()
    for server in servers:
        server.wait()
    put_into_bucket(store, photo)

    words = count()
    watch = Watch(
        front,
        {
            "kept story": (story.get_absolute_url, {}),
            "new search": (lambda: f"/tim-kiem/?q=tin+{next(words)}", {}),
            "photo": (lambda: photo.file.url, {}),
            "staff": (lambda: "/admin/articles/article/", staff),
        },
    )
    for address, headers in watch.kinds.values():
        assert front.get(address(), **headers)[0] == 200
    print(f"\nRequests, what was not 200 (0: no answer), and the slowest answer, in acts of {SECONDS} s.\n")
    print(f"| act | {' | '.join(watch.kinds)} |\n|---|{'---|' * len(watch.kinds)}")
    for thread in watch.threads:
        thread.start()
    try:
        play(
            watch,
            {
                "one machine": one,
                "the replica": copy,
                "PgBouncer": pooler,
                "the storage": store,
                "the primary": primary,
            },
        )
    finally:
        watch.is_over.set()
        for thread in watch.threads:
            thread.join()


@pytest.mark.django_db(transaction=True)
def test_searches_in_vain_hold_up_no_readers_while_a_server_is_frozen(home):  # noqa: F811
    folder, servers = home
    story = make_article()
    primary, copy = Cluster(folder, "primary"), Cluster(folder, "replica")
    servers += [primary, copy]
    primary.create()
    primary.fill(dump_of_test_database())
    copy.copy(primary)
    copy.start()
    one = Machine(
        folder, "one", SECRET_KEY=settings.SECRET_KEY, DATABASE_URL=primary.url, DATABASE_REPLICA_URL=copy.url
    )
    servers.append(one)
    one.start()
    for server in servers:
        server.wait()

    def search(words):
        return one.get(f"/tim-kiem/?q={words}")[0]

    words = (f"xyz{number}" for number in count())
    with ThreadPoolExecutor(8) as readers:
        for server in (primary, copy):
            assert set(readers.map(search, islice(words, 16))) == {200}
            server.freeze()
            try:
                began = time.monotonic()
                answers = [readers.submit(search, each) for each in islice(words, 8)]
                assert {answer.result(60) for answer in answers} == {200}
                print(f"\n8 searches in vain, {server.log.stem} frozen: {time.monotonic() - began:.1f} s")
                assert one.get(story.get_absolute_url())[0] == 200
            finally:
                server.freeze(False)


def play(watch: Watch, servers: dict) -> None:
    time.sleep(SECONDS)
    assert not any(watch.tell("all run").values())
    for name, server in servers.items():
        server.kill()
        time.sleep(SECONDS)
        while_dead = watch.tell(f"{name} is dead")
        server.start()
        server.wait()
        time.sleep(SECONDS)
        watch.tell(f"{name} is back")
        wait_until(
            lambda: all(
                watch.front.get(address(), **headers)[0] == 200 for address, headers in watch.kinds.values()
            )
        )
        watch.seen.clear()
        assert not while_dead["kept story"]
        assert not while_dead["photo"]
        assert set(while_dead["new search"]) <= {503}
        if name not in ("PgBouncer", "the primary"):
            assert not while_dead["staff"]
    copy = servers["the replica"]
    copy.freeze()
    time.sleep(SECONDS)
    assert not any(watch.tell("the replica is frozen").values())
    copy.freeze(False)
    time.sleep(SECONDS)
    watch.tell("the replica goes on")


def put_into_bucket(store: Store, photo) -> None:
    """The photo was made before the storage was set up, and lies on the disk."""
    for name in photo.files.names:
        store.client().put_object(
            Bucket=store.bucket, Key=f"media/{name}", Body=(settings.MEDIA_ROOT / name).read_bytes()
        )
