"""One moment of a database, held for as long as it is dumped: what is counted is what is dumped."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.backups.connection import PLAIN, connected, rows
from services.errors import ActionError

if TYPE_CHECKING:
    from services.backups.connection import Connection

_LOOK = """
SELECT pg_export_snapshot() AS id, extract(epoch FROM now())::float8 AS taken_at,
       pg_database_size(current_database()) AS bytes, current_setting('server_version') AS version,
       (SELECT system_identifier::text FROM pg_control_system()) AS identifier,
       pg_encoding_to_char(encoding) AS encoding, datcollate AS collation
  FROM pg_database WHERE datname = current_database()
"""


@dataclass(frozen=True)
class Snapshot:
    connection: Connection  # in the transaction that holds it
    id: str  # for pg_dump
    taken_at: float
    bytes: int
    version: str
    identifier: str
    encoding: str
    collation: str


@contextlib.asynccontextmanager
async def snapshot(dsn: str, lock: str) -> AsyncIterator[Snapshot]:
    """`lock` names what must not be done twice at a time: it is let go with the transaction, however we end.

    ActionError when somebody else is at it.
    """
    async with connected(dsn) as connection:
        await rows(connection, PLAIN)
        await rows(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        [mine] = await rows(connection, "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)) AS held", (lock,))
        if not mine["held"]:
            raise ActionError("another backup of this database is under way", "wait for it: see the audit")
        [row] = await rows(connection, _LOOK)
        yield Snapshot(connection, **row)
