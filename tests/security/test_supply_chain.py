"""What the site is made of: locked, listed, with a licence that suits."""

import json
import re

import pytest

from tests.security.parts import CARRIED, DOCUMENT, EXPLAINED, ROOT, document, licence, locked, suits


@pytest.mark.requirement(50)
@pytest.mark.parametrize("name", ["base", "dev", "s3", "scan"])
def test_every_package_is_locked_by_its_hash(name):
    lines = (ROOT / f"requirements/{name}.txt").read_text().replace("\\\n", "").splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]

    loose = [line for line in packages if not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)]
    assert packages
    assert not loose


@pytest.mark.requirement(50)
def test_every_package_of_npm_is_locked_by_its_hash():
    packages = json.loads((ROOT / "tests/node/package-lock.json").read_text())["packages"]

    loose = [name for name, package in packages.items() if name and "integrity" not in package]
    assert len(packages) > 100
    assert not loose


@pytest.mark.requirement(50)
def test_every_part_has_a_licence_that_suits():
    parts = {name: licence(name) for name in locked()} | {
        name: words for name, _version, words, _place in CARRIED
    }

    unsuitable = {name for name, words in parts.items() if not suits(words)}
    assert unsuitable == EXPLAINED.keys()
    assert DOCUMENT.read_text() == document(), "Run make licences."
