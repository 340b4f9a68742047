"""What the server said when it refused an effect, in words for the operator: nothing was changed."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from services.actions import ledger
from services.actions.environment import Asks
from services.actions.evidence import ago
from services.actions.plan import Plan
from services.actions.refused import Refused
from services.text import safe

if TYPE_CHECKING:
    from psycopg import Error

    from services.actions.effects.in_database import InDatabase

_NEW_PREVIEW = "take a new preview"


# SQLSTATE -> remedy; the server's own message says what happened.
_REMEDIES = {
    "WD002": _NEW_PREVIEW,
    "WD003": "select fewer rows; the cap stands in the profile's action, 1,000 at most",
    "WD004": "the effect in the queue's mapping does not fit this database",
    "WD005": "name the primary in the profile's dsn",
    "WD006": "check the flag's pattern in the profile, and apply `watchdeck roles --sql` again",
    "WD007": "the address now leads to another database: check the profile's dsn",
    "WD008": "ALTER ROLE ... SET statement_timeout = '3s' for the role that acts",
    "WD009": "say why: --reason TEXT",
    "57014": "the server gave up after 3 s: select fewer rows, or look for what blocks it in the Database view",
    "25006": "name the primary in the profile's dsn",
    "23505": "a live row with the same unique key is in the way",
}


async def explain(error: Error, effect: InDatabase, plan: Plan, db: Asks) -> Refused:
    """Asks the server for what the message needs; if that fails too, the error itself has to do."""
    state = error.sqlstate or ""
    message = safe(error.diag.message_primary or error, 400)
    if state == "WD001":
        return await _differing(error, effect, plan, db)
    if state == "55P03":
        return await _locked(effect, plan, db)
    if state == "42501":
        return _denied(plan, message)
    if state in ("42883", "3F000", "42P01"):
        return Refused(
            "not applied",
            f"{plan.title}: the database does not have this action's function: {message}",
            f"watchdeck --profile {plan.profile} roles --sql | psql DATABASE, as a superuser",
        )
    return Refused("not applied", f"{plan.title}: {message}; nothing was changed", _REMEDIES.get(state, ""))


async def _differing(error: Error, effect: InDatabase, plan: Plan, db: Asks) -> Refused:
    """Rows are no longer as previewed: which, in which state now, and whose action it was."""
    ids: tuple[str, ...] = tuple(json.loads(error.diag.message_detail or "[]"))
    matched = safe(error.diag.message_primary, 80)
    touch: dict[str, Any] | None = None
    now: dict[str, str] = {}
    with suppress(Exception):  # the refusal stands without them
        touch = await ledger.last_touch(db, effect.siblings(), ids, plan.taken_at)
        now = await effect.states(db, ids)
    if touch:
        who = f"{safe(touch['actor'], 80)} did “{_title(effect, touch['action'])}” on them {ago(touch['age_s'])}"
        message = f"{matched}: {who} (action {touch['id'][:8]}…); nothing was changed"
    else:
        message = f"{matched}: {_since_then(plan, ids, now)}; nothing was changed"
    return Refused(
        "not applied", message, _NEW_PREVIEW, tuple(f"{safe(one, 80)} {_state(plan, one, now)}" for one in ids)
    )


def _since_then(plan: Plan, ids: tuple[str, ...], now: dict[str, str]) -> str:
    if isinstance(plan.detail.get("flag"), str):
        return "the flag was changed since the preview"
    also = ", or are in a worker's hands now" if plan.noun == "row" else ""
    return f"{len(ids)}{'+' if len(ids) == 20 else ''} changed since the preview{also}"


def _state(plan: Plan, one: str, now: dict[str, str]) -> str:
    if "flag" in plan.detail:
        return "was changed"
    before = next((target.state for target in plan.targets if target.id == one), "")
    state = now.get(one, "gone")
    return f"is {state}" if state != before else f"is {state} still, but locked, or not as it was seen"


def _title(effect: InDatabase, action: str) -> str:
    known = effect.profile.actions
    return known[action].title if action in known else safe(action, 80)


async def _locked(effect: InDatabase, plan: Plan, db: Asks) -> Refused:
    holders: tuple[str, ...] = ()
    with suppress(Exception):  # the refusal stands without them
        holders = await ledger.blockers(db, effect.subject)
    by = f" by {', '.join(safe(one, 120) for one in holders)}" if holders else ""
    return Refused(
        "not applied",
        f"{plan.title}: the table was locked{by} for longer than 2 s; nothing was changed",
        "wait, or end the session that holds the lock; then take a new preview",
    )


def _denied(plan: Plan, message: str) -> Refused:
    """Names the grant: a role for a missing function, what the effect's owner lacks for anything else."""
    if "function" in message or "schema watchdeck" in message:
        remedy = f"GRANT watchdeck_operator TO {plan.database_user}; (see `watchdeck roles --sql`)"
    else:
        remedy = f"the actions' owner lacks it: apply `watchdeck --profile {plan.profile} roles --sql` again"
    return Refused("denied", f"{plan.title}: {message}; nothing was changed", remedy)
