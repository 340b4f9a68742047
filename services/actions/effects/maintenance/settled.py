"""How maintenance ended of which nobody saw the end: by the ledger, by what runs now, and by the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.actions.connection import ActionConnection
from services.actions.effects.maintenance.course import MaintenanceCourse
from services.actions.effects.maintenance.course import ended as record_end
from services.actions.effects.maintenance.sql import UNDER_WAY
from services.actions.effects.voided import taken
from services.actions.journal import Record
from services.actions.plan import Outcome
from services.actions.recorded import ended, rows_of
from services.errors import Unsettled

if TYPE_CHECKING:
    from services.actions.effects.maintenance.effect import Maintenance


async def settled(effect: Maintenance, record: Record, by: str) -> Outcome:
    title, ids = str(record["title"]), rows_of(record)
    async with ActionConnection(effect.source) as db:
        receipt = await taken(db, record, by)
        if receipt.state == "void":
            return ended(record, "not applied", 0, f"{title}: not applied (its reply was lost)")
        if receipt.state == "started":
            await _insist_on_its_end(effect, db, title)
        done = await MaintenanceCourse(effect, db).fresh(receipt.id, set())
        outcome = _judged(record, title, ids, done)
        if receipt.state == "started":
            await record_end(db, receipt.id, outcome)
        return outcome


async def _insist_on_its_end(effect: Maintenance, db: ActionConnection, title: str) -> None:
    begins = effect.kind.statement.partition("{")[0]
    if await db.rows(UNDER_WAY, {"like": f"{begins}%"}):
        raise Unsettled(f"{title}: the server is still at it", "it is looked at again by itself")


def _judged(record: Record, title: str, ids: tuple[str, ...], done: set[str]) -> Outcome:
    """Somebody else's counts as well: it has been done since, and that is what was wanted."""
    if len(done) == len(ids):
        return ended(
            record, "done", len(ids), f"{title}: done, {len(ids)} of {len(ids)} since then (its reply was lost)"
        )
    if done:
        return ended(record, "partial", len(done), f"{title}: {len(done)} of {len(ids)} done (its reply was lost)")
    return ended(record, "not applied", 0, f"{title}: none of it has been done (its reply was lost)")
