import io
import os
import re
import resource
import zlib
from contextlib import contextmanager
from pathlib import Path

import pillow_heif
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from articles import images
from articles.models import Photo
from tests.factory import make_photo, picture_file

DIGEST = "ab" * 32


def stored(name):
    with default_storage.open(name) as file:
        return file.read()


@pytest.mark.requirement(22)
@pytest.mark.django_db
def test_same_content_is_stored_once():
    first = make_photo(upload=picture_file("a.jpg", colour=(9, 9, 9)))

    second = make_photo(upload=picture_file("b.jpg", colour=(9, 9, 9)))

    assert first == second
    assert Photo.objects.count() == 1


@pytest.mark.requirement(21)
@pytest.mark.django_db
def test_photo_is_turned_upright_and_loses_its_metadata():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "MÁY ẢNH BÍ MẬT"
    exif[0x8825] = {1: "N", 2: (16.0, 28.0, 0.0)}  # where it was taken

    photo = make_photo(upload=picture_file(size=(900, 600), exif=exif, comment=b"BI MAT"))

    assert (photo.width, photo.height) == (600, 900)
    for name in photo.files.names:
        content = stored(name)
        assert not Image.open(io.BytesIO(content)).getexif()
        assert b"BI MAT" not in content
        assert b"Exif" not in content


@pytest.mark.django_db
def test_widths_are_made_and_never_enlarged():
    photo = make_photo(upload=picture_file(size=(1000, 500)))

    widths = [width for _url, width in photo.picture.renditions]

    assert widths == [480, 800, 1000]
    for each in photo.files.whole:
        rendition = Image.open(io.BytesIO(stored(each.name)))
        assert rendition.format == "WEBP"
        assert rendition.size == (each.width, each.width // 2)


@pytest.mark.django_db
def test_huge_photo_is_stored_at_a_sensible_size():
    photo = make_photo(upload=picture_file(size=(5000, 2500)))

    assert (photo.width, photo.height) == (2400, 1200)


@pytest.mark.django_db
def test_transparency_stays():
    buffer = io.BytesIO()
    Image.new("RGBA", (500, 300), (255, 0, 0, 0)).save(buffer, "PNG")

    photo = make_photo(upload=SimpleUploadedFile("a.png", buffer.getvalue()))

    assert photo.file.name.endswith(".png")
    assert Image.open(io.BytesIO(stored(photo.file.name))).mode == "RGBA"


def files_below(*folders):
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def saved(image, format, **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def heic(size=(600, 400), declared=None):
    """A HEIC file; `declared` is what it says of its size."""
    opener = pillow_heif.from_pillow(Image.new("RGB", size, (200, 30, 30)))
    buffer = io.BytesIO()
    opener.save(buffer, quality=50)
    content = buffer.getvalue()
    if declared:
        sizes = [side.to_bytes(4, "big") for pair in (size, declared) for side in pair]
        content = content.replace(b"".join(sizes[:2]), b"".join(sizes[2:]))
    return content


@pytest.mark.django_db
def test_heic_becomes_a_photo_that_every_browser_shows(settings):
    photo = make_photo(upload=SimpleUploadedFile("IMG_0001.HEIC", heic()))

    assert (photo.width, photo.height) == (600, 400)
    red, green, _blue = Image.open(io.BytesIO(stored(photo.file.name))).getpixel((300, 200))
    assert red > 150 > 80 > green
    assert photo.original.name.endswith(".heic")
    assert "pillow_heif" not in vars(images)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(heic()[:300], "không phải là ảnh", id="torn"),
        pytest.param(heic((64, 64), declared=(11_000, 11_000)), "quá nhiều điểm ảnh", id="many pixels"),
        pytest.param(heic((1024, 1024), declared=(64, 64)), "không phải là ảnh", id="more than it says"),
    ],
)
def test_unusable_heic_is_refused_with_a_reason(content, reason):
    with pytest.raises(images.ImageError, match=reason):
        images.make(SimpleUploadedFile("anh.heic", content), DIGEST)


