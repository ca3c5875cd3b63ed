"""Sky, land, water and what grows there: shapes that are made by chance and not by outline."""

import math

from .canvas import Canvas, Colour, Light, Point, glaze, mix

LIGHTS = {
    "dawn": Light(("#6f9bb4", "#c9b9ae", "#f6c79a", "#ffe0b0"), "#f3d2b0", (0.93, 0.86, 0.80), "#fff3cf"),
    "morning": Light(("#5fa3cf", "#9fcbe2", "#dcebe6"), "#d3e3de", (1.0, 1.0, 0.96), "#fffbe6"),
    "golden": Light(("#7fb0bd", "#e9d9aa", "#f8c682"), "#f2d6a2", (1.03, 0.93, 0.76), "#fff0b8"),
    "overcast": Light(("#8fa3b0", "#b3c1c5", "#dbe0d8"), "#c6d2cf", (0.87, 0.90, 0.91), "#e9ece4"),
    "mist": Light(("#b3cac9", "#d5e0d8", "#f0ecdc"), "#e0e8df", (0.92, 0.97, 0.95), "#fffdf0"),
    "dusk": Light(
        ("#37446f", "#8a5f83", "#dd8070", "#f8b777"), "#c98a80", (0.72, 0.60, 0.68), "#ffd596", lamps=True
    ),
    "night": Light(("#0c1531", "#172a50", "#2f4c78"), "#223a63", (0.32, 0.40, 0.58), "#f6eecb", lamps=True),
    "early": Light(
        ("#1c2b52", "#41527d", "#8f839a", "#d9a58c"), "#6f7593", (0.55, 0.56, 0.70), "#ffe0a8", lamps=True
    ),
    "room": Light(("#eef0e6", "#dfe6dc"), "#e9e4d4", (1.0, 0.98, 0.94), "#fffbea"),
    "warm": Light(("#f3e2bd", "#e9cf9f"), "#f0dcb4", (1.02, 0.94, 0.82), "#fff0c4"),
    "cool": Light(("#dfe9ea", "#cfdcde"), "#dde6e4", (0.95, 0.98, 1.0), "#f8fdff"),
    "evening": Light(("#4a4560", "#6f5a62"), "#8a705f", (0.92, 0.78, 0.63), "#ffdf9a", lamps=True),
}
LEAF, GRASS, EARTH = "#5f8f4f", "#8aae5a", "#b08a5e"


def sky(c: Canvas, horizon: float, *, x: float = 0, y: float = 0, clouds: float = 4) -> None:
    """With the sun, or the moon by night, at x, y if given."""
    c.wash(0, horizon + 1, *c.light.sky)
    night = c.light is LIGHTS["night"]
    for _ in range(70 if night else 0):
        r = c.between(0.06, 0.16)
        c.oval(c.between(0, c.w), c.between(0, horizon * 0.8), r, r, glaze("#f4f0dc", 0.7))
    if y:
        c.glow(x, y, 24 if night else 42, "#cfd9ea" if night else c.light.sun, 0.5 if night else 0.75)
        c.oval(x, y, 3.4, 3.4, mix(c.light.sun, "#ffffff", 0.35))
    for _ in range(int(clouds)):
        x, y, length = c.between(0, c.w), c.between(3, horizon * 0.72), c.between(12, 34)
        colour = mix(c.light.sky[1], c.light.sun, 0.35 + 0.35 * y / horizon)
        for _ in range(3):
            dx, dy, span = c.between(-0.4, 0.4) * length, c.between(-1.5, 1.5), length * c.between(0.45, 1)
            lens = ((-1, 0.2), (-0.4, -1.5), (0.2, -1.9), (0.7, -0.8), (1, 0.3), (0, 0.9))
            c.blob([(x + dx + px * span, y + dy + py) for px, py in lens], glaze(colour, 0.5))


def birds(c: Canvas, x: float, y: float) -> None:
    for _ in range(6):
        bx, by, s = x + c.between(-9, 9), y + c.between(-4, 4), c.between(0.6, 1.1)
        wings = ((-1, -0.5), (-0.4, -0.45), (0, 0), (0.4, -0.5), (1, -0.35))
        c.line([(bx + px * s, by + py * s) for px, py in wings], 0.16, c.lit("#39424a", 0.25))


