"""How a purge ended of which nobody saw the end: by its entry in the ledger, which counts the rows of every turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.actions.connection import ActionConnection
from services.actions.effects.voided import taken
from services.actions.journal import Record
from services.actions.plan import Outcome, Word
from services.actions.recorded import ended
from services.text import safe

if TYPE_CHECKING:
    from services.actions.effects.purge.effect import Purge

_SQL = "SELECT applied, asked, outcome FROM watchdeck.ledger WHERE id = %s::uuid"


async def settled(purge: Purge, record: Record, by: str) -> Outcome:
    """Nothing is deleted by this: whether the rest shall go is for a person to say."""
    title, manifest = str(record["title"]), str(record.get("frozen", {}).get("manifest", ""))
    async with ActionConnection(purge.source) as db:
        receipt = await taken(db, record, by)
        if receipt.state == "void":
            return ended(record, "not applied", 0, f"{title}: not applied: it never began")
        (entry,) = await db.rows(_SQL, (receipt.id,))
    resume = f"watchdeck act {purge.id} --resume {manifest} goes on with the same manifest"
    remedy = f"{resume}; or a new preview finds the rest"
    if receipt.state == "started":
        counted = f"{entry['applied']:,} of {entry['asked']:,} rows and their objects are gone by the ledger"
        message = f"{title}: its runner ended half way: {counted}; what the turn under way deleted is not known"
        return ended(record, "unknown", int(entry["applied"]), message, remedy)
    said = entry["outcome"]
    word: Word = said["word"] if said.get("word") in ("done", "partial", "not applied") else "unknown"
    message = f"{title}: {word}: {entry['applied']:,} of {entry['asked']:,} rows (its reply was lost)"
    why = f"; {safe(said['why'], 200)}" if said.get("why") else ""
    return ended(record, word, int(entry["applied"]), message + why, "" if word == "done" else remedy)
