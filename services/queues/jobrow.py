"""One job as a row: the columns a list needs of it, and reading them without the texts a viewer may not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from services.database import Database
from services.errors import SourceError
from services.queues import expressions as sql
from services.queues.mapping import Mapping
from services.readings import JobRow
from services.text import safe

ERROR_CHARS = 500
TIMEOUT_S = 4.0  # a filter that no index serves ends here, and says so
_DENIED_TEXT = "error messages are not shown: this database role may not read them"

Row: TypeAlias = dict[str, Any]


def columns(mapping: Mapping) -> str:
    """The select list that `job` reads: never the payload."""
    of, zone = mapping.columns, mapping.source.naive_tz
    texts = ("id", "type", "locked_by", "error_code", "owner", "group")
    times = ("created_at", "run_at", "started_at", "finished_at", "locked_at")
    return ", ".join(
        [f'{sql.text(getattr(of, name))} AS "{name}"' for name in texts]
        + [f"{sql.epoch(getattr(of, name), zone)} AS {name}" for name in times]
        + [f"{sql.number(getattr(of, name))} AS {name}" for name in ("attempt", "max_attempts")]
        + [f"{sql.state(mapping)} AS state", f"{sql.text(of.error_text, ERROR_CHARS)} AS error_text"]
        + ["extract(epoch FROM clock_timestamp())::float8 AS now"]
    )


def job(row: Row) -> JobRow:
    """The row as the screen may have it: every text safe."""
    texts = {name: safe(row[name]) for name in ("id", "type", "state", "locked_by", "error_code", "owner", "group")}
    times = {name: row[name] for name in ("created_at", "run_at", "started_at", "finished_at", "locked_at")}
    counts = {name: whole(row[name]) for name in ("attempt", "max_attempts")}
    fields: Row = {**texts, **times, **counts}
    return JobRow(error_text=first_line(row["error_text"]), **fields)


def first_line(text: str | None) -> str:
    return safe((text or "").split("\n", 1)[0])


def whole(value: float | None) -> int | None:
    return None if value is None else int(value)


async def readable(
    db: Database, mapping: Mapping, query: Callable[[Mapping], tuple[str, Row]]
) -> tuple[list[Row], str]:
    """The rows, and a note when they could only be read without error messages, which a viewer's role may not see."""
    try:
        return await db.rows(*query(mapping), timeout=TIMEOUT_S, lane="browse"), ""
    except SourceError as error:
        bare = _without_texts(mapping)
        if error.kind != "denied" or bare == mapping:
            raise
    return await db.rows(*query(bare), timeout=TIMEOUT_S, lane="browse"), _DENIED_TEXT


def _without_texts(mapping: Mapping) -> Mapping:
    attempts = mapping.attempts and mapping.attempts.model_copy(update={"error_text": None})
    columns = mapping.columns.model_copy(update={"error_text": None})
    return mapping.model_copy(update={"columns": columns, "attempts": attempts})
