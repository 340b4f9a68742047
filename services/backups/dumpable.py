"""Whether a database can be dumped by us, told before anything is begun."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from services.backups.connection import connected, rows
from services.backups.count import there
from services.errors import ActionError
from services.run import run
from services.text import safe

_LOOK = """
SELECT pg_database_size(current_database()) AS bytes, current_setting('server_version_num')::int / 10000 AS major,
       (SELECT system_identifier::text FROM pg_control_system()) AS identifier, current_user::text AS "user",
       ARRAY(SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                AND c.relpersistence <> 't' AND NOT has_table_privilege(c.oid, 'SELECT')
                AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
              ORDER BY 1 LIMIT 20) AS closed
"""
_VERSION = re.compile(r"\) (\d+)")


@dataclass(frozen=True)
class Dumpable:
    bytes: int
    major: int  # version of the server
    identifier: str


async def dumpable(dsn: str, tables: Sequence[str]) -> Dumpable:
    """ActionError where something is in the way: rights, or a table that nobody can count."""
    async with connected(dsn) as connection:
        [row] = await rows(connection, _LOOK)
        lacking = set(tables) - set(await there(connection, tables))
    if row["closed"]:
        more = "" if len(row["closed"]) < 20 else " and more"
        raise ActionError(
            f"{row['user']} may not read {safe(', '.join(row['closed'][:5]), 300)}{more}: the dump would not be whole",
            f"GRANT pg_read_all_data TO {row['user']}; or name another role in the action's dsn",
        )
    if lacking:
        raise ActionError(f"there is no table {safe(min(lacking), 100)} to count", "correct `tables` of the action")
    return Dumpable(row["bytes"], row["major"], row["identifier"])


async def major_of(argv: Sequence[str]) -> int:
    """The version of a PostgreSQL program. ActionError when it is not there, or is none."""
    if shutil.which(argv[0]) is None:
        raise ActionError(f"there is no program {safe(argv[0], 200)}", "install it, or write its whole path")
    ran = await run([*argv, "--version"], 10.0, 4096)
    found = _VERSION.search(ran.out.decode(errors="replace"))
    if ran.code != 0 or found is None:
        raise ActionError(f"{safe(argv[0], 200)} does not say its version", "is it a PostgreSQL program?")
    return int(found[1])


async def insist_on_program(argv: Sequence[str], server: int) -> None:
    """An older program refuses a newer server, or restores half of what it does not know."""
    mine = await major_of(argv)
    if mine < server:
        raise ActionError(
            f"{safe(argv[0], 200)} is of version {mine}, the server of {server}",
            f"install the client programs of PostgreSQL {server}, and write their path into the profile",
        )
