"""What would make the figures wrong, found before the site starts."""

import os
from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Warning, register

from .keys import BOTH_KEYS

# Where a lock means nothing to another machine, or another machine could write into the same spool.
SHARED_FILE_SYSTEMS = {
    "9p", "afs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.sshfs", "gfs2", "glusterfs", "lustre", "ncpfs",
    "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs", "virtiofs",
}  # fmt: skip
IN_MEMORY = {"tmpfs", "ramfs"}
NGINX = Path("/etc/nginx/newsportal/kept/kept-pages-location.conf")  # put there by install.sh


@register()
def check_visits(app_configs, **kwargs):
    found = []
    if settings.VISITS_ONLINE_MINUTES * 60_000 > BOTH_KEYS:
        found.append(
            Error(
                "VISITS_ONLINE_MINUTES is over 30: readers at midnight would be online twice.",
                hint="Choose 30 minutes at the most.",
                id="visitors.E001",
            )
        )
    if settings.VISITS_PUBLIC_FIGURE not in ("visits", "views"):
        found.append(Error('VISITS_PUBLIC_FIGURE is neither "visits" nor "views".', id="visitors.E002"))
    if (kind := file_system_of(settings.VISITS_SPOOL)) in SHARED_FILE_SYSTEMS:
        found.append(
            Error(
                f"The spool {settings.VISITS_SPOOL} lies on a network file system ({kind}).",
                hint="Set VISITS_SPOOL to a folder on a disk of this machine, one for each machine.",
                id="visitors.E003",
            )
        )
    if settings.VISITS_SPOOL.exists() and not os.access(settings.VISITS_SPOOL, os.W_OK | os.X_OK):
        found.append(
            Error(
                f"The spool {settings.VISITS_SPOOL} cannot be written to by this user: no view would be counted.",
                hint="Give the folder to the user who runs the site (chown -R).",
                id="visitors.E004",
            )
        )
    if settings.VISITS_LOG and (kind := file_system_of(settings.VISITS_LOG)) not in IN_MEMORY:
        found.append(
            Warning(
                f"nginx logs addresses of readers to {settings.VISITS_LOG}, on a disk ({kind or 'unknown'}).",
                hint="Set VISITS_LOG to a folder in memory, such as /run/newsportal-views.",
                id="visitors.W002",
            )
        )
    if (
        settings.VISITS_LOG
        and NGINX.is_file()
        and f" {settings.VISITS_LOG}/views.log " not in NGINX.read_text()
    ):
        found.append(
            Warning(
                f"nginx logs no views to {settings.VISITS_LOG}, where they would be counted: {NGINX} names another folder.",
                hint="Set VISITS_LOG=/run/newsportal-views, or change that file, tmpfiles.d and newsportal-views.service.",
                id="visitors.W003",
            )
        )
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        found.append(
            Warning(
                "HTTPS is on, so a proxy stands in front, but TRUSTED_PROXIES is empty: all readers look like one.",
                hint='Name the proxy, for example TRUSTED_PROXIES=127.0.0.1, or "unix" for a socket.',
                id="visitors.W001",
            )
        )
    return found


def file_system_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system that holds the folder, or will hold it; "" where the system does not tell."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    path = os.path.realpath(folder)
    points = {}
    for line in lines:
        _device, point, kind, *_rest = line.split(" ")
        point = point.replace("\\040", " ")
        if os.path.commonpath([path, point]) == point:
            points[len(point)] = kind
    return points[max(points)] if points else ""
