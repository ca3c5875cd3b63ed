"""Files that may be deleted at any time are, and the disk is full when somebody uploads."""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.factory import picture_file

from . import LONG
from .site import Readers

UPLOAD = "/admin/articles/photo/upload/"


@contextmanager
def small_disk(folder: Path, size: str):
    """In the place of a folder, of which it shows nothing."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def files_of(site) -> set[Path]:
    return {
        path for name in ("media", "originals") for path in (site.folder / name).rglob("*") if path.is_file()
    }


@pytest.mark.fault(10)
def test_caches_on_disk_may_go_be_spoilt_or_full(site, record_property):
    story = site.stories[-1]
    drawn = site.ask("/").text.split('rel="icon" href="')[1].split('"')[0]
    files, caches = {f"{story}pdf/": b"%PDF", drawn: b"\x89PNG"}, [site.folder / "pdf", site.folder / "drawn"]
    statuses = []

    def ask_all():
        for path, beginning in files.items():
            answer = site.ask(path)
            statuses.append(answer.status)
            assert answer.status != 200 or answer.content.startswith(beginning), path

    with Readers(site, threads=2) as readers:
        ask_all()
        for _ in range(5 if LONG else 1):
            for path in (path for cache in caches for path in cache.rglob("*") if path.is_file()):
                path.write_bytes(b"") if path.suffix == ".pdf" else path.write_bytes(os.urandom(100))
            ask_all()
            for cache in caches:
                subprocess.run(["rm", "-rf", cache], check=True)
            ask_all()
        with small_disk(caches[0], "4k"), small_disk(caches[1], "4k"):
            (caches[0] / "full").write_bytes(b"x" * 4096)
            (caches[1] / "full").write_bytes(b"x" * 4096)
            ask_all()
        readers.wait_for(100)

    record_property(
        "measured",
        f"{statuses.count(200)} of {len(statuses)} files served whole, the others {set(statuses) - {200} or 'none'}; {readers}",
    )
    assert readers.failed == []
    assert set(statuses) == {200}


@pytest.mark.fault(11)
def test_upload_on_a_full_disk_is_refused_with_a_reason(site, record_property):
    number = "SELECT (SELECT count(*) FROM articles_photo), (SELECT count(*) FROM articles_attachment)"
    files, rows = files_of(site), site.database.ask(number)
    photo = picture_file(size=(1600, 1200))
    with Readers(site, threads=2) as readers:
        with small_disk(site.folder / "media", "8k"):
            refused = site.as_editor(UPLOAD, file=photo)
            left = files_of(site)
            (site.folder / "media/ballast").write_bytes(bytes(8192))
            page = site.as_editor(
                "/admin/articles/article/add/",
                site.story_form(headline="Tin có tệp đính kèm", **{
                    "attachments-TOTAL_FORMS": "1", "attachments-0-title": "Kế hoạch", "attachments-0-order": "1",
                    "attachments-0-file": picture_file("ke-hoach.pdf"),
                }),
            )  # fmt: skip
            left |= files_of(site) - {site.folder / "media/ballast"}
        readers.wait_for(1000 if LONG else 50)

    assert "Đĩa của máy chủ đã đầy" in json.loads(refused.text)["error"]
    assert page.status == 507
    assert "Đĩa của máy chủ đã đầy" in page.text
    assert left <= files
    assert files_of(site) == files
    assert site.database.ask(number) == rows
    photo.seek(0)
    assert "error" not in site.as_editor(UPLOAD, file=photo).text
    record_property("measured", f"photo and attachment refused by name, 0 files and 0 rows left; {readers}")
    assert readers.failed == []
