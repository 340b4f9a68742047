"""Where the state file is, and a connection to it; a damaged one is moved aside."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from services.rules.past import Span
from services.state.schema import opened

if TYPE_CHECKING:
    from services.profile import Profile

_SPANS = "SELECT source, path, at, mean FROM {} JOIN series ON id = series WHERE at >= ? AND at < ? ORDER BY series, at"


def path_of(profile: Profile, apart: bool = False) -> Path:
    """One file per profile and environment: staging's alerts are not production's. `apart`: of who reads elsewhere."""
    import platformdirs

    base = Path((profile.demo.state if profile.demo else "") or platformdirs.user_state_dir("watchdeck"))
    name = re.sub(r"[^A-Za-z0-9._-]", "_", profile.environment.name)[:60].lstrip(".")
    return base / profile.name / f"{name or 'unnamed'}{'.relayed' if apart else ''}.sqlite"


def sound(path: Path, may_move: bool, wall: float) -> tuple[sqlite3.Connection, str]:
    """A connection, and what was wrong with the file that it does not lead to. sqlite3.Error, OSError."""
    try:
        return opened(path), ""
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError | sqlite3.NotSupportedError) or not may_move:
            raise  # locked, no disk, or of a later version: the file may well be sound
        aside = path.with_suffix(f".damaged-{wall:.0f}")
        path.rename(aside)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        return opened(path), f"{path} was damaged ({error}): it is {aside.name} now, and a new one was begun"


def spans(path: Path, before: int) -> tuple[list[Span], list[Span]]:
    """Minutes, and the hours before that one: figure by figure, oldest first. There may be 100,000 of them."""
    with closing(sqlite3.connect(path, timeout=2.0)) as connection:
        return _spans(connection, "minutes", 0, 1 << 40), _spans(connection, "hours", 0, before)


def hours_since(connection: sqlite3.Connection, since: int, before: int) -> list[Span]:
    return _spans(connection, "hours", since, before)


def _spans(connection: sqlite3.Connection, table: str, since: int, before: int) -> list[Span]:
    rows = connection.execute(_SPANS.format(table), (since, before)).fetchall()
    return [Span._make(row) for row in rows]
