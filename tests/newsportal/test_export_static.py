"""`manage.py export_static`: what readers of a mirror find, and what a second run changes."""

import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from newsportal import headers, mirror
from tests.factory import figure, make_article, make_photo, make_section
from visitors.counter import counter

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r'\s(?:href|src)="(/[^"#?]*)')


@pytest.fixture(autouse=True)
def live_site(settings, tmp_path):
    settings.SITE_URL = "https://tin.example.vn"
    settings.STATIC_ROOT = tmp_path / "static"
    (settings.STATIC_ROOT / "css").mkdir(parents=True)
    (settings.STATIC_ROOT / "css/tokens.css").write_text(":root {}")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "bản sao"


def export(folder) -> str:
    output = StringIO()
    call_command("export_static", str(folder), processes=1, stdout=output)
    return output.getvalue()


def files_of(folder) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_ino)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_without_static_files_there_is_no_copy_and_one_sentence(folder, settings):
    (settings.STATIC_ROOT / "css/tokens.css").unlink()
    (settings.STATIC_ROOT / "css").rmdir()

    with pytest.raises(CommandError, match="collectstatic"):
        export(folder)

    assert not folder.exists()


def test_copy_is_whole_and_a_second_run_writes_only_what_changed(folder, settings, monkeypatch):
    monkeypatch.setattr("articles.listing.PER_PAGE", 2)
    section, photo = make_section(), make_photo()
    make_section("Văn bản")
    old = make_article(section=section, headline="Bài sẽ gỡ", body=f"<p>Nội dung.</p>{figure(photo, 'Ảnh')}")
    other = make_article(section=section, headline="Tin không đổi")
    kept = make_article(section=section, headline="Bài sẽ sửa")
    folder.mkdir()
    (folder / mirror.MARK).touch()
    (folder / ".index.html-7.part").write_text("half a page that a killed run left")

    said = export(folder)
    first = files_of(folder)
    links = {path.stat().st_nlink for path in (folder / "media").rglob("*.*")}
    again = export(folder)
    unchanged = files_of(folder)
    Article.objects.filter(pk=kept.pk).update(headline="Bài đã sửa")
    Article.objects.filter(pk=old.pk).update(status=Article.Status.WITHDRAWN, withdrawn_at=timezone.now())
    last = export(folder)
    now = files_of(folder)

    page = f"{old.get_absolute_url()}index.html".lstrip("/")
    photos = {name for name in first if name.startswith("media/")}
    assert "không dẫn tới" not in said
    assert {"index.html", "404.html", "robots.txt", "sitemap.xml", "rss/index.xml"} <= set(first)
    assert {"tim-kiem/index.html", page, "static/css/tokens.css"} <= set(first)
    assert links == {2}
    assert not any(name.endswith(mirror.PART) for name in first)
    second_page = f"{section.get_absolute_url()}trang-2.html".lstrip("/")
    assert "Bài sẽ gỡ".encode() in first[second_page][0]
    assert f'href="/{second_page}"'.encode() in first[f"{section.slug}/index.html"][0]
    assert not any(re.search(rb'"/[^"]*\?page=', content) for content, _ in first.values())
    assert f'href="https://tin.example.vn{old.get_absolute_url()}pdf/"'.encode() in first[page][0]
    for name, (content, _) in first.items():
        if name.endswith(".html"):
            for address in ADDRESS.findall(content.decode()):
                target = f"{address}index.html" if address.endswith("/") else address
                if not address.startswith(settings.STATIC_URL):
                    assert {target[1:], target[1:].replace(".html", ".xml")} & set(first), (name, address)

    assert unchanged == first
    assert "ghi 0, bỏ 0," in again
    assert {page, *photos}.isdisjoint(now)
    assert "Bài đã sửa".encode() in now["index.html"][0]
    untouched = f"{other.get_absolute_url()}pdf/".encode()
    assert any(untouched in content for content, _ in now.values())
    assert now["tim-kiem/index.html"] == first["tim-kiem/index.html"]
    assert "bỏ 0," not in last


def test_pages_say_what_a_copy_cannot_do_and_nothing_is_counted(folder, settings):
    settings.MEASURING_SCRIPT = "https://do.example/a.js"
    settings.STATIC_URL = "https://tinh.example.vn/static/"
    story = make_article()
    os.umask(0o027)  # as the services have it

    export(folder)

    assert {path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*")) if path.is_dir()} == {0o755}
    page = (folder / story.get_absolute_url().strip("/") / "index.html").read_text()
    searching = (folder / reverse("articles:search").strip("/") / "index.html").read_text()
    assert f'<a href="https://tin.example.vn{story.get_absolute_url()}">' in page
    assert "Bản sao này không tìm kiếm được." in searching
    assert "<!--visits:" not in page
    assert "do.example" not in page
    assert "tinh.example.vn" not in page
    assert (folder / "static/css/tokens.css").is_file()
    assert list(Path(settings.VISITS_SPOOL).glob("*.log")) == []
    assert counter().figures() is None


def test_page_that_cannot_be_made_keeps_the_copy_of_before(folder, monkeypatch):
    story = make_article()
    export(folder)
    before = files_of(folder)
    story.delete()
    make_article(headline="Bài hỏng", slug="hong", body="<p>a</p>")

    monkeypatch.setattr("articles.views.beside", lambda *_: 1 / 0)

    with pytest.raises(CommandError, match="1 "):
        export(folder)
    assert set(before) <= set(files_of(folder))


def test_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thu-muc-nha").mkdir()
    (tmp_path / "thu-muc-nha/tai-lieu.txt").write_text("quan trọng")

    with pytest.raises(CommandError, match="thu-muc-nha"):
        export(tmp_path / "thu-muc-nha")

    assert (tmp_path / "thu-muc-nha/tai-lieu.txt").read_text() == "quan trọng"


def test_nginx_sends_with_the_copy_what_the_site_sends_with_pages():
    shipped = (Path(__file__).parent.parent.parent / "deploy/nginx/mirror.conf").read_text()

    assert f'"{headers.PAGE}"' in shipped
    assert f'"{headers.FILE}"' in shipped