@pytest.mark.django_db
def test_first_frame_of_a_gif_is_the_photo():
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]

    photo = make_photo(
        upload=SimpleUploadedFile("a.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    )

    red, _green, blue = Image.open(io.BytesIO(stored(photo.file.name))).convert("RGB").getpixel((25, 25))
    assert red > 200 > 50 > blue


@pytest.mark.django_db
def test_jpeg_of_a_telephone_with_a_second_picture_in_it_is_a_jpeg():
    frames = [Image.new("RGB", (500, 300), colour) for colour in ("red", "blue")]

    photo = make_photo(
        upload=SimpleUploadedFile("a.jpg", saved(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    )

    assert photo.width == 500
    assert photo.original.name.endswith(".jpg")


def truncated_jpeg():
    buffer = io.BytesIO()
    Image.effect_noise((800, 600), 90).save(buffer, "JPEG")
    return buffer.getvalue()[:20_000]


def blank_png(*size):
    buffer = io.BytesIO()
    Image.new("1", size).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.requirement(19, 20)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"<html><script>x</script>", "không phải là ảnh", id="html in disguise"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "không phải là ảnh", id="svg"),
        pytest.param(b"", "không phải là ảnh", id="empty"),
        pytest.param(truncated_jpeg(), "không phải là ảnh", id="torn"),
        pytest.param(blank_png(11_000, 11_000), "quá nhiều điểm ảnh", id="small file, many pixels"),
        # Whoever decodes it finds it torn.
        pytest.param(
            blank_png(11_000, 11_000)[:100], "quá nhiều điểm ảnh", id="many pixels, none of them there"
        ),
        pytest.param(blank_png(12_001, 10), "giới hạn 12000 điểm ảnh", id="few pixels, long side"),
    ],
)
def test_unusable_picture_is_refused_with_a_reason(content, reason):
    with pytest.raises(images.ImageError, match=reason):
        images.make(SimpleUploadedFile("anh.jpg", content), DIGEST)


def png_bomb(side):
    """Every pixel is there, in three bytes each before they were packed, and it takes neither time nor room to make."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    whole, rest = divmod(length := side * (1 + 3 * side), 2**20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    end = packer.compress(bytes(rest)) + packer.flush() + (length % 65521 << 16 | 1).to_bytes(4, "big")
    head = side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"

    def part(kind, content):
        return (
            len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
        )

    pixels = b"\x78\x01" + megabyte * whole + end
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixels) + part(b"IEND", b"")


def claiming(content, small, large):
    """The file with other sides written into it."""
    assert small in content
    return content.replace(small, large)


@contextmanager
def growth_of_memory():
    """Megabytes that the process had at most beyond those of the beginning."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, grown = resident("VmRSS"), []
    yield grown
    grown.append(resident("VmHWM") - before)


def resident(name):
    return int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


@pytest.mark.requirement(19)
def test_picture_of_too_many_pixels_costs_neither_time_nor_memory():
    small = Image.new("RGB", (64, 48))
    bombs = {
        "PNG": png_bomb(8000),
        "JPEG": claiming(saved(small, "JPEG"), b"\0\x30\0\x40", b"\x1f\x40\x1f\x40"),
        "JPEG, progressive": claiming(
            saved(small, "JPEG", progressive=True), b"\0\x30\0\x40", b"\x1f\x40\x1f\x40"
        ),
        "WebP": saved(Image.new("L", (12_000, 4_200)), "WEBP", quality=1, method=0),
        "GIF": claiming(saved(small, "GIF"), b"\x40\0\x30\0", b"\x40\x1f\x40\x1f"),
        "HEIC": heic((64, 64), declared=(8000, 8000)),
    }
    refused = {}

    for kind, content in bombs.items():
        began = sum(os.times()[:4])  # of its processes; the clock on the wall tells how busy the machine is
        with growth_of_memory() as grown, pytest.raises(images.ImageError, match="quá nhiều điểm ảnh"):
            images.make(SimpleUploadedFile("anh.jpg", content), DIGEST)
        refused[kind] = (sum(os.times()[:4]) - began, *grown)
    with growth_of_memory() as decoded:  # what a decoder would have taken is seen
        Image.open(io.BytesIO(png_bomb(6000))).load()

    assert {kind: cost for kind, cost in refused.items() if cost[0] >= 1 or cost[1] >= 100} == {}
    assert decoded[0] > 100


@pytest.mark.requirement(18)
def test_file_over_the_limit_is_refused(settings):
    settings.PHOTO_MAX_BYTES = 1024**2

    with pytest.raises(images.ImageError, match="giới hạn 1 MB"):
        images.make(SimpleUploadedFile("anh.jpg", b"x" * (1024**2 + 1)), DIGEST)


@pytest.mark.requirement(25)
def test_refused_picture_leaves_no_file(tmp_path, settings):
    with pytest.raises(images.ImageError):
        images.make(SimpleUploadedFile("anh.jpg", truncated_jpeg()), DIGEST)

    assert not settings.MEDIA_ROOT.exists()


@pytest.mark.requirement(25)
@pytest.mark.fault(11)
@pytest.mark.django_db
def test_full_disk_leaves_neither_photo_nor_file(settings):
    with files_of_at_most(100), pytest.raises(images.ImageError, match="Đĩa của máy chủ đã đầy"):
        make_photo()

    assert not Photo.objects.exists()
    assert files_below(settings.MEDIA_ROOT, settings.ORIGINALS_ROOT) == []


@contextmanager
def files_of_at_most(size):
    """A disk that is full after so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.requirement(20)
@pytest.mark.django_db
def test_picture_with_a_script_behind_it_is_written_anew():
    upload = picture_file()
    polyglot = SimpleUploadedFile("a.jpg", upload.read() + b"<script>alert(1)</script>")

    photo = make_photo(upload=polyglot)

    assert b"<script>" not in stored(photo.file.name)


@pytest.mark.django_db
def test_very_wide_picture_keeps_a_height():
    assert make_photo(upload=picture_file(size=(12_000, 10))).height >= 1


@pytest.mark.django_db
def test_broken_colour_profile_is_no_reason_to_refuse():
    assert make_photo(upload=picture_file(icc_profile=b"broken")).pk


@pytest.mark.django_db
def test_sixteen_bit_grey_is_scaled_not_cut():
    buffer = io.BytesIO()
    Image.new("I;16", (40, 40), 30_000).save(buffer, "PNG")

    photo = make_photo(upload=SimpleUploadedFile("xam.png", buffer.getvalue()))

    assert 100 < Image.open(io.BytesIO(stored(photo.file.name))).convert("L").getpixel((5, 5)) < 130


@pytest.mark.django_db
def test_known_photo_takes_the_words_it_had_not():
    first = make_photo(upload=picture_file(colour=(7, 7, 7)), caption="", credit="Minh Hà")

    make_photo(upload=picture_file(colour=(7, 7, 7)), caption="Bến đò", credit="Người khác")

    first.refresh_from_db()
    assert (first.caption, first.credit) == ("Bến đò", "Minh Hà")