def ridge(c: Canvas, y: float, height: float, *, peaked: bool = False) -> list[Point]:
    """The upper edge of hills or mountains across the canvas."""
    rate, count = (0.045, 6) if peaked else (0.03, 4)
    waves = [(height * 0.55 / 2**k, rate * 1.9**k, c.between(0, 6.3)) for k in range(count)]

    def up(x: float) -> float:
        if peaked:
            return sum(size * (1 - 2 * abs(math.sin(x * rate / 2 + phase))) for size, rate, phase in waves)
        return sum(size * math.sin(x * rate + phase) for size, rate, phase in waves)

    return [(x, y - up(x)) for x in (i * 1.2 - 2 for i in range(int((c.w + 6) / 1.2)))]


def land(c: Canvas, edge: list[Point], foot: float, *colours: Colour) -> None:
    c.fade([(-2, foot), *edge, (c.w + 4, foot)], *colours)


def slopes(
    c: Canvas,
    y: float,
    *,
    height: float,
    foot: float = 101,
    colour: str = GRASS,
    depth: float = 0,
    peaked: float = 0,
) -> None:
    edge = ridge(c, y, height, peaked=bool(peaked))
    land(c, edge, foot, c.lit(colour, depth), c.lit(colour, min(1, depth + 0.25)))


def ranges(c: Canvas, y: float, foot: float, *, height: float = 9) -> None:
    """Mountains behind mountains, the far ones lost in the air."""
    count, peaked = c.chance.choice((2, 3, 4)), c.chance.random() < 0.7
    for i in range(count):
        share = i / (count - 1)
        rise, depth = y + share * (foot - y) * 0.55, 0.78 - 0.42 * share
        slopes(
            c,
            rise,
            height=height * (1 - 0.35 * share),
            foot=foot,
            colour="#4f7d78",
            depth=depth,
            peaked=peaked,
        )


def terraces(c: Canvas, y: float) -> None:
    """Tea in rows along four slopes."""
    for layer, colour in enumerate(("#7fa35a", "#6f9a52", "#86a85a", "#5f8c4a")):
        edge, depth = ridge(c, y + 12 * layer, 11), 0.42 - 0.13 * layer
        land(c, edge, 101, c.lit(colour, depth), c.lit(colour, depth * 0.5))
        for row in range(1, 9):
            line = [(px, py + row * (1.5 + layer * 0.75) + row * row * 0.12) for px, py in edge]
            c.line(line, 0.5 + 0.22 * layer, c.lit("#41693c", depth))
            c.line(
                [(px, py - 0.5 - 0.15 * layer) for px, py in line], 0.3 + 0.1 * layer, c.lit("#a9c46f", depth)
            )


def strokes(
    c: Canvas,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    *,
    colour: str | Colour,
    count: float,
    long: float = 6,
    thick: float = 0.35,
    cover: float = 0.3,
) -> None:
    """Level dabs of a dry brush, smaller towards the top of the area."""
    for _ in range(int(count)):
        near = c.chance.random() ** 0.8
        x, y, half = c.between(x0, x1), y0 + (y1 - y0) * near, long * (0.25 + near) * c.between(0.4, 1)
        c.oval(x, y, half, thick * (0.3 + near), glaze(c.shade(colour, c.between(-0.08, 0.08)), cover))


def water(
    c: Canvas, y: float, *, foot: float = 101, colour: str = "#5e9aa5", reach: float = 22, sun_x: float = 0
) -> None:
    """Water from the line `y` down, with the mirror image of all that has been painted above it."""
    top, deep = mix(c.light.sky[-1], c.lit(colour), 0.35), mix(c.lit(colour), c.light.sky[0], 0.35)
    c.wash(y, foot, top, mix(top, deep, 0.7), deep)
    c.reflect(y, reach, 0.55)
    strokes(c, 0, y, c.w, foot, colour=mix(top, c.light.sun, 0.5), count=90)
    strokes(c, 0, y, c.w, foot, colour=mix(deep, "#0c2236", 0.35), count=70, cover=0.22)
    for _ in range(110 if sun_x else 0):
        near = c.chance.random()
        x = sun_x + c.chance.gauss(0, 1.2 + 5 * near)
        c.oval(x, y + 0.4 + (foot - y) * near, 0.5 + 2.6 * near, 0.1 + 0.22 * near, glaze(c.light.sun, 0.65))


