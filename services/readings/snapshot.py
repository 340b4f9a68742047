"""Readings, and the snapshot of the latest of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from services.readings.fault import Fault
from services.readings.figure import NO_DATA_YET

if TYPE_CHECKING:
    from services.readings.values import Values


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll of one source brought: values or a fault, never both, never neither.

    `at` is wall-clock unix seconds and `mono` the monotonic clock, both at the end of the fetch.
    """

    source: str
    at: float
    mono: float
    took_s: float
    interval_s: float  # the interval in force after this poll (backed off, throttled or as configured)
    values: Values | None = None
    fault: Fault | None = None
    note: str = ""  # "polled every 8 s: a fetch takes 0.4 s"


@dataclass(frozen=True, slots=True)
class Dated:
    """Values that somebody else has read, when that was (unix seconds), and how far apart his readings are."""

    values: Values
    at: float
    interval_s: float


Status = Literal["loading", "fresh", "stale", "failed", "not configured"]


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source as the screen sees it: the last good reading, and the fault that came after it, if one did."""

    source: str
    interval_s: float
    good: Reading | None = None
    failed: Reading | None = None  # set while the newest reading is a failure
    failures: int = 0  # in a row

    def with_reading(self, reading: Reading) -> SourceState:
        if reading.fault is not None:
            return replace(self, failed=reading, failures=self.failures + 1, interval_s=reading.interval_s)
        return SourceState(self.source, reading.interval_s, reading)

    def age_s(self, mono: float) -> float | None:
        """Seconds since the last good values; None when there never were any."""
        return None if self.good is None else max(0.0, mono - self.good.mono)

    def status(self, mono: float) -> Status:
        """Stale past twice the interval, or as soon as a poll has failed after a good one."""
        if self.good is None:
            return "loading" if self.failed is None else "failed"
        # 3 s of grace: a 1 s interval must not flicker to stale whenever one poll takes a little longer
        return "stale" if self.failed or mono - self.good.mono > max(2 * self.good.interval_s, 3.0) else "fresh"

    def retry_s(self, mono: float) -> float | None:
        """Seconds until the next try of a failing source."""
        return None if self.failed is None else max(0.0, self.failed.mono + self.failed.interval_s - mono)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The latest of everything. The App holds one, and replaces it."""

    states: Mapping[str, SourceState] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def awaiting(cls, intervals: Mapping[str, float]) -> Snapshot:
        """Before the first poll: every configured source is loading."""
        return cls(MappingProxyType({name: SourceState(name, every) for name, every in intervals.items()}))

    def with_reading(self, reading: Reading) -> Snapshot:
        before = self.states.get(reading.source) or SourceState(reading.source, reading.interval_s)
        return Snapshot(MappingProxyType({**self.states, reading.source: before.with_reading(reading)}))

    def __iter__(self) -> Iterator[SourceState]:
        return iter(self.states.values())

    def get(self, source: str) -> SourceState | None:
        return self.states.get(source)

    def silence(self, source: str, mono: float) -> str:
        """Why nothing can be said of a source now; empty when it answers."""
        state = self.states.get(source)
        if state is None:
            return f"source {source} is not being polled"
        fault = state.failed.fault if state.failed else None
        if state.good is None:
            return f"{source}: {fault.message if fault else NO_DATA_YET}"
        if state.status(mono) != "fresh":
            return f"{source} is stale: {fault.message if fault else 'no answer for twice its interval'}"
        return ""
