"""Processes that a test did not start itself."""

import subprocess
import time


def ends(pid: int | str, within: int = 30) -> bool:
    """Waits for the end of a process; one that its parent has yet to collect counts as ended."""
    deadline = time.monotonic() + within  # seconds
    while time.monotonic() < deadline:
        state = subprocess.run(["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True).stdout
        if state.strip() in ("", "Z"):
            return True
        time.sleep(0.1)
    return False
