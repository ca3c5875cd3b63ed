"""Whoever deletes a fault's last test is told."""

import re

from django.conf import settings

from .promises import PROMISES


def test_every_fault_has_a_test():
    tests = (settings.BASE_DIR / "tests").rglob("test_*.py")
    numbers = {
        int(number) for path in tests for number in re.findall(r"mark\.fault\((\d+)\)", path.read_text())
    }

    assert numbers == set(PROMISES)
