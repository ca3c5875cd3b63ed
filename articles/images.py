"""Photos: checked, turned upright, without metadata, in several widths and crops. Knows Pillow and the storages, not models."""

import errno
import hashlib
import io
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from itertools import groupby
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage, storages
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from . import heic

logger = logging.getLogger(__name__)

FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}  # no other decoder can be reached
ACCEPT = "image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif,.heic,.heif"  # of a form
LARGEST_SIDE = 2400  # pixels of the stored photo; beyond what a page or a print on A4 shows
WIDTHS = (480, 800, 1200, 1600)
CROPS = {(16, 9): (480, 800, 1200), (1, 1): (160, 320)}
SHARED, SHARED_WIDTH = (40, 21), 1200  # what is shown where the page is shared: 1200 × 630
FALLBACK_WIDTH = 1200  # of the one JPEG beside the WebP files, for the few browsers that need it
JPEG_QUALITY, FALLBACK_QUALITY, WEBP_QUALITY = 86, 80, 80
# Raised when a photo gets other files than before: `manage.py make_renditions` then makes those of old photos.
RECIPE = 3
CROPS_SINCE, SHARED_SINCE = 2, 3  # recipes that brought them
AT_ONCE = os.cpu_count() or 1
ABANDONED_AFTER = timedelta(hours=1)  # no write of one photo takes as long


class ImageError(Exception):
    """The upload is no usable picture; the text is a sentence for people."""


@dataclass(frozen=True)
class Rendition:
    """One size and format of a photo; `box` is the part of the photo that it shows."""

    name: str
    width: int
    height: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Files:
    """Every file of a photo. All names follow from these five facts: no table and no look on the disk."""

    name: str
    width: int
    height: int
    focal_x: int = 50  # percent
    focal_y: int = 50

    @cached_property
    def whole(self) -> list[Rendition]:
        """WebP files of the whole photo, narrowest first; never enlarged."""
        return [
            self._rendition(f"{width}.webp", width, self._whole_box) for width in _widths(self.width, WIDTHS)
        ]

    @cached_property
    def fallback(self) -> Rendition:
        width = min(self.width, FALLBACK_WIDTH)
        return self._rendition(f"{width}.jpg", width, self._whole_box)

    def crops(self, ratio: tuple[int, int]) -> list[Rendition]:
        """WebP files of the part around the focal point, narrowest first."""
        box = self._crop_box(ratio)
        return [
            self._rendition(f"{self._crop_mark(ratio)}-{width}.webp", width, box)
            for width in _widths(max(1, round(box[2] - box[0])), CROPS[ratio])
        ]

    def crop_fallback(self, ratio: tuple[int, int]) -> Rendition:
        widest = self.crops(ratio)[-1]
        name = str(PurePosixPath(widest.name).with_suffix(".jpg"))
        return Rendition(name, widest.width, widest.height, widest.box)

    @property
    def shared(self) -> Rendition:
        """One JPEG, which every program that shows links can read."""
        box = self._crop_box(SHARED)
        width = min(SHARED_WIDTH, max(1, round(box[2] - box[0])))
        return self._rendition(f"{self._crop_mark(SHARED)}-{width}.jpg", width, box)

    @property
    def all_crops(self) -> list[Rendition]:
        crops = [
            rendition for ratio in CROPS for rendition in (*self.crops(ratio), self.crop_fallback(ratio))
        ]
        return [*crops, self.shared]

    @property
    def renditions(self) -> list[Rendition]:
        return [*self.whole, self.fallback, *self.all_crops]

    @property
    def names(self) -> set[str]:
        return {self.name, *(rendition.name for rendition in self.renditions)}

    @property
    def _whole_box(self):
        return (0, 0, self.width, self.height)

    def _crop_mark(self, ratio) -> str:
        return f"{ratio[0]}x{ratio[1]}-{self.focal_x}.{self.focal_y}"

    def _crop_box(self, ratio):
        """The largest part of that shape, with the focal point as near its middle as the edges allow."""
        width = min(self.width, self.height * ratio[0] / ratio[1])
        height = width * ratio[1] / ratio[0]
        left = min(max(0, self.width * self.focal_x / 100 - width / 2), self.width - width)
        top = min(max(0, self.height * self.focal_y / 100 - height / 2), self.height - height)
        return (left, top, left + width, top + height)

    def _rendition(self, ending: str, width: int, box) -> Rendition:
        path = PurePosixPath(self.name)
        height = max(1, round(width * (box[3] - box[1]) / (box[2] - box[0])))
        return Rendition(str(path.with_name(f"{path.stem}-{ending}")), width, height, box)


