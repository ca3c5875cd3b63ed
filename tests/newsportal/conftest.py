import time

import pytest


@pytest.fixture
def clock(time_machine):
    """Stands still at the beginning of a code's half minute."""
    time_machine.move_to(time.time() // 30 * 30, tick=False)
    return time_machine
