"""Why a lock counts as stale, in words: how old it is, and when its owner was last seen alive."""

from __future__ import annotations

from typing import Any

from services.text import safe


def evidence(row: dict[str, Any]) -> str:
    """Both signs, in words."""
    life = "never seen alive" if row["silent"] is None else f"last seen {ago(row['silent'])}"
    return f"locked {ago(row['lock_age'])} by {safe(row['locked_by'], 60) or 'nobody'}, {life}"


def ago(seconds: float) -> str:
    """
    >>> ago(250)
    '4 m ago'
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{max(0.0, seconds):.0f} s ago"
