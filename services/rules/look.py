"""What one look at the past says about one level of one instance of a rule."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings import Figure

Labels = tuple[tuple[str, str], ...]  # what tells this instance from the rule's others; () when there is one


@dataclass(frozen=True, slots=True)
class Look:
    """`holds`: over the level's threshold. `clears`: on the good side of its clear value. None: that cannot be told."""

    labels: Labels
    value: Figure
    holds: bool | None
    clears: bool | None
    reason: str = ""  # why it cannot be told
    at: float = 0.0  # monotonic clock of the newest reading it is made of: the same reading is judged once
