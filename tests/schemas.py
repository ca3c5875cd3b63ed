"""Files for machines against the schemas in tests/data/schemas."""

from functools import cache
from pathlib import Path

from lxml import etree

FOLDER = Path(__file__).parent / "data/schemas"


@cache
def schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(FOLDER / f"{name}.rng"))


def checked(name: str, content: bytes) -> etree._Element:
    """The root of a file that keeps its schema."""
    root = etree.fromstring(content)
    schema(name).assertValid(root)
    return root
