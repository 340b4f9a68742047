"""A silence: somebody wants to hear nothing of some alerts until it ends."""

from __future__ import annotations

from dataclasses import dataclass

Match = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts that fulfil every condition of `match` are judged as ever, and not told before it ends."""

    id: str
    match: Match  # (field or label, condition): conditions are as in rules, "SEV3", "~SEV[34]", "!mre"
    at: float  # unix seconds
    until: float | None  # None: until somebody lifts it
    by: str
    comment: str = ""
