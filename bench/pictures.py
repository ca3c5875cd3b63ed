"""Photos as a camera makes them: 12 megapixels, with the noise of a sensor, so that they are as large as real ones."""

import io
import tomllib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from PIL import Image, ImageChops

from articles import demo
from articles.demo.photos import draw

SIZE = (4000, 3000)
ORIENTATION = 0x0112


def camera_photo(number: int) -> bytes:
    """A JPEG of 4 to 5 MB, another one for each number; every third one was taken upright and says so in its EXIF."""
    rows = tomllib.loads(Path(demo.__path__[0], "photos.toml").read_text(encoding="utf-8"))["photo"]
    row = rows[number % len(rows)]
    scene = draw(row["scene"], row["seed"], "4:3", 2000).resize(SIZE, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(SIZE, 12).convert("RGB")
    photo = ImageChops.add(scene.convert("RGB"), grain, scale=1, offset=-128)
    exif = Image.Exif()
    exif[ORIENTATION] = 6 if number % 3 == 2 else 1
    exif[0x010F] = "Bench"
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=90, exif=exif)
    return buffer.getvalue()


def camera_photos(count: int) -> list[bytes]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(camera_photo, range(count)))
