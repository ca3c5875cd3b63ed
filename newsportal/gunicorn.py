"""Configuration of gunicorn, for `manage.py serve` and for a service of the system:
`python -m gunicorn -c python:newsportal.gunicorn newsportal.wsgi`."""

import ctypes
import os
import signal
import sys

from . import settings

bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
workers = settings.WEB_WORKERS
worker_class = "gthread"
threads = 4  # a worker answers kept pages while one of its threads waits for the database
timeout = 60  # seconds; a large photo is resized in a request
graceful_timeout = 20
keepalive = 5
# Workers show that they live by touching a file; a disk that stalls must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
loglevel = "warning"  # start and stop are told by `manage.py serve`
# Unused, and its default place in the home folder is shared by every site of the user.
control_socket_disable = True
if settings.LOG_FORMAT == "json":
    logconfig_dict = settings.LOGGING | {"loggers": {"gunicorn.error": {"level": "WARNING"}}}


def on_starting(server):
    """Ends with `manage.py serve` even where that is killed: else the port would stay taken."""
    if sys.platform == "linux" and os.environ.get("SERVE_PID") == str(os.getppid()):
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
