"""Where a page of a list ends, as short text for the address of the next page. Pure."""

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FORM = struct.Struct(">cqq")
LENGTH = 4 * -(-FORM.size // 3)  # of the text with its padding
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST, LAST = ((datetime(year, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND for year in (1900, 9000))


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: `order` tells of which list, so that no cursor is taken for one of another."""

    order: str  # one letter
    at: datetime
    id: int

    def __str__(self) -> str:
        packed = FORM.pack(self.order.encode(), (self.at - EPOCH) // MICROSECOND, self.id)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(text: str, order: str) -> Cursor | None:
    """None for what str() of a cursor of this order never made."""
    if len(text) > LENGTH:
        return None
    try:
        packed = base64.b64decode(text.ljust(LENGTH, "="), altchars=b"-_", validate=True)
        letter, at, id = FORM.unpack(packed)
    except (ValueError, binascii.Error, struct.error):
        return None
    if letter != order.encode() or not FIRST <= at <= LAST or id < 1:
        return None
    cursor = Cursor(order, EPOCH + at * MICROSECOND, id)
    return cursor if str(cursor) == text else None
