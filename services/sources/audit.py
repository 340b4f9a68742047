"""The local audit as a source: what was done from this machine, what is not settled, and whether the chain holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.actions.entries import entries
from services.actions.journal import Journal
from services.errors import ActionError, SourceError
from services.readings import AuditValues

if TYPE_CHECKING:
    from services.sources import Parts

INTERVAL_S = 2.0  # looking whether the file has changed costs next to nothing
TIMEOUT_S = 3.0


def make(name: str, spec: None, parts: Parts) -> Audit:
    return Audit(name, Journal.of(parts.profile))


class Audit:
    """Reads the file only when it has changed: verifying the chain takes longer the more has been done."""

    def __init__(self, name: str, journal: Journal) -> None:
        self.name = name
        self.interval_s = INTERVAL_S
        self.timeout_s = TIMEOUT_S
        self._journal = journal
        self._seen: object = None
        self._values: AuditValues | None = None

    async def fetch(self) -> AuditValues:
        return await asyncio.to_thread(self._read)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _read(self) -> AuditValues:
        stamp = self._stamp()  # before reading: what is appended meanwhile is read again, never missed
        if self._values is None or stamp != self._seen:
            try:
                journal = self._journal
                unsettled, verdict = len(journal.unsettled()), journal.verify()
                self._values = AuditValues(entries(journal), unsettled, verdict.ok)
            except ActionError as error:
                raise SourceError("error", error.message, "see who owns the file, and its mode") from error
            self._seen = stamp
        return self._values

    def _stamp(self) -> object:
        try:
            found = self._journal.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
