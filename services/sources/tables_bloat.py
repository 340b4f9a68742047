"""How much of a table is free space, as far as the columns' statistics can tell; where they cannot, it is not told.

By hand: a row takes its columns' mean widths, a header of 24 bytes and a pointer of 4, rounded up to 8; a page holds
as many as fit below the fill factor. What the table has beyond the pages that its rows need is free. TOAST and indexes
are left out. `pgstattuple` measures it, by reading the whole table.
"""

from __future__ import annotations

import math

from services.database import Row
from services.readings import Estimate, Figure, Unknown

_PAGE_HEADER = 24
_ROW_HEADER, _POINTER = 24, 4
_STALE_SHARE = 0.2  # more rows changed than this since the last ANALYZE: the estimate would be of another table
_HIDDEN = Unknown("not permitted", "pg_stats does not show all of its columns to us: GRANT SELECT on it, or ANALYZE it")
_STALE = Unknown("no data yet", "it has changed too much since its last ANALYZE")


def bloat(row: Row) -> Figure:
    """Bytes; an estimate."""
    if not row["all_told"] or not row["width"]:
        return _HIDDEN
    if row["modified"] > _STALE_SHARE * max(row["tuples"], 1.0):
        return _STALE
    width = _ROW_HEADER + math.ceil(row["width"] / 8) * 8 + _POINTER
    fitting = max(1, int((row["block"] - _PAGE_HEADER) * row["fill"] / width))
    needed = math.ceil(max(row["tuples"], 0.0) / fitting)
    return Estimate(max(0.0, (row["pages"] - needed) * row["block"]))
