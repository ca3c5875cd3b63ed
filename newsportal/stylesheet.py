"""The one stylesheet of public pages: the files of static/css behind each other, with the site's colours.

On a slow connection each file of its own costs a round trip before anything is seen. Style is still written in files of
their own; a page that hardly anybody opens links its own besides.
"""

import re
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static

from . import colours

BEFORE_COLOURS = ["tokens"]
AFTER_COLOURS = ["base", "layout", "components", "article", "search"]
PRINTED = ["print"]


def css(accent: str) -> str:
    before, after = parts()
    return before + theme(accent) + after


def theme(accent: str) -> str:
    """The colours alone; `accent` is #rrggbb."""
    return render_to_string(
        "theme.css",
        {
            "accent": colours.readable_on_white(accent),
            "accent_soft": colours.soft_on_white(accent),
            "dark_accent": colours.readable_on_dark(accent),
            "dark_accent_soft": colours.soft_on_dark(accent),
            "dark_bar": colours.bar_on_dark(accent),
            "strong_accent": colours.readable_on_white(accent, colours.STRONG),
            "strong_dark_accent": colours.readable_on_dark(accent, colours.STRONG),
        },
    )


@cache
def parts() -> tuple[str, str]:
    """What comes before the colours and after them."""
    printed = f"@media print {{\n{joined(PRINTED)}}}\n"
    return joined(BEFORE_COLOURS), joined(AFTER_COLOURS) + printed


@cache
def version() -> str:
    """Changes with the files, and with what the colours are made by."""
    return sha256(css("#000000").encode()).hexdigest()[:12]


def joined(names: list[str]) -> str:
    """Comments go, and addresses of fonts and pictures become those under which they are published."""
    folder = settings.BASE_DIR / "static/css"
    text = "".join((folder / f"{name}.css").read_text() for name in names)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\n\s*", "\n", text)
    text = text.lstrip("\n")
    return re.sub(r'url\("\.\./([^"]+)"\)', lambda found: f'url("{static(found[1])}")', text)
