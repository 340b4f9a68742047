"""What a PostgreSQL server says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure, Unknown, number


@dataclass(frozen=True, slots=True)
class PostgresValues:
    """The server itself: who we are there, and how full it is."""

    host: str  # host:port/dbname
    user: str
    version: str
    system_identifier: str
    in_recovery: bool
    started_at: float
    clock_skew_s: float  # database clock minus ours
    used: Figure  # client connections
    active: Figure
    idle_in_transaction: Figure
    lock_waiting: Figure
    max_connections: int
    size_bytes: Figure  # of the connected database
    roles: tuple[str, ...] = ()  # which of watchdeck_viewer, _operator, _admin we are a member of
    ledger: bool = False  # the ledger's schema is installed

    @property
    def saturation(self) -> Figure:
        """Client connections as a share of what the server allows."""
        used = number(self.used)
        return self.used if isinstance(self.used, Unknown) or used is None else used / self.max_connections
