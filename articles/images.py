"""Photos: checked, turned upright, without metadata, in several widths. Knows Pillow and the storage, not models."""

import hashlib
import io
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # naming them keeps 40 rarer decoders out of reach
LARGEST_SIDE = 2400  # pixels of the stored photo; beyond what a page or a print on A4 shows
RENDITION_WIDTHS = (480, 800, 1200, 1600)
JPEG_QUALITY, WEBP_QUALITY = 86, 80


class ImageError(Exception):
    """The upload is no usable picture; the text is a sentence for people."""


@dataclass(frozen=True)
class PreparedPicture:
    """An upright picture without metadata and the bytes of its file."""

    image: Image.Image
    content: bytes
    suffix: str

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height


def digest(upload) -> str:
    """SHA-256 of the uploaded bytes: the same file is stored once."""
    upload.seek(0)
    return hashlib.file_digest(upload, "sha256").hexdigest()


def prepare(upload) -> PreparedPicture:
    """Raises ImageError; limits are checked before anything is decoded."""
    if upload.size > settings.PHOTO_MAX_BYTES:
        limit = settings.PHOTO_MAX_BYTES // 1024**2
        raise ImageError(_("The file is over the limit of %(limit)s MB.") % {"limit": limit})
    upload.seek(0)
    with _pillow_errors_as_sentences(), Image.open(upload, formats=FORMATS) as opened:
        _check_size(opened.width, opened.height)
        opened.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))  # a JPEG is decoded at the size that is needed
        image = ImageOps.exif_transpose(opened)
        has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        image = _to_srgb(image, "RGBA" if has_alpha else "RGB")
        image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    if has_alpha:
        return PreparedPicture(image, _encode(image, "PNG", optimize=True), ".png")
    return PreparedPicture(
        image, _encode(image, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True), ".jpg"
    )


def store(picture: PreparedPicture, digest: str) -> str:
    """Writes the photo and its renditions; returns its name. An interrupted store is completed by the next one."""
    name = f"photos/{digest[:2]}/{digest[:24]}{picture.suffix}"
    for width in rendition_widths(picture.width):
        if default_storage.exists(rendition_name(name, width)):
            continue
        height = max(1, round(picture.height * width / picture.width))
        smaller = picture.image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        _write(rendition_name(name, width), _encode(smaller, "WEBP", quality=WEBP_QUALITY, method=4))
    if not default_storage.exists(name):
        _write(name, picture.content)
    return name


def rendition_widths(width: int) -> tuple[int, ...]:
    """Widths in which a photo of `width` pixels is kept, narrowest first; never enlarged."""
    widths = tuple(step for step in RENDITION_WIDTHS if step <= width)
    return widths if width in widths or width > RENDITION_WIDTHS[-1] else (*widths, width)


def rendition_name(name: str, width: int) -> str:
    """The name follows from the photo's: no table and no look on the disk."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{width}.webp"))


def delete(name: str, width: int) -> None:
    """Removes a photo's file and its renditions."""
    for each in (name, *(rendition_name(name, w) for w in rendition_widths(width))):
        default_storage.delete(each)


def delete_unfinished(digest: str) -> None:
    """Removes whatever was written of a photo that has no row."""
    folder = f"photos/{digest[:2]}"
    if not default_storage.exists(folder):
        return
    for name in default_storage.listdir(folder)[1]:
        if name.startswith(digest[:24]):
            default_storage.delete(f"{folder}/{name}")


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
            _("The file is not a picture that can be read. Send a JPEG, PNG, WebP or GIF file.")
        ) from error


def _check_size(width: int, height: int) -> None:
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
    if image.mode.startswith("I"):  # 16 bits a pixel, which convert() would cut instead of scale
        image = image.point(lambda value: value / 256).convert("L")
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


def _encode(image: Image.Image, format: str, **options) -> bytes:
    clean = image.copy()
    clean.info = {}  # Pillow writes EXIF, XMP and comments back from here
    buffer = io.BytesIO()
    clean.save(buffer, format, **options)
    return buffer.getvalue()


def _write(name: str, content: bytes) -> None:
    """A file has its name only when it is whole: store() takes one that is there for good."""
    part = default_storage.save(f"{name}.part", ContentFile(content))
    os.replace(default_storage.path(part), default_storage.path(name))