@dataclass(frozen=True)
class Made:
    """A photo whose files are ready in memory: `contents` by name, of the public folder and of the private one."""

    files: Files
    contents: dict[str, bytes]
    original: str


def digest(upload) -> str:
    """SHA-256 of the uploaded bytes: the same file is stored once."""
    upload.seek(0)
    return hashlib.file_digest(upload, "sha256").hexdigest()


def make(upload, digest: str) -> Made:
    """Raises ImageError; limits are checked before anything is decoded. Writes nothing."""
    return makers().submit(_make, upload, digest).result()


def make_each(uploads: list[tuple[Any, str]]) -> Iterator[Made | ImageError]:
    """Like make() for several uploads with their digests, in turn; a few at once, since each holds its files in memory."""
    waiting = deque(uploads)
    begun: deque[Future] = deque()
    while waiting or begun:
        while waiting and len(begun) <= AT_ONCE:
            begun.append(makers().submit(_make, *waiting.popleft()))
        try:
            yield begun.popleft().result()
        except ImageError as error:
            yield error


@cache
def makers() -> ThreadPoolExecutor:
    """The threads that make photos, of each process: no more are decoded at once, whoever sends them, and pages go first."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="photos", initializer=_stand_back)


def _stand_back() -> None:
    # On Linux each thread has a niceness of its own; elsewhere it is the process's, which keeps its own.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _make(upload, digest: str) -> Made:
    image, suffix = _read(upload)
    name = f"photos/{digest[:2]}/{digest[:24]}{'.jpg' if image.mode == 'RGB' else '.png'}"
    files = Files(name, *image.size)
    contents = {name: _encode(image, name, JPEG_QUALITY)} | _draw(image, files.renditions)
    return Made(files, contents, original=f"{digest[:2]}/{digest}{suffix}")


def write(made: Made, upload) -> None:
    """Each file has its name only when it is whole; what is there already stays. On an error nothing new stays."""
    written: list[str] = []
    try:
        if not storages["originals"].exists(made.original):
            upload.seek(0)
            storages["originals"].put(made.original, upload.chunks())
        for name, content in made.contents.items():
            if not default_storage.exists(name):
                default_storage.put(name, [content])
                written.append(name)
    except BaseException as error:
        delete(written, made.original)
        if is_disk_full(error):
            raise ImageError(
                _("The server's disk is full, so the photo was not stored. Tell whoever runs the server.")
            ) from error
        raise


def is_disk_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def draw_missing(files: Files) -> None:
    """Makes the renditions that are not there yet out of the stored photo."""
    missing = [each for each in files.renditions if not default_storage.exists(each.name)]
    if missing:
        contents = makers().submit(_draw_stored, files.name, missing).result()
        for name, content in contents.items():
            default_storage.put(name, [content])


def drawn_once(name: str, draw: Callable[[], bytes]) -> bytes:
    """A picture that is not a photo: drawn at the first request, in turn with the photos, and kept where there is room."""
    try:
        if content := caches["drawn"].get(name):
            return content
    except Exception as error:  # a spoilt file raises whatever its reader stumbles over
        logger.warning("The kept picture %s cannot be read: %s", name, error)
    content = makers().submit(draw).result()
    try:
        caches["drawn"].set(name, content)
    except OSError as error:
        logger.warning("The picture %s is not kept: %s", name, error)
    return content


def _draw_stored(name: str, renditions: list[Rendition]) -> dict[str, bytes]:
    with default_storage.open(name) as file, Image.open(file, formats=["JPEG", "PNG"]) as image:
        return _draw(image, renditions)


def delete(names: Collection[str], original: str = "") -> None:
    for name in names:
        default_storage.delete(name)
    if original:
        storages["originals"].delete(original)


def folders() -> list[str]:
    """The folders of photos; each holds those whose digests begin with its name."""
    try:
        return [f"photos/{name}" for name in default_storage.listdir("photos")[0]]
    except FileNotFoundError:
        return []


def abandoned(folder: str, kept: Collection[str]) -> Iterator[str]:
    """Files that no photo of the library has and nobody is writing: left by a process that was killed."""
    for name in default_storage.listdir(folder)[1]:
        path = f"{folder}/{name}"
        if path not in kept and timezone.now() - default_storage.get_modified_time(path) > ABANDONED_AFTER:
            yield path


def _widths(width: int, steps: tuple[int, ...]) -> tuple[int, ...]:
    """The steps that a picture of `width` pixels fills, and its own width where it is between two."""
    widths = tuple(step for step in steps if step <= width)
    return widths if width in widths or width > steps[-1] else (*widths, width)


def _read(upload) -> tuple[Image.Image, str]:
    """The picture upright in sRGB, no larger than it is stored, and the ending of its kind of file."""
    if upload.size > settings.PHOTO_MAX_BYTES:
        limit = settings.PHOTO_MAX_BYTES // 1024**2
        raise ImageError(_("The file is over the limit of %(limit)s MB.") % {"limit": limit})
    with _pillow_errors_as_sentences():
        if heic.is_heic(upload):
            return heic.read(upload, settings.PHOTO_MAX_PIXELS, check_size), ".heic"
        upload.seek(0)
        with Image.open(upload, formats=list(FORMATS)) as opened:
            suffix = FORMATS.get(opened.format, ".jpg")  # a JPEG with more pictures in it is an "MPO"
            check_size(opened.width, opened.height)
            return upright(opened), suffix


def upright(opened: Image.Image) -> Image.Image:
    """Made small first: turning and colours then cost a quarter of the memory."""
    opened.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))  # a JPEG is decoded at the size that is needed
    has_alpha = opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info
    if opened.mode.startswith("I"):  # 16 bits a pixel, which convert() would cut instead of scale
        opened = opened.point(lambda value: value / 256).convert("L")
    elif opened.mode in ("1", "P", "PA"):  # would be made smaller by dropping pixels
        opened = opened.convert("RGBA" if has_alpha else "RGB")
    opened.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    return _to_srgb(ImageOps.exif_transpose(opened), "RGBA" if has_alpha else "RGB")


@contextmanager
def _pillow_errors_as_sentences():
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(_too_large()) from error
    except ImageError:
        raise
    # A broken file raises whatever its decoder stumbles over: OSError, SyntaxError, ValueError, EOFError …
    except Exception as error:
        raise ImageError(
            _("The file is not a picture that can be read. Send a JPEG, PNG, WebP, GIF or HEIC file.")
        ) from error


def check_size(width: int, height: int) -> None:
    if width * height > settings.PHOTO_MAX_PIXELS:
        raise ImageError(_too_large())
    if max(width, height) > settings.PHOTO_MAX_SIDE:
        raise ImageError(
            _(
                "The longer side of the picture is over the limit of %(limit)s pixels. Make it smaller and send it again."
            )
            % {"limit": settings.PHOTO_MAX_SIDE}
        )


def _too_large() -> str:
    return _(
        "The picture has too many pixels; %(limit)s megapixels are the limit. Make it smaller and send it again."
    ) % {"limit": settings.PHOTO_MAX_PIXELS // 1_000_000}


def _to_srgb(image: Image.Image, mode: str) -> Image.Image:
    """Colours as they were meant, without carrying the profile along."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            image = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile: the numbers are shown as they are
    return image.convert(mode)


