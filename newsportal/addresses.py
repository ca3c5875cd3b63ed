"""The reader's address behind proxies. Pure but for the list of trusted ones."""

from collections import Counter
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings


def client_address(meta: dict) -> str:
    """Walks X-Forwarded-For from the right past trusted proxies; IPv6 is cut to its /64.

    Whoever is not on TRUSTED_PROXIES is believed nothing. Empty on a unix socket without a proxy's header.
    """
    chain = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = meta.get("REMOTE_ADDR", "")
    while chain and _is_trusted(address):
        address = chain.pop()
    return _household(address)


def _is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    if parsed is None:
        return "unix" in settings.TRUSTED_PROXIES and not address
    return any(parsed in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


def _household(address: str) -> str:
    parsed = _parsed(address)
    if parsed is None:
        return ""
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.split("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]):
    return [ip_network(network, strict=False) for network in trusted if network != "unix"]


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
