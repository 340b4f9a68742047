"""One timer of an incident: what is due, until when, and what came too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Name = Literal["acknowledge", "update", "close"]
Standing = Literal["not demanded", "running", "overdue", "kept", "missed"]


@dataclass(frozen=True, slots=True)
class Timer:
    """`late` has (when it was due, when it came) for each time that it came too late."""

    name: Name
    due: float | None  # unix seconds; None: nothing is due (any more)
    late: tuple[tuple[float, float], ...]
    demanded: bool  # whether any severity that it had demands it

    def standing(self, now: float) -> Standing:
        if self.due is not None:
            return "overdue" if now > self.due else "running"
        if not self.demanded:
            return "not demanded"
        return "missed" if self.late else "kept"
