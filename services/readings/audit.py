"""The local audit, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the local audit, joined with its outcome."""

    id: str
    at: float
    actor: str
    action: str
    outcome: str  # done, not applied, partial, unknown, denied
    rows: int | None
    reason: str
    summary: str
    way: str  # key, palette, mouse, cli
    ids: tuple[str, ...] = ()  # of what it was about, as previewed; the first 100
    about: str = ""  # what it was told beside that: "family gpx, enabled false"


@dataclass(frozen=True, slots=True)
class AuditValues:
    entries: tuple[AuditEntry, ...]  # newest first, at most 500
    unsettled: int
    chain_ok: bool
