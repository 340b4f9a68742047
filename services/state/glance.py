"""A look at the state file from outside, while somebody else keeps it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from services.alerts import Alert
from services.state import rows
from services.state.saved import each
from services.state.writer import Keeper


@dataclass(frozen=True, slots=True)
class Glance:
    """How the alerts stand there, and when that was last written, in unix seconds."""

    alerts: tuple[Alert, ...]
    at: float


def glance(path: Path) -> Glance | None:
    """None when nobody keeps the file now, so that it tells of earlier times. OSError, sqlite3.Error."""
    if not path.exists():
        return None
    keeper = Keeper(path.with_suffix(".lock"))
    try:
        if keeper.take():
            return None
    finally:
        keeper.close()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
        found = connection.execute("SELECT at, alert FROM alerts").fetchall()
    return Glance(tuple(each(((text,) for _, text in found), rows.alert_of)), max((at for at, _ in found), default=0.0))
