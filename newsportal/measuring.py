"""The script of a measuring system elsewhere, such as the national one: what its settings may be."""

import re

from django.core.exceptions import ImproperlyConfigured

# HTTPS, but on the machine itself. Nothing that could end an attribute or begin another part of the content policy.
ADDRESS = re.compile(
    r"(https://[a-z0-9-]+(\.[a-z0-9-]+)+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(/[\w.~%?=-]+)+/?",
    re.ASCII,
)
ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


def check(script: str, id: str, tracker: str) -> None:
    """All three or none, and nothing odd in them; what is wrong is named."""
    given = {"MEASURING_SCRIPT": script, "MEASURING_ID": id, "MEASURING_TRACKER": tracker}
    if not any(given.values()):
        return
    for name, value in given.items():
        if not value:
            raise ImproperlyConfigured(
                f"{name} is missing: {', '.join(given)} are set together or not at all."
            )
    for name in ("MEASURING_SCRIPT", "MEASURING_TRACKER"):
        if not ADDRESS.fullmatch(given[name]):
            raise ImproperlyConfigured(
                f"{name} takes an address such as https://do-luong.vi-du.vn/dem.js, of letters, digits and "
                f". _ ~ % ? = - / alone, not “{given[name]}”."
            )
    if not ID.fullmatch(id):
        raise ImproperlyConfigured(f"MEASURING_ID takes letters, digits, “.”, “_” and “-”, not “{id}”.")
