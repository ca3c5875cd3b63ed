"""Whether the chain of the audit log still holds, computed without the database's functions."""

from dataclasses import dataclass

from .models import AuditEntry


@dataclass(frozen=True)
class Chain:
    checked: int
    head: tuple[int, str]  # number and hash of the newest entry
    broken_at: int | None = (
        None  # the first number that is missing, changed or does not follow the one before
    )


def verify(*, newest: int | None = None) -> Chain:
    """Reads all entries, or the newest ones only, which are then believed to begin rightly."""
    entries = AuditEntry.objects.chained()
    number, previous, count = 0, AuditEntry.START, 0
    if newest is not None and (last := entries.last()) and last.number > newest:
        entries = entries.filter(number__gt=last.number - newest)
        first = entries.first()
        number, previous = first.number - 1, first.previous
    for entry in entries.iterator(chunk_size=2000):
        follows = entry.number == number + 1 and entry.previous == previous
        if not follows or entry.hash != entry.expected_hash():
            return Chain(count, (number, previous), broken_at=number + 1)
        number, previous, count = entry.number, entry.hash, count + 1
    return Chain(count, (number, previous))


def holds(head: str) -> bool:
    """Whether “NUMBER:HASH”, noted down earlier, is still an entry of the log."""
    number, _colon, hash = head.partition(":")
    return AuditEntry.objects.filter(number=int(number), hash=hash).exists()
