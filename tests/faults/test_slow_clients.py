"""A few slow clients in front of the site, for every run of the tests; tests/deploy has 800 of them."""

import shutil
import threading

import pytest

from tests.deploy import site as deployed
from tests.deploy.test_nginx import Stop, drip, reading


@pytest.fixture
def behind_nginx(site):
    (site.folder / "nginx").mkdir()
    nginx = deployed.Site(site.folder / "nginx")
    nginx.upstream = f"127.0.0.1:{site.port}"
    nginx.start_nginx()
    nginx.story = site.stories[-1]
    yield nginx
    nginx.stop()


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="no nginx here")
@pytest.mark.fault(7)
def test_readers_are_answered_beside_a_few_slow_clients(behind_nginx):
    stop = Stop()
    slow = threading.Thread(target=drip, args=(behind_nginx, stop, 50))
    slow.start()
    assert stop.ready.wait(60)

    p99 = reading(behind_nginx, count=40)

    stop.set()
    slow.join()
    assert p99 < 5  # unhurried, since other tests run beside this one; without nginx all would wait for good
