"""What the server's counters did between two polls."""

from __future__ import annotations

from collections.abc import Sequence

from services.database import Row
from services.readings import NO_DATA_YET, Figure

_COUNTED = ("transactions", "blks_hit", "blks_read")


class Rates:
    """Remembers the counters of the poll before. After a reset of any database's there is no rate for one poll."""

    def __init__(self) -> None:
        self._before: tuple[float, dict[str, int], object] | None = None

    def of(self, clock: float, rows: Sequence[Row]) -> tuple[Figure, Figure]:
        """Transactions per second, and the share of blocks that were found in shared buffers."""
        total = {name: sum(row[name] for row in rows) for name in _COUNTED}
        resets = {(row["name"], row["reset_at"]) for row in rows}
        before, self._before = self._before, (clock, total, resets)
        if before is None or before[2] != resets or clock <= before[0]:
            return NO_DATA_YET, NO_DATA_YET
        grown = {name: total[name] - before[1][name] for name in _COUNTED}
        if min(grown.values()) < 0:  # another server, or one that has crashed: its statistics begin anew
            return NO_DATA_YET, NO_DATA_YET
        blocks = grown["blks_hit"] + grown["blks_read"]
        share = grown["blks_hit"] / blocks if blocks else NO_DATA_YET
        return grown["transactions"] / (clock - before[0]), share
