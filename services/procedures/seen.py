"""What conditions are judged by: everything that the console has, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.alerts import Alerts
from services.procedures.kept import Kept
from services.readings import Snapshot

if TYPE_CHECKING:
    from services.profile import Profile


@dataclass(frozen=True)
class Seen:
    profile: Profile
    snapshot: Snapshot
    alerts: Alerts
    mono: float
    wall: float
    kept: Kept
    began: float | None = None  # unix seconds: the run for which it is asked; None where none is under way

    def silence(self, source: str) -> str:
        """Why nothing can be said of a source now; empty when it answers."""
        return self.snapshot.silence(source, self.mono)

    def read_at(self, source: str) -> float | None:
        """When it last answered, in unix seconds."""
        state = self.snapshot.get(source)
        return state.good.at if state and state.good else None
