"""Whether readers' addresses tell them apart at all; pure."""

from collections import Counter
from ipaddress import ip_network


class AddressWatch:
    """Notices that nearly all readers seem to come from one private address, or none: a proxy hides them."""

    VIEWS = 1000
    TOO_MANY = 900

    def __init__(self):
        self._views: Counter[str] = Counter()
        self._count = 0
        self.is_hidden: bool | None = None  # None until VIEWS have been seen

    def note(self, address: str) -> None:
        self._views[address] += 1
        self._count += 1
        if self._count >= self.VIEWS:
            # Other threads go on with new ones, and may come here too before the count is back at 0.
            views, self._views, self._count = self._views, Counter(), 0
            if views.total() >= self.VIEWS:
                ((commonest, count),) = views.most_common(1)
                self.is_hidden = count > self.TOO_MANY and not _is_public(commonest)


def _is_public(address: str) -> bool:
    return bool(address) and ip_network(address).is_global
