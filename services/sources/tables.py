"""How big the databases and tables are, and what maintenance they need."""

from __future__ import annotations

from collections.abc import Sequence

from services.database import Database, Row
from services.profile.sources import TablesSource as Spec
from services.queries import query
from services.readings import AtLeast, DatabaseSize, Estimate, Figure, TableFigures, TablesValues, Unknown
from services.sources import Parts
from services.sources.on_database import OnDatabase
from services.sources.tables_bloat import bloat
from services.text import safe

_HIDDEN = Unknown("not permitted", "its size is hidden: GRANT CONNECT ON DATABASE, or pg_read_all_stats")
_LOCKED = Unknown("failed", "somebody holds it locked: its size would have to be waited for")
_UNCOUNTED = Unknown("no data yet", "it has never been analyzed")
_UNDECLARED = Unknown("not configured", "`capacity` in the profile says how big the disk is; SQL cannot tell")


def make(name: str, spec: Spec, parts: Parts) -> Tables:
    return Tables(name, spec, parts.databases[spec.database])


class Tables(OnDatabase):
    def __init__(self, name: str, spec: Spec, db: Database) -> None:
        super().__init__(name, spec, db)
        self._capacity = spec.capacity

    async def fetch(self) -> TablesValues:
        asked = [(query("database_sizes"), None), (query("tables"), None)]
        databases, tables = await self._db.batch(asked, timeout=self.timeout_s)
        total, counted = _total(databases), tables[0]
        here = next(row for row in databases if row["here"])
        return TablesValues(
            database=safe(here["name"]),
            size_bytes=here["bytes"],
            total_bytes=total,
            capacity_bytes=_UNDECLARED if self._capacity is None else self._capacity,
            used_share=_share(total, self._capacity),
            databases=tuple(DatabaseSize(safe(row["name"]), _known(row["bytes"], _HIDDEN)) for row in databases),
            tables=_tables(tables),
            table_count=counted["tables"],
            vacuum_needed=counted["vacuum_needed"],
            analyze_needed=counted["analyze_needed"],
            dead=counted["all_dead"],
            xid_age=counted["oldest"],
        )


def _known(value: float | None, why: Unknown) -> Figure:
    return why if value is None else value


def _total(databases: Sequence[Row]) -> Figure:
    known = [row["bytes"] for row in databases if row["bytes"] is not None]
    return AtLeast(int(sum(known))) if len(known) < len(databases) else sum(known)


def _share(total: Figure, capacity: int | None) -> Figure:
    """Of a part of the databases no share can be told, but that it is more than that may be enough to know."""
    if capacity is None:
        return _UNDECLARED
    if isinstance(total, AtLeast):
        return _HIDDEN
    assert isinstance(total, int | float)
    return total / capacity


def _tables(rows: Sequence[Row]) -> tuple[TableFigures, ...]:
    found = [_table(row) for row in rows if row["name"] is not None]
    return tuple(
        sorted(found, key=lambda one: one.total_bytes if isinstance(one.total_bytes, float) else 0.0, reverse=True)
    )


def _table(row: Row) -> TableFigures:
    table, index = row["table_bytes"], row["index_bytes"]
    versions = row["live"] + row["dead"]
    return TableFigures(
        name=safe(row["name"]),
        total_bytes=_LOCKED if table is None else table + index,
        table_bytes=_known(table, _LOCKED),
        index_bytes=_known(index, _LOCKED),
        rows=Estimate(row["tuples"]) if row["tuples"] > 0 or row["last_analyze_at"] else _UNCOUNTED,
        dead=row["dead"],
        dead_share=row["dead"] / versions if versions else 0.0,
        bloat_bytes=bloat(row),
        vacuum_due=row["vacuum_due"] if row["automatic"] else None,
        analyze_due=row["analyze_due"] if row["automatic"] else None,
        last_vacuum_at=row["last_vacuum_at"],
        last_analyze_at=row["last_analyze_at"],
        xid_age=row["xid_age"],
    )
