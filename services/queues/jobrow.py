"""One job as a row: the columns a list needs of it, and reading them without the texts a viewer may not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from services.database import Database
from services.errors import SourceError
from services.queues import expressions as sql
from services.queues.mapping import Mapping
from services.queues.shown import without_error_texts
from services.readings import JobRow
from services.text import safe

ERROR_CHARS = 500
TIMEOUT_S = 4.0  # a filter that no index serves ends here, and says so
TIMES = ("created_at", "run_at", "started_at", "finished_at", "locked_at")
COUNTS = ("attempt", "max_attempts")
_DENIED_TEXT = "error messages are not shown: this database role may not read them"

Row: TypeAlias = dict[str, Any]


def columns(mapping: Mapping) -> dict[str, str]:
    """What a query must select for `job` to read: never the payload."""
    of, zone = mapping.columns, mapping.source.naive_tz
    return (
        {name: sql.text(getattr(of, name)) for name in ("id", "type", "locked_by", "error_code", "owner", "group")}
        | {name: sql.epoch(getattr(of, name), zone) for name in TIMES}
        | {name: sql.number(getattr(of, name)) for name in COUNTS}
        | {"state": sql.state(mapping), "error_text": sql.text(of.error_text, ERROR_CHARS)}
        | {"now": "extract(epoch FROM clock_timestamp())::float8"}
    )


def job(row: Row) -> JobRow:
    """The row as the screen may have it: every text safe."""
    texts = {name: safe(row[name]) for name in ("id", "type", "state", "locked_by", "error_code", "owner", "group")}
    fields: Row = texts | {name: row[name] for name in TIMES} | {name: whole(row[name]) for name in COUNTS}
    return JobRow(error_text=first_line(row["error_text"]), **fields)


def first_line(text: str | None) -> str:
    return safe((text or "").split("\n", 1)[0])


def whole(value: float | None) -> int | None:
    return None if value is None else int(value)


async def readable(
    db: Database, mapping: Mapping, query: Callable[[Mapping], tuple[str, Row]]
) -> tuple[list[Row], str]:
    """The rows of a `select`, and a note when they could only be read without the texts a viewer's role may not see."""
    try:
        return sql.named(await db.rows(*query(mapping), timeout=TIMEOUT_S, lane="browse")), ""
    except SourceError as error:
        bare = without_error_texts(mapping)
        if error.kind != "denied" or bare == mapping:
            raise
    return sql.named(await db.rows(*query(bare), timeout=TIMEOUT_S, lane="browse")), _DENIED_TEXT
