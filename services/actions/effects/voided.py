"""Finds out how an action in a database ended whose reply was lost: by taking its id, which only one can have."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from services.actions import ledger
from services.actions.connection import ActionConnection
from services.actions.environment import look
from services.actions.journal import Record
from services.actions.ledger import Receipt
from services.actions.plan import Outcome
from services.actions.read_back import judged
from services.actions.recorded import ended, rows_of
from services.errors import ActionError, Unsettled

if TYPE_CHECKING:
    from services.actions.effects.by_function import ByFunction

TRIES = 4  # each waits up to 2 s for one that is in flight


async def settled(effect: ByFunction, record: Record, by: str) -> Outcome:
    """How the intent of `record` ended. Unsettled when it cannot be told now; SourceError when nobody answers."""
    title = str(record["title"])
    async with ActionConnection(effect.source) as db:
        receipt = await taken(db, record, by)
        if receipt.state == "void":
            return ended(record, "not applied", 0, f"{title}: not applied: its reply was lost, and it never arrived")
        outcome = await _judged(effect, rows_of(record), receipt, title, db)
        return outcome.model_copy(update={"message": f"{outcome.message} (its reply was lost)"})


async def taken(db: ActionConnection, record: Record, by: str) -> Receipt:
    """The ledger's entry of it; one that was not there is void from now on."""
    found = await look(db)
    if found.system_identifier != record["system_identifier"]:
        raise ActionError(
            f"{found.server} is not the database that {str(record['title'])!r} was sent to", "check the profile's dsn"
        )
    return await _void(db, record, by)


async def _judged(
    effect: ByFunction, ids: tuple[str, ...], receipt: Receipt, title: str, db: ActionConnection
) -> Outcome:
    from psycopg import Error

    try:
        return await judged(effect, ids, replace(receipt, repeated=False), title, db)
    except Error as error:
        raise Unsettled(f"{title}: applied, but it cannot be read back: {error.diag.message_primary}") from error


async def _void(db: ActionConnection, record: Record, by: str) -> Receipt:
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
