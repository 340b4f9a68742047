"""What the sources have in common that ask a database over the connections of its postgres source."""

from __future__ import annotations

from services.database import Database
from services.profile.sources import OfDatabase


class OnDatabase:
    def __init__(self, name: str, spec: OfDatabase, db: Database) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._db = db

    async def close(self) -> None:
        """The database is shared, and closed by its owner."""
