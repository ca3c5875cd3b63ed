"""What is not served, however it is asked for."""

import pytest

pytestmark = pytest.mark.django_db

CLOSED = [
    "/.git/config",
    "/.git/HEAD",
    "/.env",
    "/.ci/run",
    "/.venv/pyvenv.cfg",
    "/manage.py",
    "/newsportal/settings.py",
    "/pyproject.toml",
    "/requirements/base.txt",
    "/var/secret_key",
    "/secret_key",
    "/originals/",
    "/pdf/",
    "/drawn/",
    "/visits/",
    "/backups/",
    "/media/",
    "/static/",
    "/static/ckeditor/",
    "/static/ckeditor/ckeditor/samples/index.html",
    "/static/.collected",
    "/media/.htaccess",
    "/__debug__/",
    "/server-status",
    "/phpinfo.php",
    "/wp-login.php",
    "/media/%2e%2e/secret_key",
    "/static/..%2f..%2fmanage.py",
    "/media/..%5c..%5cmanage.py",
    "//etc/passwd",
    "/api/v1/docs",
    "/swagger.json",
]


@pytest.mark.requirement(48)
def test_nothing_of_the_workshop_is_served(client, settings):
    settings.MEDIA_ROOT.mkdir(parents=True)
    (settings.MEDIA_ROOT.parent / "secret_key").write_text("khoa")
    opened = {path: client.get(path, follow=True).status_code for path in CLOSED}

    assert {path: status for path, status in opened.items() if status not in (400, 404)} == {}
    traced = client.trace("/", headers={"x-secret": "khoa-cua-toi"})
    assert "khoa-cua-toi" not in traced.content.decode()
