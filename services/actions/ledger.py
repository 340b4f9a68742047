"""What a runner asks of the ledger: the effect, its settlement, and whether the rows are as the effect left them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from services.actions.environment import Asks
from services.actions.functions import flags_of, name, siblings
from services.actions.plan import Plan
from services.actions.scope import Scope
from services.profile import FlagAction, Profile
from services.queues.expressions import plain


@dataclass(frozen=True)
class Receipt:
    """The ledger's entry. `void`: the id was taken so that the action can never happen."""

    id: str
    actor: str
    state: Literal["done", "void"]
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


async def last_touch(profile: Profile, db: Asks, plan: Plan, ids: tuple[str, ...]) -> dict[str, Any] | None:
    """Whose action has these rows in the ledger, lately; None when nobody's."""
    sql = "SELECT watchdeck.last_touch(%s::text[], %s::text[], to_timestamp(%s::float8)) AS touch"
    params = (list(siblings(profile, plan.request.action)), list(ids), plan.taken_at)
    found: dict[str, Any] | None = (await db.rows(sql, params))[0]["touch"]
    return found


async def standing(profile: Profile, db: Asks, action: str, ids: tuple[str, ...], since: float) -> set[str]:
    """Which of the rows are now as the effect should have left them."""
    defined = profile.actions[action]
    if isinstance(defined, FlagAction):
        flags = flags_of(profile, defined)
        test = f"{plain(flags.changed_at)} >= {_since()}" if flags.changed_at else "TRUE"
        key, source = plain(flags.name), plain(flags.table)
    else:
        scope = Scope.of(profile, action)
        test = plain(scope.effect.expect).replace(":since", _since())
        key, source = plain(scope.id), plain(scope.source)
    like = f"(SELECT {key} FROM {source} LIMIT 0)"
    sql = (
        f"SELECT watchdeck.as_seen({key}) AS id FROM {source} "
        f"WHERE {key} = ANY (watchdeck.typed({like}, %(ids)s::text[])) AND ({test})"
    )
    return {row["id"] for row in await db.rows(sql, {"ids": list(ids), "since": since})}


def _since() -> str:
    # to the microsecond: a float8 of unix seconds is not exact, and rows carry the very same now()
    return "(to_timestamp(%(since)s::float8) - interval '1 millisecond')"


async def states(profile: Profile, db: Asks, action: str, ids: tuple[str, ...]) -> dict[str, str]:
    """In which state the rows are now, for those who are told that they have changed."""
    if isinstance(profile.actions[action], FlagAction):
        return {}
    scope = Scope.of(profile, action)
    like = f"(SELECT {plain(scope.id)} FROM {plain(scope.source)} LIMIT 0)"
    sql = (
        f"SELECT watchdeck.as_seen({plain(scope.id)}) AS id, {plain(scope.state)} AS state FROM {plain(scope.source)} "
        f"WHERE {plain(scope.id)} = ANY (watchdeck.typed({like}, %(ids)s::text[]))"
    )
    return {row["id"]: row["state"] for row in await db.rows(sql, {"ids": list(ids)})}


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
