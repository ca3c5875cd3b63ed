"""What can be said of deploy/ without a server; `make deploy-check` tries it for real."""

import getpass
import grp
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from newsportal import headers

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


@pytest.mark.requirement(4)
def test_nginx_sends_the_headers_of_the_site():
    said = dict(
        re.findall(
            r"^add_header (\S+) \"?(.*?)\"? always;$", (DEPLOY / "nginx/headers.conf").read_text(), re.M
        )
    )

    assert {name: said.get(name) for name in headers.ALWAYS} == headers.ALWAYS
    for name in ("newsportal", "mirror"):
        site = (DEPLOY / f"nginx/{name}.conf").read_text()
        plain = site[site.index("    listen 80") : site.index("    listen 443")]
        told = dict(re.findall(r"^ +add_header (\S+) \"?(.*?)\"? always;$", plain, re.M))
        assert {header: told.get(header) for header in headers.ALWAYS} == headers.ALWAYS
        assert "Strict-Transport-Security" not in told
    assert f'"{headers.FILE}"' in (DEPLOY / "nginx/newsportal.conf").read_text()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_understands_every_unit(tmp_path):
    for path in (DEPLOY / "systemd").iterdir():
        # Programs that are there, so that what is left to complain of is the unit.
        text = re.sub(r"/opt/newsportal/\S+/(python|go-live)", "/bin/true", path.read_text())
        (tmp_path / path.name.replace("@.", "@ban.")).write_text(text)
    for name in re.findall(
        r"newsportal-job@\w+", "".join(p.read_text() for p in (DEPLOY / "systemd").glob("*.timer"))
    ):
        shutil.copy(tmp_path / "newsportal-job@ban.service", tmp_path / f"{name}.service")

    result = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, cwd=tmp_path
    )  # fmt: skip

    ours = [line for line in result.stderr.splitlines() if "newsportal" in line]
    assert ours == []


def test_settings_of_a_server_mean_to_commands_what_they_mean_to_systemd(tmp_path):
    settings = tmp_path / "environment"
    settings.write_text(
        f"# SECRET_KEY=old\nSECRET_KEY=khoa\nDATA_DIR={tmp_path}\nEMAIL_URL=smtp+tls://a:m&t$khau@thu.vn:587\n"
        'MAIL_FROM="Tòa soạn <tin@vi-du.vn>"'
    )
    environment = os.environ | {"SETTINGS": str(settings), "SITE_USER": getpass.getuser()}

    said = subprocess.run(
        [DEPLOY / "newsportal", "diffsettings"],
        env=environment | {"RELEASE_FOLDER": str(DEPLOY.parent)}, capture_output=True, text=True,
    ).stdout  # fmt: skip

    assert "EMAIL_HOST_PASSWORD = 'm&t$khau'" in said
    assert "DEFAULT_FROM_EMAIL = 'Tòa soạn <tin@vi-du.vn>'" in said
    assert "SECRET_KEY = 'khoa'" in said


@pytest.mark.parametrize("script", ["install.sh", "upgrade.sh", "go-live", "newsportal", "point-in-time.sh"])
def test_scripts_are_whole(script):
    first = (DEPLOY / script).read_text().splitlines()[0]

    assert subprocess.run([first.removeprefix("#!"), "-n", DEPLOY / script]).returncode == 0
    assert (DEPLOY / script).stat().st_mode & 0o111


@pytest.mark.skipif(not shutil.which("logrotate", path="/usr/sbin:/usr/bin"), reason="no logrotate here")
def test_logs_are_rotated_twice_a_day_and_as_many_kept_as_it_says(tmp_path):
    shipped = (DEPLOY / "logrotate/newsportal").read_text()
    user = f"{getpass.getuser()} {grp.getgrgid(os.getegid()).gr_name}"
    shipped = shipped.replace("/var/log/newsportal", str(tmp_path)).replace("www-data adm", user)
    (tmp_path / "settings").write_text(
        shipped.replace("rotate 90", "rotate 2").replace("/run/nginx.pid", "/khong-co")
    )
    (tmp_path / "settings").chmod(0o644)

    for number in range(3):
        time.sleep(1 if number else 0)  # the names tell seconds
        (tmp_path / "access.log").write_text(f"lần {number}\n")
        subprocess.run(
            ["logrotate", "--force", "--state", tmp_path / "state", tmp_path / "settings"],
            env=os.environ | {"PATH": "/usr/sbin:/usr/bin:/bin"}, check=True,
        )  # fmt: skip

    kept = sorted(tmp_path.glob("access.log-*"))
    assert [path.name.endswith(".gz") for path in kept] == [True, False]
    assert kept[-1].read_text() == "lần 2\n"
