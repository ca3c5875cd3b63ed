"""How the system says that it is: probes, metrics, the administrators' page and the command."""

import io
import json
import os
import socket
import time
from contextlib import closing
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from articles.models import Notice
from newsportal.headers import ALWAYS
from newsportal.health import checks, probes
from newsportal.health.checks import Level
from newsportal.metrics import FEED, KEPT, PAGE, Board, kind_of
from newsportal.wsgi import application
from tests.factory import make_article, make_user

PAGE_OF_STATUS = "/admin/system-status/"


def ask(path, **environ):
    """Through the WSGI application itself, as a web server calls it."""
    told = []
    answer = application(RequestFactory().get(path, **environ).environ, lambda *line: told.append(line))
    (status, headers), *_rest = told
    assert dict(headers)["Cache-Control"] == "no-store"
    assert ALWAYS.items() <= dict(headers).items()
    return int(status.split()[0]), b"".join(answer).decode()


@pytest.fixture(autouse=True)
def ask_each_time(monkeypatch):
    monkeypatch.setattr(probes, "EVERY", 0)


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def certificate(ends_in: timedelta) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tin.vi-du.vn")])
    now = timezone.now()
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=90), now + ends_in
    )
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_a_living_process_says_so_without_touching_anything():
    assert ask("/healthz", HTTP_HOST="10.0.0.7") == (200, "ok\n")


@pytest.mark.django_db(transaction=True)
def test_ready_is_who_has_database_migrations_and_spool(settings):
    assert ask("/readyz") == (200, "ok\n")

    with closing(connection.copy()) as other, other.cursor() as cursor:
        # Seen by the check's own connection, so committed, and put back.
        cursor.execute("DELETE FROM django_migrations WHERE app = 'articles' AND name = '0001_initial'")
        try:
            status, words = ask("/readyz")
        finally:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('articles', '0001_initial', now())"
            )
    assert (status, "articles.0001_initial" in words) == (503, True)

    settings.VISITS_SPOOL = settings.VISITS_SPOOL / "a file"
    settings.VISITS_SPOOL.parent.mkdir(parents=True, exist_ok=True)
    settings.VISITS_SPOOL.touch()
    status, words = ask("/readyz")
    assert (status, "Không ghi được" in words) == (503, True)
    assert ask("/readyz", HTTP_X_FORWARDED_FOR="203.0.113.7") == (503, "not ready\n")


