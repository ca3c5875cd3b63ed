"""One folding for slugs, file names and search. Pure; static/js/admin/fold.js does the same in the browser."""

import re
import unicodedata
from functools import lru_cache

# Đ and đ are letters of their own that Unicode does not decompose.
UNDECOMPOSED = {"đ": "d", "Đ": "d", "ð": "d", "Ð": "d"}


# What neither PostgreSQL (NUL) nor XML, and so no feed, takes.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def nfc(text: str) -> str:
    """The composed form, in which everything is stored, without control characters."""
    return CONTROL_CHARACTERS.sub("", unicodedata.normalize("NFC", text))


def fold(text: str) -> str:
    """Lower-case letters without marks: "Đại hội" gives "dai hoi", "Ủy" and "Uỷ" give "uy".

    As long as nfc(text), letter for letter, so that a place found in one is the place in the other.
    """
    return "".join(map(_fold_letter, nfc(text)))


def slugify(text: str, max_length: int = 120) -> str:
    """Letters a–z, digits and single hyphens, cut at a word; empty when nothing of that is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
    if len(slug) <= max_length:
        return slug
    return slug[: max_length + 1].rpartition("-")[0] or slug[:max_length]


@lru_cache(maxsize=2000)
def _fold_letter(letter: str) -> str:
    if letter in UNDECOMPOSED:
        return UNDECOMPOSED[letter]
    return unicodedata.normalize("NFD", letter)[0].lower()[0]
