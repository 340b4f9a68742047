"""How a record ended: what due timers and conditions look at, whatever kind of record it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Completion:
    """A record that came to its end, not one that was given up."""

    record: str
    of: str  # the profile's id: of a procedure, a record or an action
    at: float  # unix seconds
    by: str
    passed: bool = True  # a report that says the thing is not as it should be is an end too, and no success
    said: str = ""  # why it did not pass