@pytest.mark.django_db(transaction=True)
def test_a_silent_database_costs_two_seconds_and_is_named(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", silent.getsockname()[1])
        began = time.monotonic()
        status, words = ask("/readyz")
        assert (status, words.startswith("Cơ sở dữ liệu: Cơ sở dữ liệu không trả lời")) == (503, True)
        assert time.monotonic() - began < 10  # two, on a machine that does nothing else

    assert 'newsportal_check_level{check="database"} 2' in ask("/metrics")[1]
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("status", stdout=out)
    assert (end.value.code, "PostgreSQL có đang chạy" in out.getvalue()) == (2, True)


@pytest.mark.requirement(48)
@pytest.mark.django_db(transaction=True)
def test_metrics_are_for_this_machine_or_the_token(settings, folder):
    told = {"finished_at": "2026-01-01T01:00:00+07:00", "ok": True, "bytes": 5}
    (folder / "backup.json").write_text(json.dumps(told))

    status, text = ask("/metrics")

    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert status == 200
    assert lines["newsportal_database_up"] == "1"
    assert lines["newsportal_spool_bytes"] == "0"
    assert lines["newsportal_backup_finished_timestamp"] == "1767204000.0"
    assert 'newsportal_check_level{check="backup"}' in lines
    strangers = {"REMOTE_ADDR": "203.0.113.7"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    for stranger in strangers:
        assert ask("/metrics", **stranger)[0] == 404
        assert ask("/metrics", HTTP_AUTHORIZATION="Bearer ", **stranger)[0] == 404
    settings.METRICS_TOKEN = "a-long-secret"
    for stranger in strangers:
        assert ask("/metrics", HTTP_AUTHORIZATION="Bearer another", **stranger)[0] == 404
        assert ask("/metrics", HTTP_AUTHORIZATION="Bearer a-long-secret", **stranger)[0] == 200


def test_processes_add_up_on_one_board():
    board = Board()
    for slot in (0, 1):
        child = os.fork()
        if not child:
            board.take(slot)
            for _ in range(100):
                board.note(PAGE, "200 OK", 0.01)
            board.note(KEPT, "304 Not Modified", 0.0001)
            board.note(FEED, "503 Service Unavailable", 9)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0

    lines = dict(line.rsplit(" ", 1) for line in board.lines() if not line.startswith("#"))
    assert lines['newsportal_requests_total{kind="page",status="2xx"}'] == "200"
    assert lines['newsportal_kept_pages_total{result="hit"}'] == "2"
    assert lines['newsportal_requests_total{kind="feed",status="5xx"}'] == "2"
    assert lines['newsportal_request_seconds_bucket{kind="page",le="0.005"}'] == "0"
    assert lines['newsportal_request_seconds_bucket{kind="page",le="0.025"}'] == "200"
    assert lines['newsportal_request_seconds_bucket{kind="feed",le="+Inf"}'] == "2"
    assert lines['newsportal_request_seconds_sum{kind="feed"}'] == "18.000000"


def test_backup_and_nightly_work_tell_how_old_they_are(folder):
    now = timezone.now()
    fresh = {"finished_at": now.isoformat(), "ok": True, "bytes": 1, "verified_at": now.isoformat()}
    old = (now - timedelta(days=2)).isoformat()
    for told, level in (
        ({}, Level.WARNING),
        (fresh, Level.OK),
        (fresh | {"ok": False}, Level.BROKEN),
        (fresh | {"finished_at": old}, Level.WARNING),
        (fresh | {"finished_at": (now - timedelta(days=9)).isoformat()}, Level.BROKEN),
        (fresh | {"verified_at": None}, Level.WARNING),
        ([], Level.WARNING),
        ({"finished_at": "yesterday"}, Level.WARNING),
    ):
        (folder / "backup.json").write_text(json.dumps(told))
        assert checks.backup().level == level, told
    for told, level in (
        ({}, Level.WARNING),
        (fresh, Level.OK),
        (fresh | {"finished_at": old}, Level.WARNING),
        (fresh | {"ok": False, "failed": ["send_notices"]}, Level.BROKEN),
    ):
        (folder / "nightly.json").write_text(json.dumps(told))
        assert checks.nightly().level == level, told
    assert "send_notices" in checks.nightly().sentence


def test_a_certificate_that_ends_is_told_in_time(settings, tmp_path):
    assert checks.certificate() is None
    settings.TLS_CERTIFICATE = str(tmp_path / "tls.pem")
    assert checks.certificate().level == Level.WARNING  # there is no such file
    for days, level in ((60, Level.OK), (14, Level.WARNING), (1, Level.BROKEN), (-1, Level.BROKEN)):
        (tmp_path / "tls.pem").write_bytes(certificate(timedelta(days=days)))
        assert checks.certificate().level == level, days


@pytest.mark.django_db
def test_administrators_read_what_is_wrong_and_what_to_do(client, folder):
    user = make_user("Quản trị")
    client.force_login(user)
    make_article(headline="Lễ hội hoa ban", status="in_review")
    Notice.objects.create(user=user, kind="publish", story_id=1, headline="Tin", mail="failed")

    page = client.get(PAGE_OF_STATUS).content.decode()

    for words in ("1 tin đã quá giờ hẹn mà chưa đăng: “Lễ hội hoa ban”", "1 thư gửi hỏng", "Chưa có bản sao lưu nào",
                  "PostgreSQL", "Chuỗi nhật ký còn nguyên", "lệch nhau 0,0 giây", "Django"):  # fmt: skip
        assert words in page, words
    assert page.index("Chưa có bản sao lưu nào") < page.index("Chuỗi nhật ký còn nguyên")
    assert PAGE_OF_STATUS in client.get("/admin/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_nightly_work_goes_on_past_a_job_that_fails(folder, settings):
    call_command("nightly", stdout=io.StringIO())
    assert json.loads((folder / "nightly.json").read_text())["ok"] is True

    settings.VISITS_SPOOL = folder / "a file"
    settings.VISITS_SPOOL.touch()
    with pytest.raises(SystemExit):
        call_command("nightly", stdout=io.StringIO())
    told = json.loads((folder / "nightly.json").read_text())
    assert (told["ok"], told["failed"]) == (False, ["ship_visits"])


def test_kinds_of_addresses():
    kinds = {path: kind_of(path) for path in ("/", "/rss/", "/sitemap.xml", "/an-ninh/tin-1/")}
    assert kinds == {"/": PAGE, "/rss/": FEED, "/sitemap.xml": FEED, "/an-ninh/tin-1/": PAGE}
