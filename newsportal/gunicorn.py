"""Configuration of gunicorn, for `manage.py serve` and for a service of the system:
`python -m gunicorn -c python:newsportal.gunicorn newsportal.wsgi`."""

import ctypes
import gc
import os
import signal
import sys

from . import settings
from .metrics import SLOTS, board

bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
workers = settings.WEB_WORKERS
worker_class = "gthread"
preload_app = True  # read once: a worker starts at once, and shares the memory of what was read
# Each worker listens for itself, and the kernel deals connections out; from one queue the quicker worker takes most of
# them, at times all (docs/decisions/0038-gunicorn-workers.md). Without effect on the socket that `serve` hands over, and
# refused by Linux for one in the file system, as nginx is given.
reuse_port = not any("unix:" in argument for argument in sys.argv)
threads = 4  # a worker answers kept pages while one of its threads waits for the database
timeout = 60  # seconds; a large photo is resized in a request
graceful_timeout = 20
keepalive = 5
forwarder_headers = ""  # or a client's header SCRIPT_NAME, where a proxy lets it through, moves the site
limit_request_line = 8190  # bytes; longer than nginx lets through, so that the site's own pages answer
# Workers show that they live by touching a file; a disk that stalls must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
loglevel = "warning"  # start and stop are told by `manage.py serve`
# Unused, and its default place in the home folder is shared by every site of the user.
control_socket_disable = True
if settings.LOG_FORMAT == "json":
    logconfig_dict = settings.LOGGING | {"loggers": {"gunicorn.error": {"level": "WARNING"}}}


def pre_fork(server, worker):
    """The lowest place on the board of counters that no living worker has. The collector leaves alone what was there
    before: looking at it would copy it for each worker."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = min(set(range(SLOTS)) - taken, default=0)
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    board.take(worker.slot)


def on_starting(server):
    """Ends with `manage.py serve` even where that is killed: else the port would stay taken."""
    if sys.platform == "linux" and os.environ.get("SERVE_PID") == str(os.getppid()):
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
