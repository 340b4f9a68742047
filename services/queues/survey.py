"""Once a minute: how big a queue's table is, what may be polled of it, what is hidden, what the planner thinks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.database import Database, Row, Statement
from services.errors import SourceError
from services.queries import query
from services.queues import questions
from services.queues.expressions import source, text
from services.queues.mapping import Mapping as QueueMapping
from services.readings import Unknown

SMALL_PAGES = 250  # 2 MB: counted whole in 2 ms
DEAR = 500.0  # planner's cost of a sequential scan from which on it is not done at every poll
MOST_ESTIMATED = 50  # types


@dataclass(frozen=True)
class Survey:
    small: bool = False
    rows: float = 0.0  # by the statistics
    hidden: Unknown | None = None  # row-level security keeps every row from us
    partly_hidden: bool = False
    dear: frozenset[str] = frozenset()  # questions that would read a large table from end to end
    estimates: Mapping[tuple[str, str | None], float] = field(default_factory=dict)  # by state and type; None: all
    workers: Unknown | None = None  # why the workers' table cannot be read


async def survey(
    database: Database, mapping: QueueMapping, asked: Mapping[str, Statement], types: Sequence[str]
) -> Survey:
    """One round trip, or three where the workers are kept from us. `asked` are the poll's statements by question."""
    try:
        return await _look(database, mapping, asked, types)
    except SourceError as error:
        workers = await _refused(database, asked.get("workers")) if error.kind == "denied" else None
        if workers is None:
            raise
    others = {name: statement for name, statement in asked.items() if name != "workers"}
    return replace(await _look(database, mapping, others, types), workers=workers)


async def _look(
    database: Database, mapping: QueueMapping, asked: Mapping[str, Statement], types: Sequence[str]
) -> Survey:
    estimating = _estimating(mapping, types)
    plans = [(f"EXPLAIN (FORMAT JSON) {sql}", params) for sql, params in asked.values()]
    facts: Statement = (query("table_facts"), {"table": mapping.source.table})
    found, *answers = await database.batch([facts, *plans, *estimating.values()])
    trees = [_plan(rows) for rows in answers]
    fact = found[0] if found else {}
    small = fact.get("pages") is not None and fact["pages"] <= SMALL_PAGES
    guesses = {key: _guess(tree) for key, tree in zip(estimating, trees[len(plans) :], strict=True)}
    return Survey(
        small=small,
        rows=fact.get("rows") or 0.0,
        hidden=_hidden(mapping, database.user) if fact.get("secured") and not fact["policies"] else None,
        partly_hidden=bool(fact.get("secured")),
        dear=frozenset(
            name for name, tree in zip(asked, trees, strict=False) if name != "workers" and dearest_scan(tree) > DEAR
        ),
        estimates={} if small else guesses,
    )


async def may_read_messages(database: Database, mapping: QueueMapping) -> bool:
    """Whether this role may read the errors' texts: a viewer sees codes only."""
    return await _refused(database, _messages(mapping)) is None


def dearest_scan(node: Mapping[str, Any], limit: float | None = None) -> float:
    """The cost of the dearest sequential scan in a plan; one under a LIMIT costs what the limit lets it."""
    cost = 0.0
    if node["Node Type"] == "Seq Scan":
        cost = float(node["Total Cost"] if limit is None else min(limit, node["Total Cost"]))
    inner = float(node["Total Cost"]) if node["Node Type"] == "Limit" else None
    return max([cost, *(dearest_scan(child, inner) for child in node.get("Plans", ()))])


def _guess(plan: Mapping[str, Any]) -> float:
    """The planner never says none: its one row is what it says of rows it has not seen at all."""
    rows = float(plan["Plan Rows"])
    return rows if rows > 1 else 0.0


def _estimating(mapping: QueueMapping, types: Sequence[str]) -> dict[tuple[str, str | None], Statement]:
    return {
        (state, type_): (questions.estimated(mapping, state, type_), {})
        for state in mapping.cost.estimated
        if state in mapping.states
        for type_ in (*types[:MOST_ESTIMATED], None)
    }


def _messages(mapping: QueueMapping) -> Statement | None:
    """Reads no row, and yet needs the right to."""
    if (attempts := mapping.attempts) and attempts.error_text:
        return f"SELECT {text(attempts.error_text)} FROM {attempts.table} AS {attempts.alias} LIMIT 0", {}
    if mapping.columns.error_text:
        return f"SELECT {text(mapping.columns.error_text)} FROM {source(mapping)} LIMIT 0", {}
    return None


async def _refused(database: Database, statement: Statement | None) -> Unknown | None:
    """Why a statement may not be run by us; None when it may."""
    if statement is None:
        return None
    try:
        await database.rows(f"EXPLAIN {statement[0]}", statement[1])
    except SourceError as error:
        if error.kind != "denied":
            raise
        return Unknown("not permitted", f"{error.message}: {error.remedy}")
    return None


def _hidden(mapping: QueueMapping, user: str) -> Unknown:
    return Unknown(
        "not permitted",
        f"row-level security hides every row of {mapping.source.table} from {user}: a policy has to let it read",
    )


def _plan(rows: list[Row]) -> Mapping[str, Any]:
    answer = rows[0]["QUERY PLAN"]
    plan: Mapping[str, Any] = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return plan
