"""The pictures of the demo news: drawn by a program, so that they belong to nobody and load without a network."""

import io
import os
from multiprocessing import parent_process
from threading import Thread

from PIL import Image

from .drawing.canvas import Canvas
from .drawing.nature import LIGHTS
from .drawing.script import Painter, blocks

WIDTH = 1600  # pixels of the longer side
JPEG_QUALITY = 85


def draw(scene: str, seed: int, size: str, width: int = WIDTH) -> Image.Image:
    """The same picture for the same seed; another seed gives another version of the scene, and other chances in it."""
    versions = blocks()[scene]
    version = versions[seed % len(versions)]
    canvas = Canvas(seed, size, width)
    Painter(canvas, LIGHTS[version.names["light"]]).scene(version)
    return canvas.finish()


def jpeg(scene: str, seed: int, size: str, width: int = WIDTH) -> bytes:
    buffer = io.BytesIO()
    draw(scene, seed, size, width).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def end_with_parent() -> None:
    """Run first in each drawing process: after kill -9 of its parent it would wait for the next photo for ever."""

    def end() -> None:
        parent_process().join()
        os._exit(1)

    Thread(target=end, daemon=True).start()
