"""HEIC, the photos of many telephones, read by a process of its own with little memory and time.

libheif and its decoder look at bytes from anywhere in a language without bounds. The site's own process never
loads them: read() starts `python -m articles.heic`, a file on stdin, on stdout a line with width and height and then
the upright picture in sRGB as a PPM, if the size is allowed.
"""

import io
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

from PIL import Image

BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc", b"hevx", b"msf1")
MEMORY_BYTES = 1024**3
CPU_SECONDS, WALL_SECONDS = 20, 40
ROOT = Path(__file__).parent.parent


class Unreadable(Exception):
    """The file could not be read within the limits."""


def is_heic(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(12)
    return head[4:8] == b"ftyp" and head[8:12] in BRANDS


def read(file: BinaryIO, largest_pixels: int, check_size) -> Image.Image:
    """check_size(width, height) may refuse the picture; one of more pixels is not decoded."""
    file.seek(0)
    # The reader gets neither the secrets of this process's environment nor its open files.
    try:
        child = subprocess.run(
            [sys.executable, "-m", "articles.heic"],
            input=file.read(),
            capture_output=True,
            cwd=ROOT,
            env={"LARGEST_PIXELS": str(largest_pixels)},
            timeout=WALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable from error
    size, _newline, picture = child.stdout.partition(b"\n")
    if size:
        check_size(*map(int, size.split()))
    if child.returncode or not picture:
        raise Unreadable(child.stderr[-500:].decode(errors="replace"))
    image = Image.open(io.BytesIO(picture), formats=["PPM"])
    image.load()
    return image


def main() -> None:
    if sys.platform != "darwin":  # macOS refuses a limit of memory; sites run on Linux
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    # Imported behind the limits.
    import pillow_heif

    from .images import upright

    options = {"thumbnails": False, "depth_images": False, "aux_images": False, "decode_threads": 1}
    pillow_heif.register_heif_opener(**options)
    opened = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=["HEIF"])
    sys.stdout.buffer.write(b"%d %d\n" % opened.size)
    if opened.width * opened.height <= int(os.environ["LARGEST_PIXELS"]):
        upright(opened).convert("RGB").save(sys.stdout.buffer, "PPM")


if __name__ == "__main__":
    main()
