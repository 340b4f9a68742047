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
_HIDDEN = Unknown("not permitted", "without SELECT on all of its columns pg_stats does not tell how wide its rows are")
_UNCOUNTED = Unknown("no data yet", "it has never been analyzed")
_STALE = Unknown("no data yet", "it has changed too much since its last ANALYZE")


def bloat(row: Row) -> Figure:
    """Bytes; an estimate."""
    analyzed = row["last_analyze_at"] is not None
    if row["tuples"] <= 0 and not analyzed:
        return _UNCOUNTED
    if row["modified"] > _STALE_SHARE * max(row["tuples"], 1.0):
        return _STALE
    if row["tuples"] == 0:
        return Estimate(row["pages"] * row["block"])  # no row needs any of it
    if not row["all_told"] or not row["width"]:
        return _HIDDEN if analyzed else _UNCOUNTED
    width = _ROW_HEADER + math.ceil(row["width"] / 8) * 8 + _POINTER
    fitting = max(1, int((row["block"] - _PAGE_HEADER) * row["fill"] / width))
    needed = math.ceil(row["tuples"] / fitting)
    return Estimate(max(0.0, (row["pages"] - needed) * row["block"]))
