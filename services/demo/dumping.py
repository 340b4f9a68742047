"""Who dumps the demo's database and restores dumps of it: a role of its own, and the programs that do it."""

from __future__ import annotations

import shlex
import subprocess

import psycopg
from psycopg import sql

from services.demo.objects import StorageError
from services.demo.postgres import SUPERUSER, find_binaries
from services.demo.site import Site

ROLE = "backup"  # reads everything, and may make databases to restore into
PROGRAMS = ("pg_dump", "pg_restore")


def role(site: Site) -> None:
    """The role, and the programs that the profile names, from where the server's are."""
    password = site.cluster.add_password(ROLE)
    with psycopg.connect(site.cluster.dsn(SUPERUSER, site.database), autocommit=True) as server:
        made = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(sql.Identifier(ROLE), sql.Literal(password))
        server.execute(made)
        server.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(ROLE)))
    for name in PROGRAMS:
        site.program(name, f'#!/bin/sh\nexec {shlex.quote(str(find_binaries() / name))} "$@"\n')


def dsn(site: Site, database: str = "") -> str:
    return site.cluster.dsn(ROLE, database or site.database)


def dumped(dsn: str) -> bytes:
    """The whole database in pg_dump's own format. StorageError when there is no whole dump of it."""
    argv = [str(find_binaries() / "pg_dump"), "--format=custom", "--no-password", dsn]
    done = subprocess.run(argv, capture_output=True, check=False)
    if done.returncode:
        raise StorageError(f"pg_dump: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return done.stdout
