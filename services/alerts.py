"""What the rules say: one frozen alert per instance of a rule, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from services.readings import Figure
from services.units import Unit

State = Literal["ok", "pending", "firing", "recovering", "unknown"]
LevelName = Literal["", "warn", "page"]
Labels = tuple[tuple[str, str], ...]

RANKS: Mapping[LevelName, int] = MappingProxyType({"": 0, "warn": 1, "page": 2})


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody has taken this firing episode on; a rising level, or its end, takes the word back."""

    by: str
    at: float  # unix seconds
    reason: str
    level: LevelName


@dataclass(frozen=True, slots=True)
class Silenced:
    """It is judged as ever, and nobody is told before the end."""

    by: str  # "silence 7 by ana", "maintenance patch-day"
    until: float | None  # unix seconds; None: open
    since: float  # a silence that was forgotten shows its age
    comment: str = ""
    spell: str = ""  # the same for as long as it lasts, and another one for the next maintenance of this name


@dataclass(frozen=True, slots=True)
class Timer:
    """One level of one instance. Seconds are such as were observed, by the monotonic clock."""

    held_s: float | None = None  # how long the condition was seen to hold; None: it does not
    on: bool = False
    over_s: float | None = None  # once on: how long it was seen to be on the good side again; None: it is not
    seen_at: float | None = None  # the reading that told it last; None: nothing was seen since a gap


@dataclass(frozen=True, slots=True)
class Course:
    """What the next judgement of an instance goes on from."""

    timers: Mapping[str, Timer] = field(default_factory=lambda: MappingProxyType({}))  # by level
    judged_at: float | None = None  # the reading that was judged last
    seen_at: float | None = None  # the last one that told anything
    turns: int = 0  # one bit per evaluation, the newest lowest: whether it began or ended to hold
    quiet_s: float = 0.0  # observed since the last turn
    blank_s: float = 0.0  # how long the source has answered without telling anything about this
    gone_s: float = 0.0  # how long the source has answered without this instance in it


@dataclass(frozen=True, slots=True)
class Alert:
    """How one instance of a rule stands. What fires while its source is silent goes on firing, not `confirmed`."""

    rule: str
    title: str
    state: State
    value: Figure
    threshold: str  # in words: "> 20 for 10 m"
    since: float  # unix seconds: when the state began
    severity: str = ""
    runbook: str = ""
    remedy: str = ""  # action id
    reason: str = ""  # why it is unknown or unconfirmed, or not judged now
    source: str = ""
    confirmed: bool = True
    labels: Labels = ()
    level: LevelName = ""  # of what fires or recovers
    assumption: str = ""
    unit: Unit = ""  # of its value
    episode: str = ""  # names one spell from firing to its end; "" while there is none
    fired_at: float | None = None  # unix seconds: when the episode began
    flapping: bool = False
    acknowledged: Acknowledged | None = None
    silenced: Silenced | None = None
    inhibited_by: str = ""  # the alert that this one is only a consequence of
    course: Course = field(default_factory=Course)

    @property
    def key(self) -> str:
        return key(self.rule, self.labels)

    @property
    def active(self) -> bool:
        return self.state in ("firing", "recovering")

    @property
    def loud(self) -> bool:
        return self.silenced is None and not self.inhibited_by


def key(rule: str, labels: Labels) -> str:
    """ "job-failures{type=fuse}"; the rule's own id where it has one instance."""
    return f"{rule}{{{','.join(f'{name}={value}' for name, value in labels)}}}" if labels else rule


@dataclass(frozen=True, slots=True)
class Alerts:
    by_key: Mapping[str, Alert] = field(default_factory=lambda: MappingProxyType({}))

    def __iter__(self) -> Iterator[Alert]:
        """Silent sources, then the rules in the profile's order."""
        return iter(self.by_key.values())

    def get(self, key: str) -> Alert | None:
        return self.by_key.get(key)

    def of(self, rule: str) -> tuple[Alert, ...]:
        """Every instance of a rule."""
        return tuple(alert for alert in self if alert.rule == rule)

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The worst first, and of equals the oldest."""
        return tuple(sorted(self._in("firing"), key=lambda alert: (alert.severity, alert.since)))

    @property
    def loud(self) -> tuple[Alert, ...]:
        """What fires and somebody is to hear of: neither silenced nor a consequence of something else."""
        return tuple(alert for alert in self.firing if alert.loud)

    @property
    def pending(self) -> tuple[Alert, ...]:
        return self._in("pending")

    @property
    def unknown(self) -> tuple[Alert, ...]:
        return self._in("unknown")

    def _in(self, state: State) -> tuple[Alert, ...]:
        return tuple(alert for alert in self if alert.state == state)
