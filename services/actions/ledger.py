"""What a runner asks of the ledger: the effect, its settlement, and who was there before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from services.actions.environment import Asks
from services.actions.functions import name
from services.actions.plan import Plan


@dataclass(frozen=True)
class Receipt:
    """The ledger's entry. void: nothing was applied, and under this id nothing ever will be. started: it runs outside
    of any transaction, and its end is not recorded yet."""

    id: str
    actor: str
    state: Literal["done", "void", "started"]
    asked: int
    applied: int
    repeated: bool  # the entry was there before: this submission did nothing
    at: float  # what the effect wrote as now(), unix seconds


def _receipt(row: dict[str, Any]) -> Receipt:
    found = row["receipt"]
    return Receipt(**{key: found[key] for key in Receipt.__dataclass_fields__})


def seen(plan: Plan) -> dict[str, Any]:
    """Row by row what the effect will insist on; a flag that was not there must not be there."""
    return {target.id: None if plan.detail.get("absent") else target.seen for target in plan.targets}


async def submit(db: Asks, plan: Plan, action_id: str, reason: str, anchor: str, client: str) -> Receipt:
    """The effect, once: one autocommit statement. psycopg.Error: nothing was changed."""
    new = plan.detail.get("new", {})
    sql = (
        f"SELECT watchdeck.{name(plan.request.action)}(%(id)s::uuid, %(actor)s::text, %(reason)s::text, "
        "%(environment)s::text, to_timestamp(%(taken_at)s::float8), %(cap)s::int, %(seen)s::jsonb, %(args)s::jsonb, "
        "%(anchor)s::text) AS receipt"
    )
    rows = await db.rows(
        sql,
        {
            "id": action_id,
            "actor": plan.actor,
            "reason": reason,
            "environment": plan.environment,
            "taken_at": plan.taken_at,
            "cap": plan.cap,
            "seen": json.dumps(seen(plan)),
            "args": json.dumps({**new, **_about(plan), "client": client}),
            "anchor": anchor,
        },
    )
    return _receipt(rows[0])


def _about(plan: Plan) -> dict[str, str]:
    return {"system_identifier": plan.system_identifier, "snapshot": plan.snapshot}


async def void(db: Asks, action_id: str, actor: str, action: str) -> Receipt:
    """Takes the id of an action whose reply was lost; waits for one that is in flight."""
    sql = "SELECT watchdeck.void(%s::uuid, %s::text, %s::text) AS receipt"
    return _receipt((await db.rows(sql, (action_id, actor, action)))[0])


async def last_touch(db: Asks, siblings: tuple[str, ...], ids: tuple[str, ...], since: float) -> dict[str, Any] | None:
    """Which of these actions had these rows in the ledger, lately, and whose it was; None when nobody's."""
    sql = "SELECT watchdeck.last_touch(%s::text[], %s::text[], to_timestamp(%s::float8)) AS touch"
    params = (list(siblings), list(ids), since)
    found: dict[str, Any] | None = (await db.rows(sql, params))[0]["touch"]
    return found


async def blockers(db: Asks, table: str) -> tuple[str, ...]:
    """Who holds a lock on the table that a writer has to wait for: "pid 4711 (worker, idle in transaction)"."""
    sql = """
    SELECT l.pid, coalesce(nullif(a.application_name, ''), a.usename, '?') AS who, coalesce(a.state, '?') AS state
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.pid <> pg_backend_pid() AND l.relation = to_regclass(%s)
       AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock', 'RowExclusiveLock')
     ORDER BY l.mode = 'RowExclusiveLock', l.pid LIMIT 5
    """
    return tuple(f"pid {row['pid']} ({row['who']}, {row['state']})" for row in await db.rows(sql, (table,)))
