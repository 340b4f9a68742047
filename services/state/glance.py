"""A look at the state file from outside, while somebody else keeps it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from services.alerts import Alert
from services.state import rows
from services.state.writer import Keeper


def glance(path: Path) -> tuple[Alert, ...] | None:
    """How the alerts stand there; None when nobody keeps the file now, so that it tells of earlier times."""
    if not path.exists():
        return None
    keeper = Keeper(path.with_suffix(".lock"))
    try:
        if keeper.take():
            return None
    finally:
        keeper.close()
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
        return tuple(rows.alert_of(text) for (text,) in connection.execute("SELECT alert FROM alerts"))
