"""A database that is made for a restore test and dropped again, also when whoever made it was killed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.backups.connection import connected, rows
from services.errors import ActionError

if TYPE_CHECKING:
    from services.backups.connection import Connection

PREFIX = "watchdeck_restore_"
_NAME = re.compile(PREFIX + "[0-9a-f]{12}")
_ENCODING = re.compile(r"[A-Z0-9_]{1,20}")

# Who makes one holds a lock by its name for as long: where it can be had, nobody is there any more.
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0)) AS held"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
_OURS = """
SELECT datname::text AS name FROM pg_database
 WHERE starts_with(datname, %s) AND pg_has_role(current_user, datdba, 'USAGE') ORDER BY 1
"""
_LOOK = """
SELECT current_setting('server_version_num')::int / 10000 AS major, current_user::text AS "user",
       (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user) AS may_create,
       (SELECT sum(pg_database_size(oid))::bigint FROM pg_database
         WHERE has_database_privilege(oid, 'CONNECT')) AS used,
       pg_is_in_recovery() AS in_recovery
"""


@dataclass(frozen=True)
class Server:
    """Where scratch databases are made."""

    major: int
    used: int | None  # bytes of all databases that we may look at
    stale: tuple[str, ...]  # scratch databases of others that nobody is at any more


def name_of(action_id: str) -> str:
    """Of the scratch database of one action."""
    return PREFIX + action_id.replace("-", "")[-12:]


async def server(dsn: str) -> Server:
    """ActionError when no database can be made there by us."""
    async with connected(dsn, "watchdeck/restore-test") as connection:
        [row] = await rows(connection, _LOOK)
        if row["in_recovery"]:
            raise ActionError("the server is a standby: no database can be made there", "name another in `dsn`")
        if not row["may_create"]:
            raise ActionError(
                f"{row['user']} may not create databases there", f"ALTER ROLE {row['user']} CREATEDB, or another `dsn`"
            )
        return Server(row["major"], row["used"], tuple(await _stale(connection)))


@contextlib.asynccontextmanager
async def scratch(dsn: str, name: str, encoding: str = "", collation: str = "") -> AsyncIterator[Connection]:
    """A new, empty database of this name, dropped at the end; the connection is one to the server beside it.

    ActionError when there is one of this name: nobody's database is ever written over.
    """
    from psycopg import errors

    async with connected(dsn, "watchdeck/restore-test") as connection:
        [mine] = await rows(connection, _LOCK, (name,))
        if not mine["held"] or not _NAME.fullmatch(name):
            raise ActionError(f"somebody else is at {name}", "take a new preview")
        try:
            await _create(connection, name, encoding, collation)
        except errors.DuplicateDatabase:
            raise ActionError(f"there is a database {name} already", "look at it; it is not overwritten") from None
        try:
            yield connection
        finally:
            await drop(connection, name)


async def clear(dsn: str, only: str = "") -> list[str]:
    """Drops what earlier tests left behind (or the one that is named); the names."""
    async with connected(dsn, "watchdeck/restore-test") as connection:
        found = [name for name in await _stale(connection) if only in ("", name)]
        for name in found:
            await drop(connection, name)
        return found


async def drop(connection: Connection, name: str) -> None:
    assert _NAME.fullmatch(name)  # the one place where a database is dropped
    force = " WITH (FORCE)" if connection.info.server_version >= 130000 else ""
    await rows(connection, f'DROP DATABASE IF EXISTS "{name}"{force}')


async def _stale(connection: Connection) -> list[str]:
    found = []
    for row in await rows(connection, _OURS, (PREFIX,)):
        name = row["name"]
        if not _NAME.fullmatch(name):
            continue
        [lock] = await rows(connection, _LOCK, (name,))
        if lock["held"]:
            await rows(connection, _UNLOCK, (name,))
            found.append(name)
    return found


async def _create(connection: Connection, name: str, encoding: str, collation: str) -> None:
    """In the encoding of what was dumped; in its collation, where this machine has it."""
    from psycopg import errors, sql

    create = f'CREATE DATABASE "{name}" TEMPLATE template0'
    if not _ENCODING.fullmatch(encoding):
        await rows(connection, create)
        return
    create += f" ENCODING '{encoding}'"
    for locale in (collation, "C"):
        as_there = sql.Literal(locale).as_string(None)
        try:
            await rows(connection, f"{create} LC_COLLATE {as_there} LC_CTYPE {as_there}")
            return
        except (errors.WrongObjectType, errors.InvalidParameterValue, errors.FeatureNotSupported):
            if locale == "C":
                raise
