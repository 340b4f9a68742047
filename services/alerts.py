"""What the rules say: one frozen alert per rule, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from services.readings import Figure

State = Literal["ok", "pending", "firing", "unknown"]


@dataclass(frozen=True, slots=True)
class Alert:
    """How one rule stands. A firing rule whose source fell silent stays firing, and is not `confirmed`."""

    rule: str
    title: str
    state: State
    value: Figure
    threshold: str  # in words: "> 20 for 10 m"
    since: float  # unix seconds: when the state began
    severity: str = ""
    runbook: str = ""
    remedy: str = ""  # action id
    reason: str = ""  # why it is unknown or unconfirmed
    source: str = ""
    confirmed: bool = True
    # what the next judgement goes on from
    held_s: float | None = None  # how long the condition was seen to hold; None: it does not hold
    held_at: float | None = None  # monotonic clock of the reading that last showed it; None: not seen since a gap
    judged_at: float | None = None  # monotonic clock of the reading that was judged


@dataclass(frozen=True, slots=True)
class Alerts:
    by_rule: Mapping[str, Alert] = field(default_factory=lambda: MappingProxyType({}))

    def __iter__(self) -> Iterator[Alert]:
        """In the profile's order."""
        return iter(self.by_rule.values())

    def get(self, rule: str) -> Alert | None:
        return self.by_rule.get(rule)

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The worst first, and of equals the oldest."""
        return tuple(sorted(self._in("firing"), key=lambda alert: (alert.severity, alert.since)))

    @property
    def pending(self) -> tuple[Alert, ...]:
        return self._in("pending")

    @property
    def unknown(self) -> tuple[Alert, ...]:
        return self._in("unknown")

    def _in(self, state: State) -> tuple[Alert, ...]:
        return tuple(alert for alert in self if alert.state == state)
