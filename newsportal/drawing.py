"""Pictures that no camera took: the site's icons, and what is shown where a page without a photo is shared. Knows Pillow
and the site's typeface, no models."""

import io
import re
from dataclasses import astuple, dataclass
from functools import cache, cached_property
from hashlib import sha256

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from articles.fold import nfc

# Raised when the same words are drawn in another way: pictures then have other addresses.
RECIPE = 1
SIZE = (1200, 630)  # what Facebook, Zalo, X and others show whole
MARGIN = 72
# Name: pixels, and whether it is full: without a clear corner, and with the emblem where no mask of a telephone cuts it.
ICONS = {
    "48": (48, False), "192": (192, False), "512": (512, False), "full180": (180, True), "full512": (512, True),
}  # fmt: skip
WHITE, GOLD = (255, 255, 255), (0xF6, 0xD3, 0x65)
HEADLINE_SIZES = {84: 2, 72: 3, 62: 4, 50: 5}  # pixels of the type: lines of it that fit
LONGEST = 400  # characters that are looked at; five lines hold half of them
# The letters of the typeface, without those that only steer.
DRAWABLE = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u00ff\u0102\u0103\u0110\u0111\u0128\u0129\u0131\u0152\u0153\u0168\u0169\u01a0\u01a1\u01af\u01b0"
    "\u1ea0-\u1ef9\u2013\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u2039\u203a\u20ab\u20ac\u2122\u2212]"
)
BEFORE_A_UNIT = re.compile(r"(?<=\d) (?=[^\W\d])")  # “200 áo phao” is not broken after the number

# The emblem of templates/components/emblem.html, on a field of 64 by 64.
FIELD = 64
STAR = [
    (32, 9), (36.7, 22.6), (51.1, 22.9), (39.6, 31.6), (43.8, 45.4),
    (32, 37.1), (20.2, 45.4), (24.4, 31.6), (12.9, 22.9), (27.3, 22.6),
]  # fmt: skip
LINES = [((20, 51), (44, 51)), ((25, 57), (39, 57))]
STROKE = 3
FINER = 4  # shapes are drawn larger and made small, which smooths their edges


