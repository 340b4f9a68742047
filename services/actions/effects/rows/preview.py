"""The preview of an action on rows: which ones, as they are now, and how many more would match."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from services.actions.effects.rows.scope import Scope, seen_columns
from services.actions.environment import Asks
from services.actions.evidence import evidence
from services.actions.found import Found
from services.actions.ids import split
from services.actions.plan import Request, Target
from services.errors import ActionError
from services.queues import filter as filters
from services.queues.expressions import epoch, plain
from services.text import safe

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
COUNTED = 10_000  # more than that is "at least": counting further would only cost


async def look_up(scope: Scope, environment: str, request: Request, db: Asks) -> Found:
    """ActionError when the selection is missing, wrong, or matches nothing."""
    (kind,) = await db.rows(
        f"SELECT pg_typeof((SELECT {plain(scope.id)} FROM {plain(scope.source)} LIMIT 0))::text AS id"
    )
    condition, params = _selection(scope, request, kind["id"])
    rows = await db.rows(_targets_sql(scope, condition), {**params, "cap": scope.action.cap})
    if not rows:
        raise await _nothing(scope, request, condition, params, db)
    (count,) = await db.rows(_count_sql(scope, condition), params)
    matching = max(count["matching"], len(rows))
    targets = tuple(_target(scope, row) for row in rows)
    types = Counter(target.type for target in targets)
    return Found(
        targets=targets,
        matching=min(matching, COUNTED),
        matching_at_least=matching > COUNTED,
        per_type=dict(types.most_common()),
        table_share=matching / count["table_rows"] if count["table_rows"] > 0 else None,
        changes=scope.effect.changes,
        reversible=scope.effect.reversible,
        fidelity=scope.effect.fidelity,
        warnings=(*_warnings(scope, request, len(rows), matching), *await _counted(scope, db)),
        name=next(iter(types)) if len(types) == 1 else environment,
    )


def _ids(request: Request) -> list[str]:
    return split(request.args.get("ids", ""))


def _selection(scope: Scope, request: Request, id_type: str) -> tuple[str, dict[str, Any]]:
    """What the operator pointed at, as a condition; which of it may be changed is the scope's business."""
    args = request.args
    if unknown := set(args) - {"ids", "filter", "type"}:
        raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there are: ids=1,2,3, filter=..., type=...")
    tests: list[str] = []
    params: dict[str, Any] = {}
    if "ids" in args:
        tests.append(f"{plain(scope.id)} = ANY (%(ids)s::{id_type}[])")
        params["ids"] = _checked(_ids(request), id_type)
    if scope.effect.of == "runs" and (args.get("filter") or args.get("type")):
        raise ActionError("runs are selected by their ids", "ids=1,2,3")
    if args.get("type"):
        tests.append(f"{plain(scope.type)} = %(type)s")
        params["type"] = args["type"]
    if "filter" in args:
        wanted = filters.parse(args["filter"], filters.JOB_FIELDS)
        condition, more = filters.where(wanted, scope.mapping, {"id": id_type})
        tests.append(f"({condition})")
        params |= more
    if not tests and not scope.action.complete:
        raise ActionError("which rows?", "ids=1,2,3, or filter=..., or type=...")
    return " AND ".join(tests) or "TRUE", params


def _checked(ids: list[str], id_type: str) -> list[str]:
    """The ids, if they can be ids at all: a cast that fails on the server names no key to correct."""
    if not ids:
        raise ActionError("ids: none given", "ids=1,2,3")
    if bits := _BITS.get(id_type):
        for one in ids:
            if not re.fullmatch(r"-?[0-9]{1,19}", one) or not -(2**bits) <= int(one) < 2**bits:
                raise ActionError(f"ids: {safe(one, 40)!r} is not a {id_type}", "ids=1,2,3")
    if id_type == "uuid" and (wrong := [one for one in ids if not _UUID.fullmatch(one)]):
        raise ActionError(f"ids: {safe(wrong[0], 60)!r} is not a uuid", "ids=0193f1c2-...,0193f1c3-...")
    return ids


