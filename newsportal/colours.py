"""The accent colour and its twin for dark screens, both readable by WCAG's contrast rule. Pure."""

import colorsys

WHITE, DARK_PAPER = (255, 255, 255), (0x12, 0x17, 0x15)
CONTRAST = 4.6  # WCAG 2.2 AA asks 4.5 for text
STRONG = 9  # AAA asks 7; for readers who want more
LIGHTER, DARKER = 0.02, -0.02


def readable_on_white(colour: str, wanted: float = CONTRAST) -> str:
    """`colour`, darkened as far as white text on it and it on white need; as #rrggbb."""
    return _moved(colour, DARKER, WHITE, wanted)


def readable_on_dark(colour: str, wanted: float = CONTRAST) -> str:
    """The same hue, lightened until it reads on the dark page."""
    return _moved(colour, LIGHTER, DARK_PAPER, wanted, start=0.62)


def bar_on_dark(colour: str) -> str:
    """A deep, quiet shade of the hue for the bar of the dark page."""
    hue, _, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _rgb(colour)))
    return _hex(hue, 0.15, min(saturation, 0.45))


def soft_on_white(colour: str) -> str:
    hue, _, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _rgb(colour)))
    return _hex(hue, 0.93, min(saturation, 0.3))


def soft_on_dark(colour: str) -> str:
    hue, _, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _rgb(colour)))
    return _hex(hue, 0.14, min(saturation, 0.3))


def contrast(first: tuple[int, int, int], second: tuple[int, int, int]) -> float:
    """WCAG 2.2 contrast ratio of two sRGB colours, 1 to 21."""
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(rgb: tuple[int, int, int]) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in rgb)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _moved(
    colour: str, step: float, ground: tuple[int, int, int], wanted: float, *, start: float | None = None
) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _rgb(colour)))
    if start is not None:
        lightness, saturation = max(lightness, start), min(saturation, 0.5)
    shade = _hex(hue, lightness, saturation)
    while contrast(_rgb(shade), ground) < wanted and 0 <= lightness + step <= 1:
        lightness = min(max(lightness + step, 0), 1)
        shade = _hex(hue, lightness, saturation)
    return shade


def _rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour.lstrip("#")[i : i + 2], 16) for i in (0, 2, 4))


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(
        f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation)
    )
