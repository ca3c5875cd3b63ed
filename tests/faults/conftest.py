import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.visitors.conftest import server  # noqa: F401 - a fixture
from tests.visitors.database import fresh_database

from .site import Site


@pytest.fixture(scope="session")
def site_of_all(server):  # noqa: F811
    with TemporaryDirectory(prefix="newsportal-test-") as folder, fresh_database(server) as database:
        os.chmod(folder, 0o711)
        site = Site(database, Path(folder))
        try:
            site.wait()
            yield site
        finally:
            sys.stdout.write(site.errors()[-5000:])
            site.stop()
            site.listener.close()


@pytest.fixture
def site(site_of_all, server):  # noqa: F811
    """Whole again after the test before."""
    server.start()
    site_of_all.keep()
    return site_of_all
