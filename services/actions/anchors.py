"""What the ledger says that this local audit must contain: without it a tail that was cut off leaves no trace."""

from __future__ import annotations

from services.actions.connection import previewing
from services.actions.journal import Journal
from services.errors import SourceError
from services.profile import Profile

_SQL = """
SELECT id::text AS id, anchor FROM watchdeck.ledger
 WHERE client = %s AND anchor <> '' AND state = 'done' ORDER BY at DESC LIMIT 100000
"""


async def anchors(profile: Profile, journal: Journal) -> dict[str, str]:
    """Action id -> hash of its intent. SourceError when a ledger cannot be read."""
    found: dict[str, str] = {}
    for action_id in {action.queue: name for name, action in profile.actions.items()}.values():
        async with previewing(profile, action_id) as db:
            try:
                rows = await db.rows(_SQL, (journal.client(),))
            except SourceError as error:
                raise SourceError(error.kind, error.message, "verify --offline checks the file alone") from error
        found |= {row["id"]: row["anchor"] for row in rows}
    return found