def flooding(c: Canvas, y: float) -> None:
    mud = c.lit("#a08c6a")
    c.wash(y, 101, mix(c.lit("#a89676", 0.4), c.light.sky[-1], 0.3), mud, c.lit("#8a7759"))
    strokes(c, 0, y + 2, c.w, 100, colour=mix(c.light.sky[-1], "#ffffff", 0.3), count=120)
    strokes(c, 0, y + 2, c.w, 100, colour=c.lit("#6b5a42"), count=90, cover=0.22)


def rain(c: Canvas) -> None:
    for _ in range(160):
        x, y, drop = c.between(0, c.w), c.between(0, 96), c.between(2, 5)
        c.line([(x, y), (x - drop * 0.25, y + drop)], 0.12, glaze("#eef3f2", 0.4))


def mist(c: Canvas, y0: float, y1: float, *, cover: float = 0.8) -> None:
    c.mist(y0, y1, c.light.haze, cover)


def ground(c: Canvas, y: float, *, colour: str = GRASS, height: float = 1.5) -> None:
    """Earth, or grass with tufts, from a gently uneven edge down."""
    land(c, ridge(c, y, height), 101, c.lit(colour, 0.22), c.lit(colour), c.shade(c.lit(colour), -0.2))
    strokes(c, 0, y + height, c.w, 101, colour=c.lit(colour), count=90, long=5, thick=0.5, cover=0.35)
    for _ in range(45 if colour == GRASS else 0):
        near = c.chance.random()
        x, tall = c.between(0, c.w), 0.7 + 2.4 * near
        grass(
            c, x - tall * 0.5, x + tall * 0.5, y + 2 + (101 - y) * near, height=tall, colour=colour, count=4
        )


def sandbar(c: Canvas, x: float, y: float, *, long: float) -> None:
    thick = long * 0.06
    top = [(x + long * i / 8, y - thick * math.sin(math.pi * i / 8) * c.between(0.55, 1.1)) for i in range(9)]
    outline = top + [(px, 2 * y - py + thick * 0.15) for px, py in reversed(top[1:-1])]
    c.blob([(px, py + thick * 0.3) for px, py in outline], c.shade(c.lit("#94794f"), -0.15))
    c.blob(outline, c.lit("#e0c690"))
    area = x + long * 0.25, y - thick * 0.4, x + long * 0.75, y + thick * 0.4
    strokes(c, *area, colour=c.lit("#c2a06a"), count=12, long=4)


def path(
    c: Canvas, x: float, y: float, near: float, *, colour: str, width: float = 40, bend: float = 8
) -> None:
    """A way from the far point (x, y) to the lower edge at `near`."""
    left, right = [], []
    for t in (i / 12 for i in range(13)):
        middle = x + (near - x) * t**1.5 + bend * math.sin(t * math.pi) * (1 - t * 0.3)
        half = 0.5 + width / 2 * t**1.7
        left.append((middle - half, y + (101 - y) * t))
        right.append((middle + half, y + (101 - y) * t))
    c.fade([*left, *reversed(right)], c.lit(colour, 0.35), c.lit(colour))


def furrows(c: Canvas, x: float, y: float, *, colour: str, leaf: float = 0, cover: float = 1) -> None:
    """Rows of a field running from the horizon at (x, y) towards us, with plants of the size `leaf`."""
    for i in range(-16, 17):
        far, near = x + i * 1.6, x + i * c.w * 0.11
        tone = c.shade(c.lit(colour), 0.06 * (-1) ** i)
        c.shape([(far, y), (far + 0.8, y), (near + 8, 101), (near - 1, 101)], glaze(tone, cover))
        for t in ((j / 14) ** 1.8 for j in range(15 if leaf else 0)):
            px, r = far + (near + 3.5 - far) * t, 0.5 + 5.5 * t
            if -8 < px < c.w + 8:
                bush(c, px, y + 60 * t - r * (leaf - 0.5), r * 0.95, r * leaf, colour=tone, dabs=5)


