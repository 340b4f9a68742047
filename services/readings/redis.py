"""What a Redis server says."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure, Unknown, number


@dataclass(frozen=True, slots=True)
class RedisValues:
    address: str
    version: str
    role: str  # "master", "slave" as Redis itself calls them; "" when it is not told
    connect_s: float
    ping_s: float
    used_memory: Figure  # bytes
    max_memory: Figure  # bytes; not configured: it takes what the machine has
    connected_clients: Figure
    max_clients: Figure
    replicas: Figure  # connected to this server
    link_up: Figure  # of a replica to its primary: 1 or 0
    lag_s: Figure  # since the slowest replica's last word, or on a replica since the primary's
    lag_bytes: Figure  # how much the slowest replica has not confirmed

    @property
    def memory_share(self) -> Figure:
        return _share(self.used_memory, self.max_memory)

    @property
    def clients_share(self) -> Figure:
        return _share(self.connected_clients, self.max_clients)


def _share(part: Figure, whole: Figure) -> Figure:
    for figure in (whole, part):
        if isinstance(figure, Unknown):
            return figure
    of = number(whole)
    return (number(part) or 0.0) / of if of else Unknown("not configured")
