"""Paint and paper: a canvas in units of a hundredth of its height, drawn twice as large and made smaller at the end."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageOps

Colour = tuple[int, ...]
Point = tuple[float, float]

SIZES = {"16:9": (16, 9), "3:2": (3, 2), "4:3": (4, 3), "2:3": (2, 3)}
ZOOM = 2  # drawn larger, so that edges are smooth afterwards


def rgb(colour: str | Colour) -> Colour:
    return ImageColor.getrgb(colour) if isinstance(colour, str) else colour


def mix(one: str | Colour, other: str | Colour, share: float) -> Colour:
    """`one` with a share of `other`, 0 to 1."""
    return tuple(round(a + (b - a) * share) for a, b in zip(rgb(one)[:3], rgb(other)[:3], strict=True))


def glaze(colour: str | Colour, cover: float) -> Colour:
    """Thin paint: `cover` 0 is clear, 1 is opaque."""
    return (*rgb(colour)[:3], round(255 * cover))


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 6) -> list[Point]:
    """A soft line through the points (Catmull-Rom)."""
    count = len(points)
    at = (lambda i: points[i % count]) if closed else (lambda i: points[min(max(i, 0), count - 1)])
    line = []
    for i in range(count if closed else count - 1):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = at(i - 1), at(i), at(i + 1), at(i + 2)
        for step in range(steps):
            t = step / steps
            p, q = t * t, t * t * t
            x = 2 * bx + (cx - ax) * t + (2 * ax - 5 * bx + 4 * cx - dx) * p + (3 * bx - ax - 3 * cx + dx) * q
            y = 2 * by + (cy - ay) * t + (2 * ay - 5 * by + 4 * cy - dy) * p + (3 * by - ay - 3 * cy + dy) * q
            line.append((x / 2, y / 2))
    return line if closed else [*line, points[-1]]


@dataclass(frozen=True)
class Light:
    """A time of day: the sky from the top down, the air before far things, and what it does to every colour."""

    sky: tuple[str, ...]
    haze: str
    tint: tuple[float, float, float]
    sun: str
    lamps: bool = False


class Canvas:
    def __init__(self, seed: int, size: str, width: int):
        across, down = SIZES[size]
        long_side = width / max(across, down)
        self.width, self.height = round(across * long_side), round(down * long_side)
        self.image = Image.new("RGB", (self.width * ZOOM, self.height * ZOOM))
        self.paint = ImageDraw.Draw(self.image)
        self.thin_paint = ImageDraw.Draw(self.image, "RGBA")
        self.unit = self.height * ZOOM / 100
        self.w = 100 * across / down
        self.chance = Random(seed)  # noqa: S311 (a drawing, not a secret)

    def between(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high)

    def lit(self, colour: str | Colour, depth: float = 0) -> Colour:
        """The colour in this light, `depth` 0 (here) to 1 (lost in the air)."""
        shone = tuple(
            min(255, value * tint) for value, tint in zip(rgb(colour), self.light.tint, strict=True)
        )
        return mix(shone, self.light.haze, depth)

    def shade(self, colour: str | Colour, by: float) -> Colour:
        """Darker (`by` below 0) or lighter, a little random so that no two leaves are the same."""
        return mix(colour, "#fff6e0" if by > 0 else "#141c30", abs(by) * self.between(0.75, 1.25))

    def _pixels(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self.unit, y * self.unit) for x, y in points]

    def _brush(self, colour: Colour) -> ImageDraw.ImageDraw:
        return self.thin_paint if len(colour) == 4 else self.paint

    def shape(self, points: Iterable[Point], colour: Colour) -> None:
        self._brush(colour).polygon(self._pixels(points), fill=colour)

    def blob(self, points: Sequence[Point], colour: Colour) -> None:
        """A shape with soft corners."""
        self.shape(smooth(points), colour)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        self._brush(colour).ellipse(self._pixels([(x - rx, y - ry), (x + rx, y + ry)]), fill=colour)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, round_by: float = 0) -> None:
        corners = self._pixels([(min(x0, x1), min(y0, y1)), (max(x0, x1), max(y0, y1))])
        self._brush(colour).rounded_rectangle(corners, round_by * self.unit, fill=colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A stroke with round ends."""
        brush, pixels, thick = self._brush(colour), self._pixels(points), max(1, round(width * self.unit))
        brush.line(pixels, fill=colour, width=thick, joint="curve")
        if thick > 3 and len(colour) == 3:
            for x, y in (pixels[0], pixels[-1]):
                brush.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour)

    def fade(self, points: Sequence[Point], *colours: Colour) -> None:
        """A shape whose colour changes from top to bottom."""
        pixels = self._pixels(points)
        left, right = min(x for x, _y in pixels), max(x for x, _y in pixels)
        top, bottom = min(y for _x, y in pixels), max(y for _x, y in pixels)
        left, right = max(0, int(left)), min(self.image.width, math.ceil(right))
        top, bottom = max(0, int(top)), min(self.image.height, math.ceil(bottom))
        if right <= left or bottom <= top:
            return
        mask = Image.new("1", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in pixels], fill=1)
        self.image.paste(_column(colours, mask.size), (left, top), mask)

    def wash(self, y0: float, y1: float, *colours: Colour, x0: float = 0, x1: float | None = None) -> None:
        """A band across the canvas from one colour to the next."""
        x1 = self.w if x1 is None else x1
        self.fade([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], *colours)

    def glow(self, x: float, y: float, radius: float, colour: str | Colour, strength: float = 0.8) -> None:
        """Light around a point."""
        side = max(2, round(2 * radius * self.unit))
        # Fallen off to nothing within the circle, and softer than a straight cone.
        mask = Image.radial_gradient("L").point(lambda v: round(max(0, 1 - v / 128) ** 2 * 255 * strength))
        place = (round((x - radius) * self.unit), round((y - radius) * self.unit))
        self.image.paste(rgb(colour), place, mask.resize((side, side), Image.Resampling.BILINEAR))

    def mist(self, y0: float, y1: float, colour: str | Colour, thick: float = 0.8) -> None:
        """A bank of mist, thickest in its middle."""
        top, bottom = round(y0 * self.unit), round(y1 * self.unit)
        band = Image.new("L", (1, 64))
        band.putdata([round(255 * thick * math.sin(math.pi * (i + 0.5) / 64) ** 2) for i in range(64)])
        mask = band.resize((self.image.width, bottom - top), Image.Resampling.BILINEAR)
        self.image.paste(rgb(colour), (0, top), mask)

    def reflect(self, y: float, reach: float, strength: float = 0.5) -> None:
        """Mirrors what stands above the line `y` into the water below it."""
        line, depth = round(y * self.unit), round(reach * self.unit)
        depth = min(depth, self.image.height - line, line)
        above = self.image.crop((0, line - depth, self.image.width, line))
        mask = Image.linear_gradient("L").point(lambda v: round((255 - v) * strength))
        mirrored = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        self.image.paste(mirrored, (0, line), mask.resize(mirrored.size, Image.Resampling.BILINEAR))

    def finish(self) -> Image.Image:
        """Made smaller, with the mottle and grain of painted paper."""
        image = self.image.reduce(ZOOM)
        noise = self.chance.randbytes
        small = (max(2, self.width // 40), max(2, self.height // 40))
        mottle = Image.frombytes("L", small, noise(small[0] * small[1])).resize(
            image.size, Image.Resampling.BICUBIC
        )
        grain = Image.frombytes("L", image.size, noise(self.width * self.height))
        paper = Image.blend(mottle, grain, 0.45).point(lambda v: 114 + v * 28 // 255)
        image = ImageChops.soft_light(image, Image.merge("RGB", (paper, paper, paper)))
        return ImageOps.mirror(image) if self.chance.random() < 0.5 else image


def _column(colours: Sequence[Colour], size: tuple[int, int]) -> Image.Image:
    steps = Image.new("RGB", (1, 128))
    last = len(colours) - 1
    for y in range(128):
        at = y / 127 * last
        lower = min(int(at), max(0, last - 1))
        steps.putpixel((0, y), mix(colours[lower], colours[min(lower + 1, last)], at - lower))
    return steps.resize(size, Image.Resampling.BILINEAR)