def lilies(c: Canvas, y: float) -> None:
    """Lotus leaves and flowers on the water."""
    for i in range(230):
        t = (i / 230) ** 1.35
        px, py, r = c.between(-4, c.w + 4), y + 60 * t, 0.7 + 8 * t
        c.oval(px, py, r, r * 0.42, c.shade(c.lit("#6f9f62", 0.35 * (1 - t)), c.between(-0.22, 0.22)))
        c.oval(px - r * 0.15, py - r * 0.08, r * 0.25, r * 0.1, glaze(c.light.sun, 0.3))
        size = 0.5 + 3.4 * t
        for dx in (-0.75, 0.75, -0.4, 0.4, 0) if i % 5 == 0 else ():
            side, top = px + dx * size, py - r * 1.1 - size * (0.95 - 0.35 * abs(dx))
            petal = [
                (px, py - r),
                (side - size * 0.22, top + size * 0.6),
                (side, top),
                (side + size * 0.22, top + size * 0.6),
            ]
            c.blob(petal, c.shade(c.lit("#eba0b4"), 0.2 - 0.35 * abs(dx)))


def treeline(
    c: Canvas, y: float, *, height: float, depth: float = 0.4, x0: float = -3, x1: float = 0
) -> None:
    """Far trees standing close together on the line `y`."""
    x1, leaf = x1 or c.w + 3, c.lit(LEAF, depth)
    for layer, tone in enumerate((-0.12, 0.0, 0.1)):
        x = x0
        while x < x1:
            r = height * c.between(0.28, 0.52) * (1 - 0.18 * layer)
            c.oval(x, y - r * c.between(0.7, 1.2) + layer * height * 0.12, r * 1.15, r, c.shade(leaf, tone))
            x += r * c.between(0.9, 1.7)
    c.box(x0, y - height * 0.3, x1, y, c.shade(leaf, -0.1))


def shore(c: Canvas, y: float, *, height: float = 3.5) -> None:
    """A low bank with trees."""
    treeline(c, y, height=height, depth=0.5)
    c.box(0, y, c.w, y + 0.9, c.lit(EARTH, 0.4))


def bush(
    c: Canvas,
    x: float,
    y: float,
    rx: float,
    ry: float,
    *,
    colour: str | Colour = LEAF,
    depth: float = 0,
    dabs: float = 16,
) -> None:
    """A head of leaves, lit from above."""
    leaf = c.lit(colour, depth) if isinstance(colour, str) else colour
    for tone, share, up in ((-0.32, 1.0, 0.0), (-0.1, 0.86, 0.16), (0.1, 0.66, 0.34), (0.26, 0.42, 0.5)):
        for _ in range(round(dabs * (0.4 + share * 0.6))):
            angle, far = c.between(0, 6.3), c.chance.random() ** 0.6 * share
            size = c.between(0.2, 0.34) * (0.5 + share * 0.5)
            px, py = x + math.cos(angle) * far * rx * 0.8, y + (math.sin(angle) * far * 0.7 - up * 0.8) * ry
            c.oval(px, py, size * rx, size * ry * 0.85, c.shade(leaf, tone))


def tree(c: Canvas, x: float, y: float, *, h: float, depth: float = 0) -> None:
    lean, trunk = c.between(-0.06, 0.06) * h, c.lit("#5d4636", depth)
    c.oval(x + h * 0.08, y, h * 0.34, h * 0.045, glaze("#10201a", 0.22))
    c.line([(x, y), (x + lean * 0.4, y - h * 0.35), (x + lean, y - h * 0.6)], h * 0.06, trunk)
    c.line([(x + lean * 0.4, y - h * 0.35), (x + lean + h * 0.13, y - h * 0.58)], h * 0.035, trunk)
    bush(c, x + lean, y - h * 0.66, h * 0.36, h * 0.33, depth=depth)


