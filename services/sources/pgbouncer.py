"""PgBouncer's pools, from its admin console: that speaks the protocol of PostgreSQL, but no SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.clock import Clock
from services.database import Database, Row
from services.profile.sources import PgbouncerSource as Spec
from services.readings import NO_DATA_YET, Figure, PooledDatabase, PoolFigures, PoolsValues, Unknown, number
from services.sources import Parts, who
from services.text import safe

CONSOLE = "pgbouncer"  # its own database: no pool of anybody's
_MICROSECONDS = 1e6


def make(name: str, spec: Spec, parts: Parts) -> Pgbouncer:
    console = Database(spec.dsn, name, parts.clock, console=True, timeout=spec.timeout, who=who())
    return Pgbouncer(name, spec, console, parts.clock)


class Pgbouncer:
    def __init__(self, name: str, spec: Spec, console: Database, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._console = console
        self._clock = clock
        self._before: tuple[float, Mapping[str, float]] | None = None

    async def fetch(self) -> PoolsValues:
        asked = ("VERSION", "CONFIG", "DATABASES", "POOLS", "STATS")
        found = await self._console.batch([(f"SHOW {what}", None) for what in asked])
        version, settings, databases, pools, totals = found
        config = {row["key"]: row["value"] for row in settings}
        own = {row["name"]: row for row in databases if row["name"] != CONSOLE}
        told = [_pool(row, own.get(row["database"], {}), config) for row in pools if row["database"] != CONSOLE]
        per_s, query_s, wait_s = self._rates(totals)
        return PoolsValues(
            host=safe(self._console.label.rpartition("/")[0]),
            version=safe(next(iter(version[0].values()))).removeprefix("PgBouncer "),
            pools=tuple(sorted(told, key=_fullest, reverse=True)),
            databases=tuple(_database(row) for row in own.values()),
            clients=sum(pool.clients_active + pool.clients_waiting for pool in told),
            max_clients=int(config["max_client_conn"]),
            waiting=sum(pool.clients_waiting for pool in told),
            maxwait_s=max((pool.maxwait_s for pool in told), default=0.0),
            saturation=max((pool.saturation for pool in told), key=lambda one: number(one) or 0.0, default=_NO_POOL),
            paused=sum(bool(row.get("paused") or row.get("disabled")) for row in own.values()),
            queries_per_s=per_s,
            query_s=query_s,
            wait_s=wait_s,
        )

    async def close(self) -> None:
        await self._console.close()

    def _rates(self, rows: Sequence[Row]) -> tuple[Figure, Figure, Figure]:
        """Queries per second, their mean time and the mean wait for a server connection, since the poll before."""
        now = self._clock.mono()
        counted = ("total_query_count", "total_query_time", "total_wait_time")
        total = {name: float(sum(row[name] for row in rows if row["database"] != CONSOLE)) for name in counted}
        before, self._before = self._before, (now, total)
        if before is None or now <= before[0] or any(total[name] < before[1][name] for name in counted):
            return NO_DATA_YET, NO_DATA_YET, NO_DATA_YET
        queries, query_us, wait_us = (total[name] - before[1][name] for name in counted)
        if not queries:
            return 0.0, NO_DATA_YET, NO_DATA_YET
        return queries / (now - before[0]), query_us / queries / _MICROSECONDS, wait_us / queries / _MICROSECONDS


_NO_POOL = Unknown("no data yet", "no client has asked for a connection yet, so that there is no pool")


def _fullest(pool: PoolFigures) -> tuple[float, int, str]:
    return number(pool.saturation) or 0.0, pool.clients_waiting, pool.name


def _pool(row: Row, database: Mapping[str, Any], config: Mapping[str, str]) -> PoolFigures:
    size = int(database.get("pool_size") or config["default_pool_size"])
    size += int(database.get("reserve_pool_size", database.get("reserve_pool")) or 0)
    return PoolFigures(
        name=safe(f"{row['database']}/{row['user']}"),
        database=safe(row["database"]),
        user=safe(row["user"]),
        mode=safe(row["pool_mode"]),
        clients_active=row["cl_active"],
        clients_waiting=row["cl_waiting"],
        servers_active=row["sv_active"],
        servers_idle=row["sv_idle"] + row["sv_used"] + row["sv_tested"],
        servers_login=row["sv_login"],
        size=size,
        maxwait_s=row["maxwait"] + row.get("maxwait_us", 0) / _MICROSECONDS,
    )


def _database(row: Row) -> PooledDatabase:
    limit = row.get("max_connections")
    return PooledDatabase(
        name=safe(row["name"]),
        host=safe(f"{row['host'] or 'local'}:{row['port']}/{row['database']}"),
        connections=row["current_connections"],
        max_connections=limit or Unknown("not configured", "max_db_connections sets no limit"),
        paused=bool(row["paused"]),
        disabled=bool(row["disabled"]),
    )
