"""Other clients of the demo's database, for scenarios: a report service that leaks, a migration left open."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

import psycopg

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass
class Clients:
    """What they hold open is theirs, and anybody may terminate it."""

    dsn: str
    leaked: list[Connection] = field(default_factory=list)
    migrations: list[Connection] = field(default_factory=list)

    def leak(self, count: int) -> None:
        for _ in range(count):
            self.leaked.append(connection := self._connect("jobsheet-report"))
            connection.execute("SELECT 1")

    def migrate(self) -> None:
        """Locks a table, and is forgotten."""
        self.migrations.append(connection := self._connect("jobsheet-migration"))
        connection.execute("BEGIN")
        connection.execute('LOCK TABLE "Customer" IN ACCESS EXCLUSIVE MODE')

    def close_leaked(self) -> None:
        _close(self.leaked)

    def close_migrations(self) -> None:
        _close(self.migrations)

    def _connect(self, name: str) -> Connection:
        return psycopg.connect(self.dsn, autocommit=True, connect_timeout=3, application_name=name)


def _close(held: list[Connection]) -> None:
    while held:
        with contextlib.suppress(psycopg.Error):
            held.pop().close()
