"""Drawings written as lines of text: what is painted, where and in which colour; things.txt and scenes.txt are such.

    6 sitter x=26..74~1 y=43 w=11 top=office hat=cone|none

paints six sitters side by side. x is in hundredths of the canvas' width, all other numbers in hundredths of its
height; inside a thing both count in hundredths of its own w and h, from its foot upwards (y below 0 is up).
  26..74   from the first to the last of the repeats ("6^1.8" spaces them as towards a distance)
  43~2     up to 2 more or less, by chance
  a|b      one of the two, by chance
  cone:    before a line: only where one of the options is "cone" ("a&b:" both); they hold in the things within, too
  red-20   darker, +20 lighter; red/30 thin paint that covers 30 %; !red in its own light, not that of the scene
"""

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from . import nature
from .canvas import Canvas, Colour, Light, Point, glaze, rgb, smooth

COUNT = re.compile(r"(\d+)(?:\^([\d.]+))?")
NUMBER = re.compile(r"(-?\d*\.?\d+)(?:\.\.(-?\d*\.?\d+))?(?:~(\d*\.?\d+))?")
COLOUR = re.compile(r"(!?)(#[0-9a-f]{6}|[a-z]+)([+-]\d+)?(?:/(\d+))?")
PLACE = ("x", "y", "x1", "w", "h", "turn", "depth")
ACROSS, DOWN = {"x", "x0", "x1", "near", "sun_x"}, {"y", "y0", "y1", "foot", "horizon"}
LENGTHS = {"h", "height", "long", "rx", "ry", "size", "thick", "width"}


@dataclass(frozen=True)
class Line:
    needs: tuple[str, ...]
    count: int
    ease: float
    name: str
    words: tuple[str, ...]


@dataclass
class Block:
    names: dict[str, str]
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Frame:
    """Where a block is painted, and what its names stand for."""

    x: float
    y: float
    across: float
    down: float
    size: float
    depth: float
    names: dict[str, str]

    def at(self, x: float, y: float) -> Point:
        return self.x + x * self.across, self.y + y * self.down

    def inside(
        self, names: dict[str, str], *, x=0.0, y=0.0, x1=0.0, w=0.0, h=0.0, turn=1.0, depth=None
    ) -> "Frame":
        """The frame of a thing; one without a size shares this frame."""
        depth = self.depth if depth is None else depth
        if x1:
            w = (x1 - x) * self.across / self.size
        if not (w or h):
            return replace(self, depth=depth, names=names)
        left, foot, scale = *self.at(x, y), self.size / 100
        return Frame(left, foot, (w or h) * scale * turn, (h or w) * scale, max(w, h) * scale, depth, names)


@cache
def blocks() -> dict[str, list[Block]]:
    """All blocks by their names; a scene has several of one name."""
    found: dict[str, list[Block]] = {}
    for path in sorted(Path(__file__).parent.glob("*.txt")):
        for text in path.read_text(encoding="utf-8").splitlines():
            if text.startswith("["):
                name, *words = text.strip("[] ").split()
                found.setdefault(name, []).append(Block(dict(word.split("=") for word in words)))
            elif text and not text.startswith(";"):
                found[name][-1].lines.append(_parse(text))
    return found


def _parse(text: str) -> Line:
    words = text.split()
    needs = words.pop(0)[:-1].split("&") if words[0].endswith(":") else ()
    count, ease = 1, 1.0
    if match := COUNT.fullmatch(words[0]):
        words.pop(0)
        count, ease = int(match[1]), float(match[2] or 1)
    return Line(tuple(needs), count, ease, words[0], tuple(words[1:]))


@cache
def palette() -> dict[str, tuple[str, ...]]:
    return {line.name: line.words for line in blocks()["palette"][0].lines}