def palm(c: Canvas, x: float, y: float, *, h: float, depth: float = 0) -> None:
    lean = c.between(-0.14, 0.14) * h
    stem = [(x, y), (x + lean * 0.3, y - h * 0.4), (x + lean * 0.65, y - h * 0.75), (x + lean, y - h)]
    c.line(stem, h * 0.028, c.lit("#7d6a52", depth))
    for i in range(12):
        angle = math.pi * (0.04 + 0.076 * i if i < 6 else 0.54 + 0.076 * (i - 6)) + c.between(-0.1, 0.1)
        across, up = (part * h * c.between(0.26, 0.33) for part in (math.cos(angle), math.sin(angle)))
        drop = h * c.between(0.1, 0.2)
        leaf = [(0, 0), (across * 0.4, -up * 0.62 - h * 0.03), (across * 0.8, -up * 0.62 + drop * 0.3)]
        leaf += [
            (across * 1.02, -up * 0.4 + drop),
            (across * 0.72, -up * 0.5 + drop * 0.62),
            (across * 0.3, -up * 0.4 + h * 0.015),
        ]
        tone = c.between(-0.3, 0.15)
        c.blob([(x + lean + px, y - h + py) for px, py in leaf], c.shade(c.lit("#5c8a47", depth), tone))
    for i in (-1, 0, 1):
        c.oval(x + lean + i * h * 0.03, y - h * 0.97, h * 0.022, h * 0.026, c.lit("#a9853f", depth))


def bamboo(c: Canvas, x: float, y: float, *, h: float, depth: float = 0) -> None:
    for _ in range(13):
        lean, tall = c.between(-0.38, 0.38) * h, h * c.between(0.65, 1)
        stem = [(x + lean * px, y - tall * py) for px, py in ((0.1, 0), (0.3, 0.5), (0.7, 0.85), (1.15, 1))]
        c.line(stem, h * 0.014, c.shade(c.lit("#8aa05a", depth), c.between(-0.3, 0)))
        for t in (c.between(0.45, 1) for _ in range(5)):
            bush(
                c,
                x + lean * t * 1.05,
                y - tall * t,
                h * 0.07,
                h * 0.045,
                colour="#6f9a4e",
                depth=depth,
                dabs=4,
            )


def grass(
    c: Canvas, x0: float, x1: float, y: float, *, height: float, colour: str = GRASS, count: float = 60
) -> None:
    for _ in range(int(count)):
        x, tall, lean = c.between(x0, x1), height * c.between(0.5, 1), c.between(-0.4, 0.4) * height
        blade = [(x - 0.25, y), (x + lean * 0.4, y - tall * 0.6), (x + lean, y - tall), (x + 0.25, y)]
        c.shape(blade, c.shade(c.lit(colour), c.between(-0.4, 0.1)))


def flowers(
    c: Canvas,
    x: float,
    y: float,
    *,
    rx: float,
    ry: float,
    colours: tuple[str, ...],
    count: float = 24,
    size: float = 0.75,
) -> None:
    """A bed or a bunch: leaves with dots of colour."""
    bush(c, x, y, rx * 1.1, ry * 1.1, dabs=10)
    for _ in range(int(count)):
        angle, far, r = c.between(0, 6.3), c.chance.random() ** 0.5, size * c.between(0.6, 1.1)
        px, py = x + math.cos(angle) * far * rx, y + (math.sin(angle) * far - 0.15) * ry
        c.oval(px, py, r, r * 0.9, c.shade(c.lit(c.chance.choice(colours)), c.between(-0.15, 0.2)))
        c.oval(px, py, r * 0.35, r * 0.3, c.lit("#f4d35e"))


def bunting(
    c: Canvas, x0: float, y0: float, x1: float, y1: float, *, colours: tuple[str, ...], sag: float = 5
) -> None:
    """Little flags on a line."""
    count = max(3, round(abs(x1 - x0) / 3))
    shares = [i / count for i in range(count + 1)]
    at = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + sag * math.sin(math.pi * t)) for t in shares]
    c.line(at, 0.15, c.lit("#5c5348"))
    for i, ((ax, ay), (bx, by)) in enumerate(zip(at, at[1:], strict=False)):
        colour = c.shade(c.lit(colours[i % len(colours)]), c.between(-0.12, 0.12))
        c.shape(
            [(ax + (bx - ax) * 0.12, ay), (bx - (bx - ax) * 0.12, by), ((ax + bx) / 2, (ay + by) / 2 + 2.4)],
            colour,
        )
