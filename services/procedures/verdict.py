"""What a condition says now, a step, a procedure. Unknown is its own word: it is never taken for one of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["holds", "fails", "unknown", "manual"]
_WORST: tuple[State, ...] = ("manual", "holds", "unknown", "fails")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`manual`: only a person can tell, so that it is neither for nor against. `shown`: it was looked at, and is
    neither, whatever it says."""

    title: str
    state: State
    said: str  # "0.4 % (<= 1 %)", or why it is not known
    value: float | None = None  # of a figure; of several the worst
    at: float | None = None  # unix seconds: when that was read
    shown: bool = False


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """`state` is that of what is demanded; what is only shown stands behind that in `conditions`."""

    id: str
    title: str
    state: State
    conditions: tuple[Verdict, ...] = ()

    @property
    def against(self) -> tuple[Verdict, ...]:
        """What speaks against taking it for done: what fails, and what nobody can tell."""
        return tuple(one for one in self.conditions if one.state in ("fails", "unknown") and not one.shown)


@dataclass(frozen=True, slots=True)
class Judged:
    """`state` is that of its worst step; steps that only a person can tell of do not count."""

    id: str
    title: str
    state: State
    steps: tuple[JudgedStep, ...]

    def step(self, id_: str) -> JudgedStep | None:
        return next((step for step in self.steps if step.id == id_), None)

    @property
    def against(self) -> tuple[str, ...]:
        """One line per condition that does not hold, first those that fail: "Queue depth fails: 120 (<= 50)"."""
        found = sorted((one for step in self.steps for one in step.against), key=lambda one: one.state)
        return tuple(f"{one.title} {one.state}: {one.said}" for one in found)


def worst(states: Iterable[State]) -> State:
    """One that fails decides, then one that is unknown; manual is all that is left where nothing is judged."""
    return max(states, key=_WORST.index, default="manual")
