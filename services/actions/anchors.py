"""What the ledger says that this local audit must contain: without it a tail that was cut off leaves no trace."""

from __future__ import annotations

from services.actions.connection import database_named
from services.actions.effects import in_databases
from services.actions.journal import Journal
from services.clock import SystemClock
from services.database import Database
from services.errors import SourceError
from services.profile import Profile

_SQL = """
SELECT id::text AS id, anchor FROM watchdeck.ledger
 WHERE client = %s AND anchor <> '' AND state = 'done' ORDER BY at DESC LIMIT 100000
"""


async def anchors(profile: Profile, journal: Journal) -> dict[str, str]:
    """Action id -> hash of its intent. SourceError when a ledger cannot be read."""
    found: dict[str, str] = {}
    for name in {effect.database for effect in in_databases(profile).values()}:
        source = database_named(profile, name)
        db = Database(source.action_dsn or source.dsn, name, SystemClock(), pooler=source.pooler, who="audit")
        try:
            rows = await db.rows(_SQL, (journal.client(),))
        except SourceError as error:
            raise SourceError(error.kind, error.message, "verify --offline checks the file alone") from error
        finally:
            await db.close()
        found |= {row["id"]: row["anchor"] for row in rows}
    return found
