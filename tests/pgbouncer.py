"""A real PgBouncer in front of a cluster: it lets in `app`, and to its console `watcher`, without a password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from time import monotonic, sleep

import psycopg

from services.demo.postgres import SUPERUSER, Cluster, free_port, unprivileged

WAIT_S = 10.0
_CONFIG = """
[databases]
{databases}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
stats_users = watcher
ignore_startup_parameters = extra_float_digits
{settings}
"""


@contextmanager
def pgbouncer(program: str, server: Cluster, folder: Path, names: tuple[str, ...], **settings: object) -> Iterator[int]:
    """The port on which it answers."""
    port = free_port()
    password = next(line.split(":")[4] for line in server.passfile.read_text().splitlines() if f":{SUPERUSER}:" in line)
    behind = f"host=127.0.0.1 port={server.port} user={SUPERUSER} password={password}"
    users = folder / "users"
    users.write_text('"app" ""\n"watcher" ""\n')
    config = folder / "pgbouncer.ini"
    config.write_text(
        _CONFIG.format(
            databases="\n".join(f"{name} = dbname={name} {behind}" for name in names),
            port=port,
            users=users,
            settings="\n".join(f"{key} = {value}" for key, value in settings.items()),
        )
    )
    process = Popen([*unprivileged(), program, "-q", str(config)], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        _answers(console(port))
        yield port
    finally:
        process.terminate()
        process.wait()


def console(port: int) -> str:
    return f"host=127.0.0.1 port={port} dbname=pgbouncer user=watcher sslmode=disable"


def _answers(dsn: str) -> None:
    deadline = monotonic() + WAIT_S
    while True:
        try:
            psycopg.connect(dsn, autocommit=True).close()
            return
        except psycopg.OperationalError:
            if monotonic() > deadline:
                raise
            sleep(0.02)
