"""Looking into a queue on demand: pages of jobs by keyset, in an order and under a filter. Never OFFSET."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from services.database import Database
from services.errors import SourceError
from services.filter import Filter
from services.queues import expressions as sql
from services.queues.detail import job_detail
from services.queues.filter import columns as fields
from services.queues.filter import where
from services.queues.jobrow import TIMEOUT_S, Row, columns, job, readable
from services.queues.mapping import Mapping
from services.readings import JobCursor, JobPage

__all__ = ["ORDERS", "job_detail", "job_page"]

_KEYS = frozenset({"id", "run", "owner"})
Types: TypeAlias = dict[str, str]

ORDERS = ("newest", "oldest waiting", "longest running", "last finished")


@dataclass(frozen=True)
class _Order:
    by: str  # the column that the list is ordered by, the id breaking ties
    descending: bool
    among: str = ""  # the state that is meant when the filter names none


def _order(mapping: Mapping, name: str) -> _Order:
    of_job = mapping.columns
    orders = {
        "newest": _Order(of_job.id, descending=True),
        "oldest waiting": _Order(of_job.run_at or of_job.created_at or "", descending=False, among="waiting"),
        "longest running": _Order(of_job.started_at or of_job.locked_at or "", descending=False, among="running"),
        "last finished": _Order(of_job.finished_at or "", descending=True),
    }
    order = orders[name]
    if not order.by or (order.among and order.among not in sql.states(mapping)):
        raise SourceError("config", f"{mapping.title}: not recorded, so there is no order {name!r}", "order by newest")
    return order


async def job_page(
    db: Database,
    mapping: Mapping,
    filter_: Filter,
    order: str = "newest",
    *,
    after: JobCursor | None = None,
    before: JobCursor | None = None,
    limit: int = 50,
) -> JobPage:
    """The jobs that match, `limit` of them: from the start, after a page's `last`, or before a page's `first`.

    FilterError when the filter does not fit this queue; SourceError when the database does not answer in time.
    """
    types = await _types(db, mapping, filter_)
    cursor, backwards = (before, True) if before else (after, False)

    def query(of: Mapping) -> tuple[str, Row]:
        return _page_query(of, filter_, _order(of, order), cursor, backwards, limit, types)

    try:
        rows, note = await readable(db, mapping, query)
    except SourceError as error:
        if error.kind == "timeout":
            raise SourceError(
                "timeout", error.message, "narrow the filter: a state and a type have an index"
            ) from error
        raise
    shown = rows[:limit][::-1] if backwards else rows[:limit]
    return JobPage(
        rows=tuple(map(job, shown)),
        order=order,
        at=shown[0]["now"] if shown else await _now(db),
        first=_cursor(shown[0]) if shown else None,
        last=_cursor(shown[-1]) if shown else None,
        more=len(rows) > limit,
        note=note,
    )


def _page_query(
    mapping: Mapping,
    filter_: Filter,
    order: _Order,
    cursor: JobCursor | None,
    backwards: bool,
    limit: int,
    types: Types,
) -> tuple[str, Row]:
    matching, params = where(filter_, mapping, types)
    by, id_ = sql.plain(order.by), sql.plain(mapping.columns.id)
    tests = [f"({matching})"]
    if order.by != mapping.columns.id:
        tests.append(f"({by}) IS NOT NULL")
    if order.among and "state" not in filter_.wanted:
        tests.append(f"({sql.plain(sql.states(mapping)[order.among])})")
    down = order.descending != backwards
    if cursor:
        # compared as a row, with values of unknown type: the database gives them the columns' own, and uses the index
        tests.append(f"({by}, {id_}) {'<' if down else '>'} (%(cursor_by)s, %(cursor_id)s)")
        params |= {"cursor_by": cursor.by, "cursor_id": cursor.id}
    direction = "DESC" if down else "ASC"
    return (
        f"{sql.select(**columns(mapping), sorted_by=sql.text(order.by))} FROM {sql.source(mapping)}"
        f" WHERE {' AND '.join(tests)} ORDER BY {by} {direction}, {id_} {direction} LIMIT {int(limit) + 1}",
        params,
    )


async def _types(db: Database, mapping: Mapping, filter_: Filter) -> Types:
    """The types of the columns that the filter may find by an index of their own."""
    asked = {
        field: f"pg_typeof({sql.plain(column)})::text"
        for field, column in fields(mapping).items()
        if column and field in _KEYS and field in filter_.wanted
    }
    if not asked:
        return {}
    outputs = sql.select(**asked)
    rows = await db.rows(f"{outputs} FROM {sql.source(mapping)} LIMIT 1", {}, timeout=TIMEOUT_S, lane="browse")
    return sql.named(rows)[0] if rows else {}


async def _now(db: Database) -> float:
    rows = await db.rows(
        "SELECT extract(epoch FROM clock_timestamp())::float8 AS now", timeout=TIMEOUT_S, lane="browse"
    )
    return float(rows[0]["now"])


def _cursor(row: Row) -> JobCursor:
    return JobCursor(str(row["sorted_by"]), str(row["id"]))
