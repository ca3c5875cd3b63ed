"""What the site is made of: locked, listed, with a licence that suits."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.requirement(50)
@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_package_is_locked_by_its_hash(name):
    lines = (ROOT / f"requirements/{name}.txt").read_text().replace("\\\n", "").splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]

    loose = [line for line in packages if not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)]
    assert packages
    assert not loose
