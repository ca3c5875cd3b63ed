"""A finished page as it is kept: its bytes around what is filled in at answer time, plain and compressed. Pure."""

import re
import struct
import zlib
from collections.abc import Mapping

# What others leave in a page to be filled in when it is sent, such as today's visits.
PLACE = re.compile(rb"<!--(\w+:\w+)-->")
PLACE_IN_HEADER = re.compile(PLACE.pattern.decode())
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LONGEST_BLOCK = 65_535  # bytes that a stored block of deflate may hold


def filled_in(header: str, values: Mapping[str, bytes]) -> str:
    return PLACE_IN_HEADER.sub(lambda place: values.get(place[1], b"").decode(), header)


class KeptPage:
    """`pieces` alternate: text, name of a place, text … The compressed ones join to one gzip file, whatever is put
    between them: each ends on a whole byte and refers to nothing before it."""

    __slots__ = ("_crc", "_packed", "names", "texts")

    def __init__(self, content: bytes):
        pieces = PLACE.split(content)
        self.texts = pieces[::2]
        self.names = [name.decode() for name in pieces[1::2]]
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._packed = [packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH) for text in self.texts]
        self._packed[-1] += packer.flush(zlib.Z_FINISH)
        self._crc = zlib.crc32(self.texts[0])

    @property
    def size(self) -> int:
        return sum(map(len, self.texts)) + sum(map(len, self._packed))

    def plain(self, values: Mapping[str, bytes]) -> bytes:
        parts = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            parts += values.get(name, b""), text
        return b"".join(parts)

    def compressed(self, values: Mapping[str, bytes]) -> bytes:
        """As gzip, for a few microseconds: only what is filled in is new, and stored as it is."""
        parts = [GZIP_HEADER, self._packed[0]]
        crc, length = self._crc, len(self.texts[0])
        for name, text, packed in zip(self.names, self.texts[1:], self._packed[1:], strict=True):
            value = values.get(name, b"")[:LONGEST_BLOCK]
            crc = zlib.crc32(text, zlib.crc32(value, crc))
            length += len(value) + len(text)
            parts += struct.pack("<BHH", 0, len(value), len(value) ^ 0xFFFF), value, packed
        parts.append(struct.pack("<II", crc, length & 0xFFFFFFFF))
        return b"".join(parts)
