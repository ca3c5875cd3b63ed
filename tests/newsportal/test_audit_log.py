"""The audit log: what gets into it, who reads it, and that nothing of it changes unnoticed."""

import csv
import io
import json
import logging
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from importlib import import_module

import psycopg2
import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from psycopg2.extensions import make_dsn

from articles.log import ReadableLog
from newsportal.audit.chain import verify
from newsportal.audit.record import SERVER, Kind, record
from newsportal.logs import JsonLines, Lines
from newsportal.models import AuditEntry, SiteIdentity
from tests.articles.test_article_admin import form_data
from tests.factory import make_article, make_photo, make_user
from tests.newsportal.test_login import code, enrolled, log_in, second_step

LIST = "/admin/newsportal/auditentry/"
INSERT = (
    "INSERT INTO newsportal_auditentry (kind, actor, address, about_type, about_id, about, detail)"
    " VALUES ('server', %s, '', '', '', '', '')"
)
# One of several processes: fifty entries, each in a transaction of its own that goes on for a moment.
WRITER = f"""
import sys, psycopg2
connection = psycopg2.connect(sys.argv[1])
for number in range(50):
    with connection, connection.cursor() as cursor:
        cursor.execute({INSERT!r}, [f"{{sys.argv[2]}}-{{number}}"])
        cursor.execute("SELECT pg_sleep(0.001)")
"""


def close_chain():
    """As the commit does, which most tests never reach."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def address_of_database(**other) -> str:
    parts = {
        name: connection.settings_dict[name.upper()] for name in ("name", "user", "password", "host", "port")
    }
    given = {"dbname" if name == "name" else name: part for name, part in parts.items() if part}
    return make_dsn(**given | other)


def kinds(about) -> list[str]:
    """Of the entries about an account or another row, the first one first."""
    found = AuditEntry.objects.filter(about_type=about._meta.label_lower, about_id=str(about.pk))
    return list(found.order_by("id").values_list("kind", flat=True))


def last(kind) -> AuditEntry:
    return AuditEntry.objects.filter(kind=kind).first()


@pytest.mark.requirement(46)
@pytest.mark.django_db
def test_logins_and_second_steps_are_recorded(client, settings, django_capture_on_commit_callbacks):
    settings.SECOND_FACTOR = True
    cache.clear()
    user = enrolled(last_name="Trần", first_name="Minh Hà")

    log_in(client, user, "sai")
    assert last("login_failed").actor == ""
    log_in(client, "mat-khau-go-nham-o", "sai")
    assert "go-nham" not in str(
        vars(last("login_failed"))
    )  # people type passwords into the field of the name
    log_in(client, user)
    second_step(client, "000000")
    second_step(client, code())
    client.post(reverse("account_logout"))

    assert kinds(user) == ["login_failed", "login_failed", "login", "logout"]
    entry = last("login")
    assert (entry.actor, entry.account) == (f"{user.username} (Trần Minh Hà)", user.pk)
    assert entry.address == "127.0.0.1"  # of the second step

    for _attempt in range(7):
        log_in(Client(), user, "sai")
    assert kinds(user)[-1] == "locked_out"
    assert kinds(user).count("locked_out") == 1

    other = enrolled()
    log_in(client, other, address="203.0.113.8")
    recovery = Authenticator.objects.get(user=other, type="recovery_codes")
    second_step(client, recovery.wrap().get_unused_codes()[0])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    call_command("restore_access", other.username, stdout=io.StringIO())
    assert kinds(other) == ["recovery_code", "login", *["second_factor"] * 3, "restore_access"]
    assert last("restore_access").actor == SERVER


@pytest.mark.requirement(46)
@pytest.mark.django_db
def test_what_is_done_in_the_admin_is_recorded(client):
    boss = make_user(is_superuser=True)
    client.force_login(boss)
    story = make_article(status="draft", published_at=None)

    step = reverse("admin:articles_article_step", args=[story.pk])
    client.post(step, {"_step": "publish"}, REMOTE_ADDR="203.0.113.9")
    entry = last("story")
    assert (entry.about_id, entry.about, entry.address) == (str(story.pk), story.headline, "203.0.113.9")
    assert entry.detail.startswith("Đã đăng")
    client.post(step, {"_step": "withdraw", "reason-withdraw": "Sai số liệu"})
    assert last("story").detail.endswith("Sai số liệu")

    draft = make_article(status="draft", published_at=None)
    times = {"expires_at_0": "20/11/2030", "expires_at_1": "8:00"}
    client.post(reverse("admin:articles_article_change", args=[draft.pk]), form_data(draft, **times))
    assert last("story").about_id == str(draft.pk)
    assert "20/11/2030 08:00" in last("story").detail

    photo = make_photo(caption="Ông Nguyễn Văn A")
    client.post(reverse("admin:articles_photo_remove", args=[photo.pk]), {"reason": "Theo yêu cầu"})
    assert (last("photo").about_id, last("photo").about) == (str(photo.pk), "")
    assert "Theo yêu cầu" in last("photo").detail

    SiteIdentity.objects.create(name="Cổng tin")
    client.post("/admin/newsportal/siteidentity/1/change/", {"name": "Cổng mới", "accent": "#0f5a43"})
    assert (last("settings").about, "Tên cổng" in last("settings").detail) == ("Cổng mới", True)

    colleague, group = make_user(), Group.objects.get(name="Biên tập")
    client.post(
        reverse("admin:auth_user_change", args=[colleague.pk]),
        {
            "username": colleague.username, "is_active": "on", "is_staff": "on", "groups": [group.pk],
            "assignment-TOTAL_FORMS": 1, "assignment-INITIAL_FORMS": 0, "assignment-0-user": colleague.pk,
        },
    )  # fmt: skip
    assert (last("people").about, "Biên tập" in last("people").detail) == (colleague.username, True)

    client.get(reverse("admin:visitors_day_export", args=["series", "csv"]))
    assert last("export").about.startswith("thong-ke-series")
    b"".join(client.get(reverse("admin:articles_authorship_export", args=["xlsx"]) + "?period=this-year"))
    assert (last("export").about.startswith("nhuan-but-"), last("export").detail) == (
        True,
        "period=this-year",
    )

    client.force_login(colleague)
    client.get(LIST)
    assert (last("refused").account, last("refused").about) == (colleague.pk, f"GET {LIST}")


@pytest.mark.requirement(46)
def test_every_list_that_changes_something_writes_to_the_log():
    """allauth's rows are unregistered; the counter's and the log's own cannot be changed."""
    silent = {
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if not isinstance(model_admin, ReadableLog)
    }

    assert silent == {"articles.Authorship", "newsportal.AuditEntry", "visitors.Day", "visitors.Gap"}


