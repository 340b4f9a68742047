"""What every SQLite file of the console's has in common."""

from __future__ import annotations

import sqlite3
import time


def to_wal(connection: sqlite3.Connection, patience_s: float) -> None:
    """Of two that begin a file at once SQLite refuses the second, whatever its timeout: it is tried again for so long.

    Raises sqlite3.OperationalError.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