def _draw(image: Image.Image, renditions: list[Rendition]) -> dict[str, bytes]:
    """The widest of each part first, and the narrower ones out of it."""
    contents = {}
    for box, same_part in groupby(
        sorted(renditions, key=attrgetter("box", "width"), reverse=True), attrgetter("box")
    ):
        part, frame = image, box
        for each in same_part:
            size = (each.width, each.height)
            if part.size != size or frame != (0, 0, *size):
                part = part.resize(size, Image.Resampling.LANCZOS, box=frame, reducing_gap=3.0)
                frame = (0, 0, *size)
            contents[each.name] = _encode(part, each.name, FALLBACK_QUALITY)
    return contents


def _encode(image: Image.Image, name: str, jpeg_quality: int) -> bytes:
    clean = image.copy()
    clean.info = {}  # Pillow writes EXIF, XMP and comments back from here
    buffer = io.BytesIO()
    match PurePosixPath(name).suffix:
        case ".webp":
            clean.save(buffer, "WEBP", quality=WEBP_QUALITY, method=4)
        case ".png":
            clean.save(buffer, "PNG", optimize=True)
        case ".jpg":
            if clean.mode == "RGBA":
                ground = Image.new("RGBA", clean.size, "white")
                clean = Image.alpha_composite(ground, clean).convert("RGB")
            clean.save(buffer, "JPEG", quality=jpeg_quality, optimize=True, progressive=True)
    return buffer.getvalue()
