"""What a condition says now. Unknown is its own word: it is never taken for one of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["holds", "fails", "unknown", "manual"]
_WORST: tuple[State, ...] = ("manual", "holds", "unknown", "fails")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`manual`: only a person can tell, so that it is neither for nor against."""

    title: str
    state: State
    said: str  # "0.4 % (<= 1 %)", or why it is not known
    value: float | None = None  # of a figure; of several the worst
    at: float | None = None  # unix seconds: when that was read


def worst(states: Iterable[State]) -> State:
    """One that fails decides, then one that is unknown; manual is all that is left where nothing is judged."""
    return max(states, key=_WORST.index, default="manual")
