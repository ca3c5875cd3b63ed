"""`manage.py backup` and `restore` on the real database and folders; `make deploy-check` has the long forms."""

import json
import logging
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pyrage
import pytest
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command

from articles.models import Article
from newsportal.backups import folder, making
from newsportal.models import AuditEntry
from tests.factory import figure, make_article, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def backup_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "var"
    settings.DATA_DIR.mkdir()
    settings.BACKUP_DIR = tmp_path / "sao lưu"
    yield settings.BACKUP_DIR
    logging.disable(logging.NOTSET)  # which the command leaves silent as it ends


def run(*arguments, **options) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output, **options)
    return output.getvalue()


def backups(backup_dir):
    return folder.all_in(backup_dir)


def make_older(backup_dir):
    """Names are seconds; tests are quicker than that."""
    newest = backups(backup_dir)[-1]
    earlier = newest.made_at - timedelta(minutes=len(backups(backup_dir)))
    newest.folder.rename(backup_dir / earlier.strftime(folder.NAME))


def story_with_photo(headline):
    photo = make_photo()
    return make_article(
        headline=headline, section=Article.objects.first().section if Article.objects.exists() else make_section(),
        body=f"<p>Nội dung.</p>{figure(photo, 'Chú thích')}", lead_photo=photo,
    )  # fmt: skip


@pytest.mark.fault(20)
@pytest.mark.fault(17)
def test_what_was_lost_comes_back_and_the_restore_can_be_undone(backup_dir, settings):
    lost = story_with_photo("Khánh thành cầu Đồng Lộc")
    file = Path(lost.lead_photo.file.path)
    content = file.read_bytes()
    UserSession.objects.create(user=make_user(), ip="203.0.113.7", session_key="a" * 32, user_agent="Mozilla")
    run("backup")
    make_older(backup_dir)
    status = json.loads((settings.DATA_DIR / "backup.json").read_text())
    lost.delete()
    file.write_bytes(b"overwritten")
    later = story_with_photo("Tin viết sau bản sao lưu")

    with pytest.raises(CommandError, match="--replace"):
        run("restore")
    printed = run("restore", replace=True)

    assert status["ok"]
    assert status["bytes"] == backups(backup_dir)[0].bytes > 0
    assert list(Article.objects.values_list("headline", flat=True)) == ["Khánh thành cầu Đồng Lộc"]
    assert file.read_bytes() == content
    assert not UserSession.objects.exists()  # keys of sessions, which would let in whoever finds a backup
    assert not Path(later.lead_photo.file.path).exists()
    assert AuditEntry.objects.filter(kind="server", about=backups(backup_dir)[0].name).count() == 1
    undo = backups(backup_dir)[-1].name
    assert f"restore {undo} --replace" in printed

    run("restore", undo, replace=True, no_undo=True)

    assert list(Article.objects.values_list("headline", flat=True)) == ["Tin viết sau bản sao lưu"]
    assert Path(later.lead_photo.file.path).exists()


def test_second_backup_shares_unchanged_files_and_nothing_half_made_counts(backup_dir):
    story = story_with_photo("Khánh thành cầu Đồng Lộc")
    run("backup")
    make_older(backup_dir)
    (backup_dir / "2026-01-01T00-00-00Z.part/media").mkdir(parents=True)
    somebodys = backup_dir / "phim.mp4.part"
    somebodys.write_text("half a film")

    run("backup")

    first, second = backups(backup_dir)
    path = f"media/{story.lead_photo.file.name}"
    assert first.stored(path).samefile(second.stored(path))
    assert not first.stored("database.dump").samefile(second.stored("database.dump"))
    assert list(backup_dir.glob("*.part")) == [somebodys]
    assert second.stored(path).stat().st_mode & 0o077 == 0

    second.stored(path).write_bytes(b"a disk forgets")
    with pytest.raises(CommandError, match=second.name):
        run("restore", replace=True, no_undo=True)
    assert Article.objects.exists()
    assert Path(story.lead_photo.file.path).stat().st_size > 100


def test_encrypted_backup_of_an_older_release_needs_the_key_and_is_migrated(backup_dir, settings, tmp_path):
    secret = pyrage.x25519.Identity.generate()
    settings.BACKUP_RECIPIENTS = [str(secret.to_public())]
    key_file = tmp_path / "khóa"
    key_file.write_text(f"# created: today\n{secret}\n")
    story = story_with_photo("Khánh thành cầu Đồng Lộc")
    call_command("migrate", "newsportal", "0006", verbosity=0)
    run("backup")
    call_command("migrate", verbosity=0)
    plain = Path(story.lead_photo.file.path).read_bytes()

    with pytest.raises(CommandError, match="--identity"):
        run("restore", replace=True, no_undo=True)
    printed = run("restore", replace=True, no_undo=True, identity=str(key_file))

    [backup] = backups(backup_dir)
    assert all(path.suffix == ".age" for path in backup.folder.rglob("*.*") if path.name != folder.MANIFEST)
    assert plain not in backup.stored(f"media/{story.lead_photo.file.name}").read_bytes()
    assert "newsportal.0007_page_changes" in printed
    assert Article.objects.get().headline == story.headline


def test_settings_go_along_without_secrets(backup_dir, monkeypatch):
    from newsportal.settings import Environment

    named_as_secrets = {
        name for name in Environment.asked if name.endswith(("_KEY", "_PASSWORD", "_TOKEN", "_URL"))
    }
    assert named_as_secrets - {"SITE_URL"} <= set(making.SECRETS)
    monkeypatch.setattr(
        Environment,
        "ENVIRON",
        {"SITE_URL": "https://tin.example.vn/?a b", "SECRET_KEY": "bí mật", "HOME": "/"},
    )
    run("backup")
    make_older(backup_dir)
    run("backup", secrets=True)

    without, with_secrets = (backup.stored("settings.env").read_text() for backup in backups(backup_dir))
    assert "SITE_URL='https://tin.example.vn/?a b'\n" in without
    assert "bí mật" not in without
    assert "SECRET_KEY='bí mật'\n" in with_secrets
    assert "HOME" not in with_secrets


def test_one_a_day_a_week_and_a_month_are_kept(tmp_path):
    zone = UTC
    now = datetime(2026, 12, 31, 20, tzinfo=zone)
    every_half_day = [
        folder.Backup(tmp_path / (now - timedelta(hours=12 * number)).strftime(folder.NAME))
        for number in reversed(range(2 * 400))
    ]

    superfluous = folder.superfluous(every_half_day, 7, 4, 12, zone)

    kept = [backup.made_at for backup in every_half_day if backup not in superfluous]
    last_days = [now - timedelta(days=number) for number in range(7)]
    assert set(last_days) < set(kept)
    assert now - timedelta(hours=12) in kept
    assert datetime(2026, 1, 31, 20, tzinfo=zone) in kept
    assert len(kept) == 7 + 1 + 2 + 11
