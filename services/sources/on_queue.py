"""What the sources have in common that read a queue's tables over the database they share with it."""

from __future__ import annotations

from services.database import Database
from services.profile.sources import OfQueue
from services.queues.mapping import Mapping


class OnQueue:
    def __init__(self, name: str, spec: OfQueue, mapping: Mapping, db: Database) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._queue = spec.queue
        self._mapping = mapping
        self._db = db

    async def close(self) -> None:
        """The database is shared, and closed by its owner."""
