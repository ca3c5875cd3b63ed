"""The three public figures of this machine's shipper, in a file of 64 bytes that all processes read."""

import os
import struct
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

# A number that changes with every writing stands before and after: equal ones say that what is between is whole.
LAYOUT = struct.Struct("<7q")  # number, total, online, today, day, as of, number
SIZE = 64
FRESH = 0.2  # seconds for which a reading holds


@dataclass(frozen=True)
class Figures:
    """Visits (or views, by setting) in all and on `day`, readers online; `as_of` in milliseconds since 1970."""

    total: int
    online: int
    today: int
    day: date
    as_of: int


class Board:
    """Where the figures stand. One process of the machine writes, all read."""

    def __init__(self, folder: Path):
        self._path = Path(folder, "figures")
        self._figures: Figures | None = None
        self._read_at = -FRESH

    def read(self) -> Figures | None:
        """None while nobody has written yet. Not mapped into memory: a file cut short would end the process."""
        now = time.monotonic()
        if not 0 <= now - self._read_at < FRESH:
            self._figures, self._read_at = self._read(), now
        return self._figures

    def write(self, figures: Figures) -> None:
        values = (figures.total, figures.online, figures.today, figures.day.toordinal(), figures.as_of)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            written = os.pread(descriptor, LAYOUT.size, 0)
            number = LAYOUT.unpack(written)[0] if len(written) == LAYOUT.size else 0
            number = (number + 1) % 2**62 or 1
            os.pwrite(descriptor, LAYOUT.pack(number, *values, number).ljust(SIZE, b"\0"), 0)
        finally:
            os.close(descriptor)
        self._read_at = -FRESH

    def _read(self) -> Figures | None:
        try:
            with open(self._path, "rb", buffering=0) as file:
                for _attempt in range(100):  # a writing takes far less
                    found = LAYOUT.unpack(os.pread(file.fileno(), LAYOUT.size, 0))
                    number, total, online, today, day, as_of, number_again = found
                    if number == number_again:
                        return Figures(total, online, today, date.fromordinal(day), as_of) if number else None
        except (OSError, OverflowError, ValueError, struct.error):
            pass  # none yet, or nothing of ours
        return None
