"""How often one address may ask."""

import threading
import time

from django.conf import settings

from newsportal.client_address import client_address, household

MINUTE = 60  # seconds


class Allowance:
    """Counts the requests of each address in this minute; every process has one of its own.

    Nothing is asked of the database, and what is kept of a reader is gone with the minute.
    """

    def __init__(self):
        self._minute = 0
        self._asked: dict[str, int] = {}
        self._lock = threading.Lock()

    def wait(self, meta: dict) -> int:
        """Seconds until this address may ask again; 0 when it may now."""
        limit = settings.API_REQUESTS_PER_MINUTE
        if not limit:
            return 0
        minute, second = divmod(int(time.time()), MINUTE)
        address = household(client_address(meta))
        with self._lock:
            if minute != self._minute:
                self._minute, self._asked = minute, {}
            asked = self._asked[address] = self._asked.get(address, 0) + 1
        return MINUTE - second if asked > limit else 0


allowance = Allowance()
