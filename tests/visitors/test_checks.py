"""What would make the figures wrong is found before the site starts."""

import pytest

from visitors.checks import check_visits, file_system_of


def found(settings, **values) -> list[str]:
    for name, value in values.items():
        setattr(settings, name, value)
    return [message.id for message in check_visits(None)]


def test_ordinary_settings_are_fine(settings):
    assert found(settings) == []


@pytest.mark.parametrize(
    ("values", "id"),
    [
        ({"VISITS_ONLINE_MINUTES": 31}, "visitors.E001"),
        ({"VISITS_PUBLIC_FIGURE": "hits"}, "visitors.E002"),
        ({"HTTPS": True, "TRUSTED_PROXIES": []}, "visitors.W001"),
    ],
)
def test_senseless_settings_are_told(settings, values, id):
    assert found(settings, **values) == [id]


def test_spool_on_a_network_is_refused(settings, tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nnas:/visits /mnt/tin\\040tuc nfs4 rw 0 0\nnas:/x /mnt/tin nfs4 rw 0 0\n"
    )

    assert file_system_of("/mnt/tin tuc/visits", mounts) == "nfs4"
    assert file_system_of("/mnt/tintuc", mounts) == "ext4"
    assert file_system_of("/var/visits", tmp_path / "nothing") == ""


def test_spool_of_another_user_is_refused(settings, monkeypatch):
    settings.VISITS_SPOOL.mkdir()
    monkeypatch.setattr("os.access", lambda path, mode: path != settings.VISITS_SPOOL)

    assert found(settings) == ["visitors.E004"]
