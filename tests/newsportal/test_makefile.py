"""What `make` sees in a `.venv`, tried on copies of the Makefile."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def checkout(tmp_path):
    """An installation as `make run` leaves it, without the packages."""
    shutil.copy(settings.BASE_DIR / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/base.txt").touch()
    venv.create(tmp_path / ".venv", symlinks=True)
    (site_packages(tmp_path) / "pip").mkdir()
    (site_packages(tmp_path) / "pip/__init__.py").touch()
    (tmp_path / ".venv/base").touch()
    return tmp_path


def site_packages(checkout):
    return Path(checkout, f".venv/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages")


def installs(checkout):
    planned = subprocess.run(
        ["make", "--dry-run", ".venv/base"],
        cwd=checkout,
        env=os.environ | {"MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return "-m pip install" in planned.stdout


def test_packages_are_installed_once(checkout):
    assert not installs(checkout)


def test_packages_are_installed_anew_for_another_python(checkout):
    site_packages(checkout).rename(checkout / ".venv/lib/those of another version")

    assert installs(checkout)


def test_packages_are_installed_anew_where_python_is_gone(checkout):
    for link in (checkout / ".venv/bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nonexistent/python3")

    assert installs(checkout)
