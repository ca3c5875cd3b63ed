"""A site of 10,000 stories and 2 GB of photos backed up, lost and restored; BACKUP_STORIES and BACKUP_MB change that."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings

STORIES = int(os.environ.get("BACKUP_STORIES", 10_000))
MEGABYTES = int(os.environ.get("BACKUP_MB", 2_000))
RESTORED_WITHIN = 600  # seconds
FILL = """
import os, sys
from django.conf import settings
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
from articles.models import Article, Photo, Section
from tests.factory import figure, make_article, make_photo, make_section
stories, megabytes = map(int, os.environ["FILL"].split())
section = make_section()
for number in range(40):  # photos as the portal makes them, and stories that show them
    photo = make_photo()
    body = "".join(f"<p>Đoạn {part} của tin số {number}: {'nhân dân trong tỉnh phấn khởi ' * 12}</p>" for part in range(12))
    story = make_article(headline=f"Tin số {number}", section=section, body=body + figure(photo, "Chú thích"), lead_photo=photo)
columns = [field.column for field in Article._meta.concrete_fields if field.column != "id" and not field.unique]
names = ", ".join(f'"{name}"' for name in columns)
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM articles_article")
    for _ in range(stories // 40 - 1):
        cursor.execute(f"INSERT INTO articles_article ({names}) SELECT {names} FROM articles_article ORDER BY id LIMIT 40")
made = 0
while made < megabytes * 1_000_000:
    content = os.urandom(180_000)  # as poorly compressed as a photo
    folder = settings.MEDIA_ROOT / "photos" / content[:1].hex()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{content[:16].hex()}.webp").write_bytes(content)
    made += len(content)
"""


def manage(*arguments, **environment):
    environment = os.environ | {"DATABASE_URL": "", "VISITS_SHIP_EVERY": "0"} | environment
    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout, time.monotonic() - started


@pytest.fixture
def site():
    """Not in pytest's own folder, for the reason given in test_embedded.py."""
    with TemporaryDirectory(prefix="newsportal-test-") as folder:
        os.chmod(folder, 0o711)
        environment = {"DATA_DIR": f"{folder}/var", "BACKUP_DIR": f"{folder}/backups"}
        manage("shell", "-v0", "-c", FILL, FILL=f"{STORIES} {MEGABYTES}", **environment)
        yield environment


@pytest.mark.fault(17)
@pytest.mark.fault(20)
def test_large_site_comes_back_elsewhere_within_ten_minutes(site, record_property):
    _printed, first = manage("backup", **site)
    printed, second = manage("backup", **site)
    print(
        f"\n{STORIES} stories, {MEGABYTES} MB: first backup {first:.0f} s, second {second:.0f} s: {printed}"
    )
    assert int(re.search(r"(\d+) MB mới", printed)[1]) < 100
    printed, verified = manage("backup", "verify", **site)
    print(f"verified in {verified:.0f} s: {printed}")
    shutil.rmtree(site["DATA_DIR"])
    elsewhere = f"{site['DATA_DIR']}-moi"

    printed, restored = manage("restore", **site | {"DATA_DIR": elsewhere})

    print(printed)
    record_property(
        "measured",
        f"{STORIES:,} stories, {MEGABYTES} MB: backup {first:.0f} s, the next {second:.0f} s, tried out {verified:.0f} s,"
        f" restored into another place {restored:.0f} s, with a look at home, sitemap, the 100 newest stories and"
        " every file: 0 broken",
    )
    assert restored < RESTORED_WITHIN
    media = sum(path.stat().st_size for path in Path(elsewhere, "media").rglob("*") if path.is_file())
    assert media > MEGABYTES * 1_000_000
