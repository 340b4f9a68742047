"""Finds out how an elevation's action ended for those who may not take its id: by the ledger, and by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.actions.connection import ActionConnection
from services.actions.environment import look
from services.actions.journal import Record
from services.actions.ledger import Receipt
from services.actions.plan import PREVIEW_LIFE_S, Outcome
from services.actions.read_back import judged
from services.actions.recorded import ended, rows_of
from services.errors import ActionError, Unsettled

if TYPE_CHECKING:
    from services.actions.effects.by_function import ByFunction

ARRIVES_S = PREVIEW_LIFE_S + 15.0  # a preview that is older is refused, and one statement of ours lasts 3 s
_ENTRY = """
SELECT id::text, actor, state, asked, applied, extract(epoch FROM at)::float8 AS at FROM watchdeck.ledger WHERE id = %s
"""


async def settled_without_void(effect: ByFunction, record: Record, db: ActionConnection) -> Outcome | None:
    """None for an operator, who takes the id. Unsettled as long as it could still arrive."""
    found, title = await look(db), str(record["title"])
    if found.system_identifier != record["system_identifier"]:
        raise ActionError(f"{found.server} is not the database that {title!r} was sent to", "check the profile's dsn")
    if {"watchdeck_operator", "watchdeck_admin"} & set(found.roles):
        return None
    if rows := await db.rows(_ENTRY, (record["id"],)):
        outcome = await judged(effect, rows_of(record), Receipt(repeated=False, **rows[0]), title, db)
        return outcome.model_copy(update={"message": f"{outcome.message} (its reply was lost)"})
    if found.now < float(record["taken_at"]) + ARRIVES_S:
        raise Unsettled(f"{title}: it is not there, and could still arrive", "in a minute it is too old to")
    return ended(record, "not applied", 0, f"{title}: not applied: its reply was lost, and it never arrived")
