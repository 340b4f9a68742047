"""The transitions of a span of time, read from the state file while somebody else may be keeping it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from services.errors import WatchdeckError
from services.state.saved import each, transition
from services.watching.transitions import Transition

_ASK = "SELECT at, key, episode, state, level, value, said FROM transitions WHERE at >= ? AND at <= ? ORDER BY id"


def turns(path: Path, since: float, until: float) -> tuple[Transition, ...]:
    """Oldest first; none where nothing was ever kept. WatchdeckError when the file is there and cannot be read."""
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
            return tuple(each(connection.execute(_ASK, (since, until)).fetchall(), transition))
    except sqlite3.Error as error:
        raise WatchdeckError(f"{path}: the alerts' past cannot be read: {error}") from error
