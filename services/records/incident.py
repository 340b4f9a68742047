"""An incident, as it stands: who has it in hand, how bad it is, what is known, what was told, what shall come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

State = Literal["open", "mitigated", "resolved", "closed"]
STATES: tuple[State, ...] = get_args(State)
# what people write about it, in the order in which it is asked for
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "scope": "Scope",
        "impact": "Impacted",
        "unaffected": "Not impacted",
        "workaround": "Workaround",
        "root-cause": "Root cause",
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    at: float  # unix seconds
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Graded(Said):
    """It has this severity from then on; `text` says why."""

    severity: str


@dataclass(frozen=True, slots=True)
class Turned(Said):
    """It is in this state from then on; `text` says why."""

    state: State


@dataclass(frozen=True, slots=True)
class Sent(Said):
    """An update to those who wait for one: `to` is where it went, as somebody typed it."""

    template: str
    to: str


@dataclass(frozen=True, slots=True)
class Attached:
    """An alert that it is about. `since`: when that episode began to fire."""

    key: str
    title: str
    since: float


@dataclass(frozen=True, slots=True)
class Prevention:
    """What is to be done so that it does not come again."""

    number: int
    text: str
    owner: str = ""
    due: str = ""  # "2026-01-31"
    done_at: float | None = None


@dataclass(frozen=True)
class Incident:
    """Every text in it is safe to show."""

    id: str
    of: str = ""
    title: str = ""
    opened_at: float = 0.0
    opened_by: str = ""
    grades: tuple[Graded, ...] = ()
    turns: tuple[Turned, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)  # as they were when it was opened
    alerts: tuple[Attached, ...] = ()
    runs: tuple[str, ...] = ()  # ids of records: procedures that were carried out for it
    acknowledged: Said | None = None
    updates: tuple[Sent, ...] = ()
    notes: tuple[Said, ...] = ()
    prevention: tuple[Prevention, ...] = ()
    timeline: tuple[Mapping[str, Any], ...] = ()  # as it was when it was closed

    @property
    def severity(self) -> str:
        return self.grades[-1].severity if self.grades else ""

    @property
    def state(self) -> State:
        return self.turns[-1].state if self.turns else "open"

    @property
    def under_way(self) -> bool:
        """Whether somebody still waits for it to end."""
        return self.state in ("open", "mitigated")

    def since(self, state: State) -> float | None:
        """When it came into the state that it is in now, if that is this one or a later one."""
        if STATES.index(self.state) < STATES.index(state):
            return None
        found = None
        for turn in reversed(self.turns):
            if STATES.index(turn.state) < STATES.index(state):
                break
            found = turn.at
        return found

    @property
    def ended_at(self) -> float | None:
        """When it was resolved for good, as far as is known."""
        return self.since("resolved")

    @property
    def began_at(self) -> float:
        """When the first of its alerts began to fire, or it was opened."""
        return min([self.opened_at, *(alert.since for alert in self.alerts)])
