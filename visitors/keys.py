"""Who a view belongs to: a key that holds for one day and leads back to nobody.

A key is a hash of address and browser with a random salt of the day. Salts are made for today and tomorrow, are
shared by all machines through the database and kept in a private file, so that a view asks the database nothing.
"""

import fcntl
import os
import secrets
from datetime import date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SALT_BYTES = 32
# After midnight a view carries yesterday's key too, so that a reader does not count as online twice. At least as
# long as the longest window of "online", see visitors/checks.py.
BOTH_KEYS = 30 * 60 * 1000  # milliseconds


class LocalDays:
    """Which day of the portal's time zone a moment falls on. Remembers the last one asked for."""

    def __init__(self, zone: str):
        self._zone = ZoneInfo(zone)
        self._from = self._until = 0
        self._day = date.min

    def of(self, at: int) -> date:
        """The day of a moment in milliseconds since 1970."""
        return self.start_of(at)[0]

    def start_of(self, at: int) -> tuple[date, int]:
        """The day, and the moment at which it began."""
        day, begins, ends = self._day, self._from, self._until
        if not begins <= at < ends:
            day = datetime.fromtimestamp(at / 1000, self._zone).date()
            begins, ends = self._midnight(day), self._midnight(day + DAY)
            self._day, self._from, self._until = day, begins, ends
        return day, begins

    def _midnight(self, day: date) -> int:
        return int(datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp() * 1000)


class Salts:
    """The salts in this machine's file."""

    def __init__(self, folder: Path):
        self._path = Path(folder, "salts")
        self._salts: dict[date, bytes] = {}
        self._version_read: tuple[int, int] | None = None

    def of(self, day: date) -> bytes:
        """The day's salt, made if there is none yet."""
        if day not in self._salts:
            self.refresh()
        if day not in self._salts:
            self.keep({day: secrets.token_bytes(SALT_BYTES)})
        return self._salts[day]

    def known(self, day: date) -> bytes | None:
        return self._salts.get(day)

    def refresh(self) -> None:
        """Reads the file again if another process has written it."""
        try:
            version = self._version()
            if version == self._version_read:
                return
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return
        self._salts = dict(salt for line in lines if (salt := _salt_of(line)))
        self._version_read = version

    def keep(self, salts: dict[date, bytes], *, shared: bool = False) -> None:
        """Adds salts that the file lacks; those that machines share win over the file's own. Drops old ones."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(f"{self._path}.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self.refresh()
                merged = {**self._salts, **salts} if shared else {**salts, **self._salts}
                oldest = min(salts) - 2 * DAY
                merged = {day: salt for day, salt in merged.items() if day >= oldest}
                if merged != self._salts:
                    self._write(merged)
        except OSError:  # a full disk: this process goes on with salts of its own
            self._salts = {**salts, **self._salts}

    def _write(self, salts: dict[date, bytes]) -> None:
        new = self._path.with_suffix(".new")
        try:
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.writelines(f"{day} {salt.hex()}\n" for day, salt in sorted(salts.items()))
            new.rename(self._path)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        self._salts, self._version_read = salts, self._version()

    def _version(self) -> tuple[int, int]:
        # Each writing is a new file; two can fall into the same tick of the clock.
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ino


def _salt_of(line: bytes) -> tuple[date, bytes] | None:
    """None for what is not of ours."""
    day, _space, salt = line.decode(errors="replace").partition(" ")
    try:
        found = date.fromisoformat(day), bytes.fromhex(salt)
    except ValueError:
        return None
    return found if len(found[1]) == SALT_BYTES else None


def key(salt: bytes, address: str, agent: str) -> int:
    """8 bytes as a signed number, as PostgreSQL's bigint holds them."""
    digest = blake2b(f"{address}\n{agent}".encode(errors="replace"), key=salt, digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)