def _targets_sql(scope: Scope, condition: str) -> str:
    columns = scope.mapping.columns
    seen = ", ".join(f"'{name}', watchdeck.as_seen({plain(sql)})" for name, sql in seen_columns(scope).items())
    order = plain(scope.id)
    evidence = "NULL::float8 AS lock_age, NULL::text AS locked_by, NULL::float8 AS silent"
    stale = scope.mapping.stale
    if scope.effect.of == "jobs" and columns.locked_at:
        zone = scope.mapping.source.naive_tz
        beat = epoch(stale.heartbeat_at if stale else None, zone)
        now = "extract(epoch FROM now())::float8"
        evidence = f"{now} - {epoch(columns.locked_at, zone)} AS lock_age, {now} - {beat} AS silent, "
        evidence += f"({plain(columns.locked_by or 'NULL')})::text AS locked_by"
        order = f"{plain(columns.locked_at)}, {order}" if scope.action.select == "stale" else order
    attempt = plain(columns.attempt) if scope.effect.of == "jobs" and columns.attempt else "NULL"
    return (
        f"SELECT watchdeck.as_seen({plain(scope.id)}) AS id, ({plain(scope.type)})::text AS type, "
        f"{plain(scope.state)} AS state, ({attempt})::text AS attempt, jsonb_build_object({seen}) AS seen, {evidence} "
        f"FROM {plain(scope.source)} WHERE {_allowed(scope)} AND {condition} ORDER BY {order} LIMIT %(cap)s"
    )


def _allowed(scope: Scope) -> str:
    return " AND ".join(f"({plain(test)})" for test in scope.allowed)


def _count_sql(scope: Scope, condition: str) -> str:
    matching = f"SELECT 1 FROM {plain(scope.source)} WHERE {_allowed(scope)} AND {condition} LIMIT {COUNTED + 1}"
    table = scope.table.replace("'", "''")
    return (
        f"SELECT (SELECT count(*) FROM ({matching}) AS m)::int AS matching, "
        f"(SELECT reltuples::float8 FROM pg_class WHERE oid = '{table}'::regclass) AS table_rows"
    )


async def _counted(scope: Scope, db: Asks) -> list[str]:
    """How many there are of what the mapping wants told beside the rows themselves."""
    tests = [plain(test) for test in scope.effect.counts.values()]
    if not tests:
        return []
    columns = ", ".join(f"count(*) FILTER (WHERE {test}) AS c{at}" for at, test in enumerate(tests))
    (row,) = await db.rows(f"SELECT {columns} FROM {plain(scope.source)} WHERE ({') OR ('.join(tests)})")
    return [", ".join(f"{row[f'c{at}']} {words}" for at, words in enumerate(scope.effect.counts))]


async def _nothing(scope: Scope, request: Request, condition: str, params: dict[str, Any], db: Asks) -> ActionError:
    """Nothing matches: and if rows were named, in which states they are."""
    wanted = ", ".join(scope.effect.from_states)
    if scope.action.select == "stale":
        remedy = "a lock counts as stale by two signs: older than its type allows, and an owner without life"
        message = f"{scope.action.title}: nothing matches: no lock is stale"
    else:
        message, remedy = f"{scope.action.title}: nothing matches", f"it takes rows that are {wanted}"
    if "ids" in request.args:
        what = f"watchdeck.as_seen({plain(scope.id)}) AS id, {plain(scope.state)} AS state"
        rows = await db.rows(f"SELECT {what} FROM {plain(scope.source)} WHERE {condition} LIMIT 20", params)
        message += ": " + (", ".join(f"{safe(row['id'], 60)} is {row['state']}" for row in rows) or "no such rows")
    return ActionError(message, remedy)


def _target(scope: Scope, row: dict[str, Any]) -> Target:
    kind = safe(row["type"], 80)
    label = f"{kind}, attempt {row['attempt']}" if row["attempt"] is not None else kind
    return Target(
        id=row["id"],
        label=label,
        type=kind,
        state=row["state"],
        note=evidence(row) if row["lock_age"] is not None else "",
        seen=row["seen"],
    )


def _warnings(scope: Scope, request: Request, taken: int, matching: int) -> tuple[str, ...]:
    found = [scope.effect.note] if scope.effect.note else []
    if matching > taken:
        more = f"{COUNTED} or more" if matching > COUNTED else str(matching)
        found.append(f"{more} match, the cap is {scope.action.cap}: only the first {taken} are taken")
    if (left := len(_ids(request)) - matching) > 0:
        allowed = " or ".join(scope.effect.from_states)
        found.append(f"{left} of the selected rows are left out: not {allowed}, or not as this action needs them")
    if scope.effect.fidelity == "approximate":
        found.append("approximate: this queue's own code would do a little more")
    return tuple(found)