@dataclass(frozen=True)
class Emblem:
    """Of a site: its own picture, or the star on its colour."""

    colour: str  # as #rrggbb
    content: bytes = b""

    def drawn(self, size: int, *, share: float = 1, ground: str = "") -> Image.Image:
        """`share` of the square is the emblem's; around it and behind it is `ground`, or nothing."""
        picture = Image.new("RGBA", (size, size), ground or (0, 0, 0, 0))
        side = round(size * share)
        emblem = self._own(side) or self._star(side)
        picture.alpha_composite(emblem, ((size - emblem.width) // 2, (size - emblem.height) // 2))
        return picture

    @property
    def ground(self) -> str:
        """What goes with it where a square has to be full."""
        return "#ffffff" if self.content else self.colour

    def _own(self, side: int) -> Image.Image | None:
        if not self.content:
            return None
        try:
            with Image.open(io.BytesIO(self.content), formats=["PNG", "JPEG", "WEBP", "GIF"]) as opened:
                if opened.width * opened.height > settings.PHOTO_MAX_PIXELS:
                    return None
                emblem = opened.convert("RGBA")
        # A broken file raises whatever its decoder stumbles over.
        except Exception:
            return None
        scale = side / max(emblem.size)
        return emblem.resize(
            [max(1, round(length * scale)) for length in emblem.size], Image.Resampling.LANCZOS
        )

    def _star(self, side: int) -> Image.Image:
        scale = side * FINER / FIELD
        picture = Image.new("RGBA", (side * FINER, side * FINER), (*_rgb(self.colour), 0))
        pen = ImageDraw.Draw(picture)
        pen.ellipse((0, 0, side * FINER - 1, side * FINER - 1), fill=self.colour)
        pen.polygon([(x * scale, y * scale) for x, y in STAR], fill=GOLD)
        half = STROKE * scale / 2
        for (left, y), (right, _y) in LINES:
            pen.rounded_rectangle(
                (left * scale - half, y * scale - half, right * scale + half, y * scale + half),
                half,
                fill=GOLD,
            )
        return picture.resize((side, side), Image.Resampling.LANCZOS)


def icon(emblem: Emblem, name: str) -> bytes:
    """A PNG of one of ICONS."""
    size, is_full = ICONS[name]
    picture = emblem.drawn(size, share=0.8, ground=emblem.ground) if is_full else emblem.drawn(size)
    return _png(picture.convert("RGB") if is_full else picture)


@dataclass(frozen=True)
class SharePicture:
    """What stands on it; equal ones have the same key, and with any change of words or looks another."""

    kicker: str
    headline: str
    agency: str
    parent_agency: str
    portal: str
    host: str
    colour: str
    emblem: str  # its name; the file of a name never changes

    @cached_property
    def key(self) -> str:
        return sha256(repr((RECIPE, *astuple(self))).encode()).hexdigest()[:20]

    def draw(self, emblem: Emblem) -> bytes:
        picture = Image.new("RGB", SIZE, self.colour)
        pen = ImageDraw.Draw(picture)
        quiet = tuple(round(0.8 * 255 + 0.2 * part) for part in _rgb(self.colour))
        width = SIZE[0] - 2 * MARGIN

        if emblem.content:  # of any colour, so on white
            mark = emblem.drawn(88, share=0.86, ground=emblem.ground)
        else:
            mark = Emblem(_darker(self.colour)).drawn(88)
        picture.paste(mark, (MARGIN, 52), mark)
        names = [(self.parent_agency, 24, 400, quiet), (self.agency or self.portal, 32, 700, WHITE)]
        names = [(shown, *rest) for text, *rest in names if (shown := drawable(text))]
        y = 96 - sum(size * 1.4 for _text, size, *_rest in names) / 2
        for text, size, weight, colour in names:
            face = Face(size, weight)
            face.write(pen, (MARGIN + 112, y + size * 1.1), face.shortened(text, width - 112), colour)
            y += size * 1.4

        size, lines = set_headline(drawable(self.headline) or drawable(self.portal), width)
        face, small = Face(size, 700), Face(32, 700)
        kicker = small.shortened(drawable(self.kicker), width)
        height = len(lines) * size * 1.24 + (58 if kicker else 0)
        y = 164 + (544 - 164 - height) / 2
        if kicker:
            small.write(pen, (MARGIN, y + 34), kicker, GOLD)
            y += 58
        for line in lines:
            face.write(pen, (MARGIN, y + size), line, WHITE)
            y += size * 1.24

        pen.rectangle((MARGIN, 560, SIZE[0] - MARGIN, 561), fill=quiet)
        face = Face(24, 400)
        host = face.shortened(drawable(self.host), width / 2)
        face.write(pen, (SIZE[0] - MARGIN - face.length(host), 598), host, quiet)
        portal = face.shortened(drawable(self.portal), width - face.length(host) - MARGIN)
        face.write(pen, (MARGIN, 598), portal, quiet)
        return _png(picture.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE))


@dataclass(frozen=True)
class Face:
    """The site's typeface in one size."""

    size: int
    weight: int

    @property
    def font(self) -> ImageFont.FreeTypeFont:
        return _font(self.weight, self.size)

    def length(self, text: str) -> float:
        return self.font.getlength(text)

    def write(self, pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour) -> None:
        """`place` is where the base line begins."""
        pen.text(place, text, colour, self.font, anchor="ls")

    def shortened(self, text: str, width: float) -> str:
        """As much of it as fits on a line, whole words if there are any, and “…”."""
        if self.length(text) <= width:
            return text
        while text and self.length(f"{text}…") > width:
            text = text.rpartition(" ")[0] if " " in text else text[:-1]
        return f"{text.rstrip(' ,.;:–-')}…"

    def lines(self, text: str, width: float) -> list[str]:
        lines = [""]
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if self.length(longer) <= width:
                lines[-1] = longer
                continue
            if lines[-1]:
                lines.append("")
            for letter in word:  # nearly always it fits now
                if self.length(lines[-1] + letter) > width:
                    lines.append("")
                lines[-1] += letter
        return lines


def set_headline(text: str, width: int) -> tuple[int, list[str]]:
    """The size of the type and the lines, of nearly the same length; what is too long ends in “…”."""
    if not text:
        return min(HEADLINE_SIZES), []
    text = BEFORE_A_UNIT.sub("\u00a0", text)
    for size, most in HEADLINE_SIZES.items():
        face = Face(size, 700)
        lines = face.lines(text, width)
        if len(lines) <= most:
            for narrower in range(95, 50, -5):
                tighter = face.lines(text, width * narrower / 100)
                if len(tighter) > len(lines) or len("".join(tighter)) + len(tighter) - 1 != len(text):
                    break
                lines = tighter
            return size, lines
    return size, [*lines[: most - 1], face.shortened(f"{lines[most - 1]}…………", width).rstrip("…") + "…"]


def drawable(text: str) -> str:
    """What the typeface has of it: no emoji, no other scripts, no signs that steer."""
    text = re.sub(r"[^\S\u00a0]+", " ", nfc(text[:LONGEST]))
    return "".join(DRAWABLE.findall(text)).strip(" ")


@cache
def _font(weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(settings.BASE_DIR / f"static/fonts/be-vietnam-pro-{weight}.woff2", size)


def _rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))


def _darker(colour: str) -> str:
    return "#" + "".join(f"{round(part * 0.7):02x}" for part in _rgb(colour))


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
