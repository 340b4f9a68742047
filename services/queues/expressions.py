"""A mapping's expressions, made ready to stand in a query that has parameters."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Pairs
from typing import Any

from services.queues.mapping import Mapping


def plain(sql: str) -> str:
    """Doubles every `%`: the driver looks for placeholders in the whole query."""
    return sql.replace("%", "%%")


def text(expression: str | None, limit: int = 0) -> str:
    """The expression as text, at most `limit` characters of it; an absent one is NULL."""
    if expression is None:
        return "NULL::text"
    whole = f"({plain(expression)})::text"
    return f"left({whole}, {limit})" if limit else whole


def number(expression: str | None) -> str:
    return "NULL::float8" if expression is None else f"({plain(expression)})::float8"


def epoch(expression: str | None, naive_tz: str = "") -> str:
    """A point in time as unix seconds; `naive_tz` is the zone of timestamps that carry none."""
    if expression is None:
        return "NULL::float8"
    zoned = f"({plain(expression)}) AT TIME ZONE {literal(naive_tz)}" if naive_tz else f"({plain(expression)})"
    return f"extract(epoch FROM {zoned})::float8"


def literal(value: str) -> str:
    return "'" + plain(value).replace("'", "''") + "'"


def source(mapping: Mapping) -> str:
    """What follows FROM: the table of jobs, its alias and the joins."""
    where = mapping.source
    return plain(f"{where.table} AS {where.alias} {where.joins}".rstrip())


def states(mapping: Mapping) -> dict[str, str]:
    """Every state the console knows of this queue, by name, as predicates."""
    return {**mapping.states, **mapping.extra}


def state(mapping: Mapping) -> str:
    """The console's state of a row, as text."""
    arms = " ".join(f"WHEN {plain(test)} THEN {literal(name)}" for name, test in states(mapping).items())
    return f"CASE {arms} ELSE 'other' END"


def select(**outputs: str) -> str:
    """A select list. A leading `_` in the query keeps ORDER BY off the outputs: a mapping may write `started_at` bare,
    and must mean its own column, which has the index, and not what is made of it here."""
    return "SELECT " + ", ".join(f'{expression} AS "_{name}"' for name, expression in outputs.items())


def named(rows: Iterable[Pairs[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a `select`, by the names it was given."""
    return [{name[1:]: value for name, value in row.items()} for row in rows]
