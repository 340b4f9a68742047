"""The rows of a table counted and summed up, so that two databases can be compared without either being at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from services.backups.connection import rows
from services.backups.manifest import Counted

if TYPE_CHECKING:
    from services.backups.connection import Connection

# MD5 because every version has it and it is the same on every machine; half of each, for sums have no order.
# What is kept from being changed unseen is the dump as a whole, by its SHA-256.
_SUM = """
SELECT count(*) AS rows,
       coalesce(sum(('x' || left(md5("the row"::text), 16))::bit(64)::bigint::numeric), 0)::text AS sum
  FROM {} AS "the row"
"""


async def counted(connection: Connection, tables: Iterable[str]) -> dict[str, Counted]:
    """By name; those that are not there are left out."""
    from psycopg import sql

    found = {}
    for name in await there(connection, tables):
        table = sql.Identifier(*name.split(".")).as_string(None)
        [row] = await rows(connection, _SUM.format(table))
        found[name] = Counted(rows=row["rows"], sum=row["sum"])
    return found


async def there(connection: Connection, tables: Iterable[str]) -> list[str]:
    """Those of the tables that the database has, in the given order."""
    named = list(tables)
    known = await rows(
        connection,
        """SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname || '.' || c.relname = ANY (%(named)s) AND c.relkind IN ('r', 'p', 'm')""",
        {"named": named},
    )
    present = {row["name"] for row in known}
    return [name for name in named if name in present]


def differences(wanted: Mapping[str, Counted], found: Mapping[str, Counted]) -> dict[str, str]:
    """Table -> how it differs, in words; empty when all are alike."""
    told = {}
    for name, was in wanted.items():
        now = found.get(name)
        if now is None:
            told[name] = f"{was.rows:,} rows were dumped, and the table is not there"
        elif now.rows != was.rows:
            told[name] = f"{was.rows:,} rows were dumped, {now.rows:,} are there"
        elif now.sum != was.sum:
            told[name] = f"{was.rows:,} rows as they were dumped, but not with the same content"
    return told
