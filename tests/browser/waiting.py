"""Waiting for what the page says. Playwright's own wait_for_function evaluates strings as scripts of the page do,
which the content policy forbids."""

import time


def wait_until(page, expression: str, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"Not true within {seconds} seconds: {expression}"
        page.wait_for_timeout(20)  # milliseconds
