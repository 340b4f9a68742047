"""The demo's nightly dumps in the bucket: thirty days of them, and one more for each day that it runs."""

from __future__ import annotations

import shlex
import subprocess
import time
from dataclasses import dataclass

import psycopg
from psycopg import sql

from services.demo.objects import Objects, StorageError
from services.demo.postgres import SUPERUSER, find_binaries
from services.demo.site import Site

ROLE = "backup"  # reads everything, and may make databases to restore into
PREFIX = "backups/"
DAYS = 30
FEW = 8  # days, where the dumps are large: they are kept in memory
LARGE = 1_000_000  # bytes
DAY_S = 86_400.0
FRESH_S = 1_800.0  # how old the newest is when the demo starts
PROGRAMS = ("pg_dump", "pg_restore")


def role(site: Site) -> None:
    """The role that dumps, and the programs that the profile names, from where the server's are."""
    password = site.cluster.add_password(ROLE)
    with psycopg.connect(site.cluster.dsn(SUPERUSER, site.database), autocommit=True) as server:
        made = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(sql.Identifier(ROLE), sql.Literal(password))
        server.execute(made)
        server.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(ROLE)))
    for name in PROGRAMS:
        site.program(name, f'#!/bin/sh\nexec {shlex.quote(str(find_binaries() / name))} "$@"\n')


def dsn(site: Site, database: str = "") -> str:
    return site.cluster.dsn(ROLE, database or site.database)


def key(days_ago: int = 0) -> str:
    return time.strftime(f"{PREFIX}mre-%Y-%m-%d.dump", time.gmtime(time.time() - FRESH_S - days_ago * DAY_S))


@dataclass(frozen=True)
class Nightly:
    """The job that dumps every night, as somebody else set it up: no manifest, and no report."""

    objects: Objects
    dsn: str

    def seed(self) -> dict[str, float]:
        """Puts the dumps of the last days; key -> how many seconds ago each was written."""
        body = self._dumped()
        days = DAYS if len(body) < LARGE else FEW
        for day in range(days):
            self.objects.put(key(day), body)
        return {key(day): FRESH_S + day * DAY_S for day in range(days)}

    def run(self) -> None:
        """Today's, now."""
        self.objects.put(key(), self._dumped())

    def lose(self, days: int) -> None:
        """The newest are gone, whoever made them."""
        old = {key(day) for day in range(days, DAYS)}
        for name in self.objects.keys(PREFIX):
            if name not in old:
                self.objects.delete(name)

    def fresh(self, days: int) -> bool:
        """Whether there is one again of the days that were lost."""
        old = {key(day) for day in range(days, DAYS)}
        return any(name.endswith(".dump") and name not in old for name in self.objects.keys(PREFIX))

    def _dumped(self) -> bytes:
        argv = [str(find_binaries() / "pg_dump"), "--format=custom", "--no-password", self.dsn]
        done = subprocess.run(argv, capture_output=True, check=False)
        if done.returncode:
            raise StorageError(f"pg_dump: {done.stderr.decode(errors='replace').strip()[-300:]}")
        return done.stdout
