"""Finds out how actions ended whose reply was lost: by taking their id, which only one can have."""

from __future__ import annotations

import asyncio
import json
import os
import time

from services.actions import ledger
from services.actions.connection import ActionConnection, Lost, source_of
from services.actions.environment import look
from services.actions.journal import Journal, Record
from services.actions.plan import Outcome
from services.actions.read_back import judged
from services.errors import ActionError, Unsettled, WatchdeckError
from services.profile import Profile

TRIES = 4  # each waits up to 2 s for one that is in flight
WHO = "the console settles it by itself; without one, `watchdeck audit settle` does"  # told of what is unknown
RUNNER_LIFE_S = 40.0  # a runner that is still there after that hangs, and its action may be taken from it


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
    action, title = str(record["action"]), str(record["title"])
    if action not in profile.actions:
        raise ActionError(f"the profile no longer has the action {action!r}", "settle it with the profile of that time")
    async with ActionConnection(source_of(profile, action)) as db:
        found = await look(db)
        if found.system_identifier != record["system_identifier"]:
            raise ActionError(
                f"{found.server} is not the database that {title!r} was sent to", "check the profile's dsn"
            )
        receipt = await _void(db, record, by)
        if receipt.state == "void":
            message = f"{title}: not applied: its reply was lost, and it never arrived"
            return _outcome(record, "not applied", 0, message)
        ids = tuple(str(one) for one in record["rows"])
        outcome = await _judged(profile, action, ids, receipt, title, db)
        return outcome.model_copy(update={"message": f"{outcome.message} (its reply was lost)"})


async def _judged(
    profile: Profile, action: str, ids: tuple[str, ...], receipt: ledger.Receipt, title: str, db: ActionConnection
) -> Outcome:
    from dataclasses import replace

    from psycopg import Error

    try:
        return await judged(profile, action, ids, replace(receipt, repeated=False), title, db)
    except Error as error:
        raise Unsettled(f"{title}: applied, but it cannot be read back: {error.diag.message_primary}") from error


async def _void(db: ActionConnection, record: Record, by: str) -> ledger.Receipt:
    from psycopg import Error, errors

    for left in reversed(range(TRIES)):
        try:
            return await ledger.void(db, str(record["id"]), by, str(record["action"]))
        except (errors.LockNotAvailable, errors.QueryCanceled):
            if not left:
                break
            await asyncio.sleep(0.2)
        except Error as error:
            raise Unsettled(
                f"{record['title']}: the ledger does not answer: {error.diag.message_primary or error}",
                "settling needs the role watchdeck_operator",
            ) from error
    raise Unsettled(f"{record['title']}: it is still under way in the database", "it is tried again by itself")


def _in_progress(record: Record) -> bool:
    """Its runner is alive and has had no time to finish. Taking the id from it would be safe, but a pity."""
    pid, age = int(record.get("pid", 0)), time.time() - float(record["wall"])
    if pid in (0, os.getpid()) or not 0 <= age < RUNNER_LIFE_S:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _unknown(record: Record, error: Exception) -> Outcome:
    message = f"{record['title']}: whether it was applied is not known yet: {error.args[0] if error.args else error}"
    outcome = _outcome(record, "unknown", None, message)
    return outcome.model_copy(update={"remedy": getattr(error, "remedy", "")})


def _outcome(record: Record, word: str, applied: int | None, message: str) -> Outcome:
    return Outcome.model_validate(
        {
            "id": record["id"],
            "action": record["action"],
            "word": word,
            "asked": len(record["rows"]),
            "applied": applied,
            "message": message,
            "at": time.time(),
        }
    )
