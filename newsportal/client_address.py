"""Whose request it is, for the counter, for limits of attempts and for the log; needs no models."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings


def client_address(meta: dict) -> str:
    """Walks X-Forwarded-For from the right past trusted proxies.

    Whoever is not on TRUSTED_PROXIES is believed nothing. Empty on a unix socket without a proxy's header.
    """
    chain = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = meta.get("REMOTE_ADDR", "")
    while chain and _is_trusted(address):
        address = chain.pop()
    return str(_parsed(address) or "")


def household(address: str) -> str:
    """IPv6 is cut to its /64, which belongs to one customer; the device changes the rest by itself."""
    parsed = _parsed(address)
    if parsed is None:
        return ""
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def is_in(address: str, networks: list[str]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in _networks(tuple(networks)))


def _is_trusted(address: str) -> bool:
    if _parsed(address) is None:
        return "unix" in settings.TRUSTED_PROXIES and not address
    return is_in(address, settings.TRUSTED_PROXIES)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.split("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


@lru_cache(maxsize=8)
def _networks(networks: tuple[str, ...]):
    return [ip_network(network, strict=False) for network in networks if network != "unix"]