class Painter:
    def __init__(self, canvas: Canvas, light: Light):
        self.canvas = canvas
        canvas.light = light

    def scene(self, block: Block) -> None:
        names = {**block.names, "hour": "lamps" if self.canvas.light.lamps else "day"}
        self._block(block, Frame(0, 0, self.canvas.w / 100, 1, 1, 0, names))

    def _block(self, block: Block, frame: Frame) -> None:
        for line in block.lines:
            if all(need in frame.names.values() for need in line.needs):
                for i in range(line.count):
                    self._line(line, (i / max(1, line.count - 1)) ** line.ease, frame)

    def _line(self, line: Line, share: float, frame: Frame) -> None:
        name = self._choice(line.name)
        options = dict(word.split("=") for word in line.words if "=" in word)
        words = [self._choice(word) for word in line.words if "=" not in word]
        if name in blocks():
            self._thing(name, options, share, frame)
        elif options or not words:
            arguments = {key: self._option(key, word, share, frame) for key, word in options.items()}
            getattr(nature, name)(self.canvas, **arguments)
        else:
            self._brush(name, words, share, frame)

    def _thing(self, name: str, options: dict[str, str], share: float, frame: Frame) -> None:
        [block] = blocks()[name]
        place = {key: self._number(options.pop(key), share) for key in PLACE if key in options}
        words = {key: word for key, word in block.names.items() if key not in frame.names} | options
        names = frame.names | {key: self._bound(word, frame) for key, word in words.items()}
        self._block(block, frame.inside(names, **place))

    def _brush(self, name: str, words: list[str], share: float, frame: Frame) -> None:
        canvas, size = self.canvas, frame.size
        pairs = [
            tuple(self._number(part, share) for part in word.split(",")) for word in words if "," in word
        ]
        numbers = [self._number(word, share) for word in words if NUMBER.fullmatch(word)]
        colours = [self._colour(word, frame) for word in words if COLOUR.fullmatch(word)]
        points = [frame.at(*pair) for pair in pairs]
        match name:
            case "shape" | "blob":
                getattr(canvas, name)(points, *colours)
            case "fade":
                canvas.fade(points, *colours)
            case "wash":
                (x0, y0), (x1, y1) = points
                canvas.wash(y0, y1, *colours, x0=x0, x1=x1)
            case "box":
                canvas.box(*points[0], *points[1], *colours, sum(numbers) * size)
            case "oval":
                canvas.oval(*points[0], pairs[1][0] * size, pairs[1][1] * size, *colours)
            case "line":
                canvas.line(points, numbers[0] * size, *colours)
            case "curve":
                canvas.line(smooth(points, closed=False), numbers[0] * size, *colours)
            case "glow":
                canvas.glow(*points[0], numbers[0] * size, *colours, strength=numbers[1])
            case _:
                raise ValueError(f"There is no brush and no thing called {name}.")

    def _choice(self, word: str) -> str:
        return self.canvas.chance.choice(word.split("|")) if "|" in word else word

    def _number(self, word: str, share: float) -> float:
        start, end, chance = NUMBER.fullmatch(self._choice(word)).groups()
        value = float(start) + (float(end) - float(start)) * share if end else float(start)
        return value + self.canvas.between(-float(chance), float(chance)) if chance else value

    def _option(self, key: str, word: str, share: float, frame: Frame):
        """What a function of `nature` gets for the word."""
        if key == "colours":
            return tuple(self._bound(part, frame) for part in word.split("|"))
        word = self._choice(word)
        if not NUMBER.fullmatch(word):
            return self._bound(word, frame)
        number = self._number(word, share)
        if key in ACROSS:
            return frame.x + number * frame.across
        if key in DOWN:
            return frame.y + number * frame.down
        return number * frame.size if key in LENGTHS else number

    def _bound(self, word: str, frame: Frame) -> str:
        """What a name stands for: a colour of the palette by chance, or the word itself."""
        word = self._choice(word)
        if word in frame.names:
            return frame.names[word]
        return self.canvas.chance.choice(palette()[word]) if word in palette() else word

    def _colour(self, word: str, frame: Frame) -> Colour:
        own, name, tone, cover = COLOUR.fullmatch(word).groups()
        if name in ("sun", "haze"):
            own, name = "!", getattr(self.canvas.light, name)
        colour = self._bound(name, frame)
        colour = colour if own else self.canvas.lit(colour, frame.depth)
        if tone:
            colour = self.canvas.shade(colour, int(tone) / 100)
        return glaze(colour, int(cover) / 100) if cover else rgb(colour)
