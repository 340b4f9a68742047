"""The database server itself: which one it is, who we are there, and how full it is."""

from __future__ import annotations

from services.clock import Clock
from services.database import Database, Row
from services.profile import PostgresSource
from services.queries import query
from services.readings import Figure, PostgresValues, Unknown
from services.sources import Parts
from services.text import safe


def make(name: str, spec: PostgresSource, parts: Parts) -> Postgres:
    return Postgres(name, spec, parts.databases[name], parts.clock)


class Postgres:
    def __init__(self, name: str, spec: PostgresSource, database: Database, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._database = database
        self._clock = clock

    async def fetch(self) -> PostgresValues:
        before = self._clock.wall()
        (server,), (sessions,) = await self._database.batch([(query("server"), None), (query("sessions"), None)])
        halfway = (before + self._clock.wall()) / 2
        # asked every time: after a failover, or behind another address, it is another server
        identifier = ""
        if server["may_identify"]:
            (identity,) = await self._database.rows(query("system_identifier"))
            identifier = identity["system_identifier"]
        return PostgresValues(
            host=safe(self._database.label),
            user=safe(server["user"]),
            version=safe(server["version"]),
            system_identifier=safe(identifier),
            in_recovery=server["in_recovery"],
            started_at=server["started_at"],
            clock_skew_s=server["clock"] - halfway,
            max_connections=server["max_connections"],
            size_bytes=server["size_bytes"],
            roles=tuple(safe(role) for role in server["roles"]),
            ledger=server["ledger"],
            **_sessions(sessions, server["user"], server["may_see_all"]),
        )

    async def close(self) -> None:
        """The database is shared, and closed by whoever built it."""


def _sessions(row: Row, user: str, may_see_all: bool) -> dict[str, Figure]:
    """Counts of a server whose sessions we see only in part would be wrong without looking wrong: they are unknown."""
    names = ("used", "active", "idle_in_transaction", "lock_waiting")
    if row["hidden"] and not may_see_all:
        why = Unknown("not permitted", f"{row['hidden']} sessions are hidden: GRANT pg_read_all_stats TO {safe(user)}")
        return dict.fromkeys(names, why)
    return {name: row[name] for name in names}
