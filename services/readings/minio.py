"""What a MinIO server says about its cluster."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.fault import Fault
from services.readings.figure import Figure, Unknown, number


@dataclass(frozen=True, slots=True)
class MinioValues:
    url: str
    live: Figure  # 1: this server answers
    quorum: Figure  # 1: enough drives for reads and writes; 0: it said that there are not
    healthy: Figure  # 1: live, with quorum, no drive and no node offline; 0: one of these is known not to be so
    usable_bytes: Figure
    free_bytes: Figure
    drives_online: Figure
    drives_offline: Figure
    nodes_online: Figure
    nodes_offline: Figure
    said: str = ""  # why it is not healthy
    fault: Fault | None = None  # of the page of metrics

    @property
    def used_share(self) -> Figure:
        """Of what is left for objects after parity."""
        for figure in (self.usable_bytes, self.free_bytes):
            if isinstance(figure, Unknown):
                return figure
        usable, free = number(self.usable_bytes), number(self.free_bytes)
        if not usable or free is None:
            return Unknown("no data yet", "it reports no usable capacity")
        return 1 - free / usable
