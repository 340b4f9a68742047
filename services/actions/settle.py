"""Settles the actions of which it is not known how they ended: each effect knows how that is found out."""

from __future__ import annotations

import json
import os
import time

from services.actions.alive import lives
from services.actions.connection import Lost
from services.actions.effects import effect_of
from services.actions.journal import Journal, Record
from services.actions.plan import Outcome
from services.actions.recorded import ended
from services.errors import ActionError, WatchdeckError
from services.profile import Profile

RUNNER_LIFE_S = (
    40.0  # beside the effect itself; a runner that is still there after that hangs, and its action may be taken from it
)


async def settle(profile: Profile, journal: Journal, by: str) -> tuple[Outcome, ...]:
    """Every unsettled action of the journal, once; those that cannot be told yet stay `unknown`. Never raises for the
    database's sake: call it again while any is left."""
    from psycopg import Error

    outcomes = []
    for record in journal.unsettled():
        if _in_progress(record):
            continue
        try:
            outcome = await settle_one(profile, record, by)
            journal.append_settled(outcome, by)
        except (WatchdeckError, Lost, Error) as error:
            outcome = _unknown(record, error)
        outcomes.append(outcome)
    return tuple(outcomes)


def as_recorded(journal: Journal, outcome: Outcome) -> Outcome:
    """The outcome that the local record has of this action, if its runner could still write it; else the one given."""
    for record in journal.records():
        if record["id"] == outcome.id and record["kind"] in ("outcome", "settled"):
            fields = {name: record[name] for name in Outcome.model_fields if name in record}
            outcome = Outcome.model_validate_json(json.dumps(fields))
    return outcome


async def settle_one(profile: Profile, record: Record, by: str) -> Outcome:
    """How the intent of `record` ended. Unsettled when it cannot be told now; SourceError when nobody answers."""
    action = str(record["action"])
    if action not in profile.actions:
        raise ActionError(f"the profile no longer has the action {action!r}", "settle it with the profile of that time")
    return await effect_of(profile, action).settled(record, by)


def _in_progress(record: Record) -> bool:
    """Its runner is alive and has had no time to finish. Taking the id from it would be safe, but a pity."""
    pid, age = int(record.get("pid", 0)), time.time() - float(record["wall"])
    if pid in (0, os.getpid()) or not 0 <= age < RUNNER_LIFE_S + float(record.get("lasts_s", 0.0)):
        return False
    return lives(pid, str(record.get("born", "")))


def _unknown(record: Record, error: Exception) -> Outcome:
    message = f"{record['title']}: whether it was applied is not known yet: {error.args[0] if error.args else error}"
    return ended(record, "unknown", None, message, getattr(error, "remedy", ""))