@pytest.mark.django_db(transaction=True)
def test_four_processes_make_one_chain_and_nobody_waits_for_an_open_transaction():
    record(Kind.SERVER, SERVER)
    before = AuditEntry.objects.chained().last()
    dsn = address_of_database()
    with closing(psycopg2.connect(dsn)) as slow:
        with slow.cursor() as cursor:
            cursor.execute(INSERT, ["an editor who saves for long"])
        writers = [subprocess.Popen([sys.executable, "-c", WRITER, dsn, str(name)]) for name in range(4)]
        assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0, 0]
        slow.commit()

    new = list(AuditEntry.objects.chained().filter(number__gt=before.number))
    assert len(new) == 201
    assert new[-1].actor == "an editor who saves for long"
    assert {entry.actor for entry in new[:-1]} == {f"{name}-{n}" for name in range(4) for n in range(50)}
    assert verify().broken_at is None
    assert verify(newest=100).checked == 100


@pytest.mark.requirement(46)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE newsportal_auditentry SET actor = 'somebody else'",
        "UPDATE newsportal_auditentry SET hash = NULL, number = NULL",
        "DELETE FROM newsportal_auditentry",
        "TRUNCATE newsportal_auditentry",
        "INSERT INTO newsportal_auditentry (kind, actor, address, about_type, about_id, about, detail, hash)"
        " VALUES ('server', '', '', '', '', '', '', repeat('0', 64))",
    ],
)
def test_the_database_refuses_to_change_entries(statement):
    record(Kind.SERVER, SERVER, detail="Kept.")

    with pytest.raises(ProgrammingError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEntry.objects.first().detail == "Kept."


@pytest.mark.requirement(46)
@pytest.mark.django_db
def test_a_role_that_is_not_the_owner_has_no_right_to_change_entries():
    migration = import_module("newsportal.migrations.0009_audit_log")
    try:
        # Of the embedded server; the role of the tests makes no roles.
        chief = psycopg2.connect(address_of_database(user="postgres"))
    except psycopg2.OperationalError:
        pytest.skip("The server in DATABASE_URL lets nobody make a role.")
    with closing(chief), chief.cursor() as cursor:  # nothing of it is committed
        # As default privileges would give it.
        cursor.execute("CREATE ROLE audit_writer; GRANT ALL ON newsportal_auditentry TO audit_writer")
        cursor.execute(migration.RIGHTS)
        cursor.execute("SET LOCAL ROLE audit_writer")
        cursor.execute(INSERT, ["a lesser role"])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT actor, number IS NOT NULL FROM newsportal_auditentry ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == ("a lesser role", True)
        for statement in (
            "UPDATE newsportal_auditentry SET actor = ''", "DELETE FROM newsportal_auditentry",
            "TRUNCATE newsportal_auditentry", "ALTER TABLE newsportal_auditentry DISABLE TRIGGER USER",
        ):  # fmt: skip
            cursor.execute("SAVEPOINT before")
            with pytest.raises(
                psycopg2.errors.InsufficientPrivilege, match="permission denied|must be owner"
            ):
                cursor.execute(statement)
            cursor.execute("ROLLBACK TO before")


@pytest.mark.requirement(46)
@pytest.mark.django_db
def test_what_an_owner_changes_is_found():
    strange = "".join(map(chr, range(1, 160))) + "\u2028\u2029 “Đà Nẵng” 🙂 \\u0041"
    for detail in ("first", strange, "third", "fourth\0", "fifth"):
        record(Kind.SETTINGS, "minhha", "Cổng", detail)
    close_chain()
    assert verify().broken_at is None
    *_others, third, _fourth, fifth = AuditEntry.objects.chained()
    head = f"{fifth.number}:{fifth.hash}"
    out = io.StringIO()
    call_command("verify_audit_log", head=head, stdout=out)
    assert head in out.getvalue()

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE newsportal_auditentry DISABLE TRIGGER USER")
    for change in ({"detail": "Third"}, {"at": fifth.at.replace(year=2020)}, {"number": None}):
        with transaction.atomic():
            AuditEntry.objects.filter(pk=third.pk).update(**change)
            with pytest.raises(CommandError, match=f"{third.number}"):
                call_command("verify_audit_log")
            transaction.set_rollback(True)
    # The end cut off leaves a chain that holds: only who noted the head down sees it.
    fifth.delete()
    assert verify().broken_at is None
    with pytest.raises(CommandError, match=head):
        call_command("verify_audit_log", head=head)


@pytest.mark.django_db
def test_administrators_read_and_export_but_do_not_change(client):
    user = make_user("Quản trị")
    client.force_login(user)
    record(Kind.SETTINGS, "minhha (Trần Minh Hà)", user, "=1+1")
    record(Kind.EXPORT, "thuy", "thong-ke.csv")
    close_chain()

    page = client.get(f"{LIST}?kind=settings").content.decode()
    assert "minhha (Trần Minh Hà)" in page
    assert "thong-ke.csv" not in page
    assert "Chuỗi còn nguyên" in page
    entry = last("settings")
    assert entry.hash in client.get(f"{LIST}{entry.pk}/change/").content.decode()
    for address in (f"{LIST}add/", f"{LIST}{entry.pk}/delete/", f"{LIST}{entry.pk}/change/"):
        assert client.post(address, {"detail": "khác"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    client.post(LIST, chosen)
    assert last("settings") == entry

    period = "?from=2026-01-01&to=2999-12-30"
    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{LIST}export.csv{period}")).decode())))
    assert any("'=1+1" in row for row in rows)
    close_chain()
    lines = b"".join(client.get(f"{LIST}export.jsonl{period}")).decode().splitlines()
    previous = "0" * 64
    for line in map(json.loads, lines):
        assert line["entry"][-1] == previous
        previous = sha256(json.dumps(line["entry"], ensure_ascii=False).encode()).hexdigest()
        assert line["hash"] == previous
    assert json.loads(lines[-1])["entry"][8].startswith("nhat-ky-he-thong-2026-01-01")
    for wrong in ("export.csv", "export.csv?from=2026-01-01&to=9999-12-31", f"export.pdf{period}"):
        assert client.get(LIST + wrong).status_code == 404


@pytest.mark.django_db
def test_settings_of_the_server_are_noted_when_they_differ(settings):
    call_command("migrate", verbosity=0)
    count = AuditEntry.objects.filter(kind="server").count()
    call_command("migrate", verbosity=0)
    assert AuditEntry.objects.filter(kind="server").count() == count

    settings.FEED_FULL_TEXT = True
    call_command("migrate", verbosity=0)
    assert "FEED_FULL_TEXT=True" in last("server").detail
    assert settings.SECRET_KEY not in last("server").detail


@pytest.mark.requirement(45)
def test_no_text_begins_a_log_line_of_its_own():
    strange = logging.LogRecord(
        "x", logging.INFO, "", 0, "Tên %s", ("a\n2026 ERROR b\r\x1b[31m\u2028đ",), None
    )

    assert Lines("{message}", style="{").format(strange) == "Tên a\\n2026 ERROR b\\r\\x1b[31m\\u2028đ"
    (line,) = JsonLines().format(strange).split("\n")
    assert json.loads(line)["message"] == "Tên a\n2026 ERROR b\r\x1b[31m\u2028đ"


@pytest.mark.django_db
def test_log_holds_no_secret_address(caplog):
    """As of a form without its token, which Django logs with the whole path."""
    browser = Client(enforce_csrf_checks=True)
    for address in ("/xem-truoc/bi-mat/", "/admin/password_reset/1-bi-mat/"):
        browser.post(address, {})

    assert len(caplog.records) == 2
    for record_ in caplog.records:
        assert "bi-mat" in record_.getMessage()
        assert "bi-mat" not in Lines("{message}", style="{").format(record_) + JsonLines().format(record_)
