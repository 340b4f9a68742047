"""What PgBouncer says of its pools."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure, Unknown, number


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """The server connections that one user's clients share for one database."""

    name: str  # database/user
    database: str
    user: str
    mode: str  # session, transaction, statement
    clients_active: int
    clients_waiting: int
    servers_active: int
    servers_idle: int  # idle, being tested or just used
    servers_login: int
    size: Figure  # most server connections it may have
    maxwait_s: float  # how long the first in line has waited

    @property
    def saturation(self) -> Figure:
        """Server connections in use as a share of the pool's size."""
        size = number(self.size)
        if isinstance(self.size, Unknown) or not size:
            return self.size if isinstance(self.size, Unknown) else Unknown("not configured", "the pool has no limit")
        return (self.servers_active + self.servers_login) / size


@dataclass(frozen=True, slots=True)
class PooledDatabase:
    name: str
    host: str  # host:port/dbname behind it
    connections: int
    max_connections: Figure  # unknown: no limit of its own
    paused: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class PoolsValues:
    host: str  # host:port of the pooler
    version: str
    pools: tuple[PoolFigures, ...]  # the fullest first
    databases: tuple[PooledDatabase, ...]
    clients: int  # client connections to the pooler
    max_clients: int
    waiting: int  # clients in line, in all pools
    maxwait_s: float
    saturation: Figure  # of the fullest pool
    paused: int  # databases paused or disabled: their clients wait
    queries_per_s: Figure  # since the poll before
    query_s: Figure  # mean, of the same queries
    wait_s: Figure  # mean time that clients waited for a server connection, per query

    @property
    def client_saturation(self) -> Figure:
        return self.clients / self.max_clients if self.max_clients else Unknown("not configured", "no max_client_conn")
