"""The file that records are in: one per profile and environment, appended to by every console on the machine.

Nothing is pruned and nothing is changed: a record is evidence. Each event is on the disk when `append` returns.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import WatchdeckError
from services.records.event import OPENED, Event
from services.sqlite import to_wal

if TYPE_CHECKING:
    from services.profile import Profile

VERSION = 1
PATIENCE_S = 5.0  # another console writes
_TABLES = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL, at REAL NOT NULL, by TEXT NOT NULL,
    what TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_record ON events (record);
"""
_COLUMNS = "SELECT number, record, at, by, what, body FROM events"


class Records:
    """Every method waits for the disk: from a screen they are called in a thread. WatchdeckError where it cannot."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, profile: Profile) -> Records:
        from services.state.file import path_of

        return cls(path_of(profile).with_suffix(".records.sqlite"))

    def open(self, kind: str, of: str, title: str, by: str, at: float, **body: Any) -> str:
        """A new record; its id."""
        record = f"{kind}-{secrets.token_hex(3)}"
        self.append(record, OPENED, by, at, {**body, "kind": kind, "of": of, "title": title})
        return record

    def append(self, record: str, what: str, by: str, at: float, body: Mapping[str, Any] | None = None) -> Event:
        text = json.dumps(dict(body or {}))  # in ASCII: SQLite takes no half of a character, and no text is refused
        with self._connection() as connection:
            done = connection.execute(
                "INSERT INTO events (record, at, by, what, body) VALUES (?, ?, ?, ?, ?)", (record, at, by, what, text)
            )
            connection.commit()
            return Event(int(done.lastrowid or 0), record, at, by, what, json.loads(text))

    def events(self, record: str) -> tuple[Event, ...]:
        return self._found(f"{_COLUMNS} WHERE record = ? ORDER BY number", (record,))

    def opened(self, kind: str, of: str = "") -> tuple[Event, ...]:
        """How the records of this kind began (of one id of the profile's, or of all), the newest first."""
        where = "WHERE what = ? AND record LIKE ? ORDER BY number DESC"
        found = self._found(f"{_COLUMNS} {where}", (OPENED, f"{kind}-%"))
        return tuple(event for event in found if of in ("", event.body.get("of")))

    def all(self, kind: str) -> dict[str, tuple[Event, ...]]:
        """Every record of this kind with its events, the newest first."""
        found: dict[str, list[Event]] = {}
        for event in self._found(f"{_COLUMNS} WHERE record LIKE ? ORDER BY number", (f"{kind}-%",)):
            found.setdefault(event.record, []).append(event)
        return {record: tuple(events) for record, events in reversed(found.items())}

    def after(self, number: int) -> tuple[Event, ...]:
        """Everything that was written after the event of this number, in its order."""
        return self._found(f"{_COLUMNS} WHERE number > ? ORDER BY number", (number,))

    def newest(self) -> int:
        """The number of the last event of all: whether anything is new is asked by it."""
        with self._connection() as connection:
            (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM events").fetchone()
            return int(number)

    def _found(self, query: str, given: tuple[object, ...]) -> tuple[Event, ...]:
        with self._connection() as connection:
            return tuple(
                Event(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]))
                for row in connection.execute(query, given)
            )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            with closing(sqlite3.connect(self.path, timeout=PATIENCE_S)) as connection:
                to_wal(connection, PATIENCE_S)
                connection.execute("PRAGMA synchronous = FULL")
                self._prepare(connection)
                yield connection
        except (OSError, sqlite3.Error) as error:
            why = (isinstance(error, OSError) and error.strerror) or error  # without the path, which is said anyway
            raise WatchdeckError(
                f"{why}: the records cannot be reached: {self.path}",
                "see that the folder is there, not full and yours to write in",
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise sqlite3.NotSupportedError(f"it is of version {version}, and this watchdeck knows {VERSION}")
        if version < VERSION:
            connection.executescript(_TABLES)
            connection.execute(f"PRAGMA user_version = {VERSION}")
