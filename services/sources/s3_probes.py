"""How the last probes of one kind went: the share that failed, and percentiles of how long they took."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from services.clock import Clock
from services.quantile import quantile
from services.readings import NO_DATA_YET, NOT_CONFIGURED, Fault, Figure, Unknown

HOUR_S = 3600.0


class _Probe(NamedTuple):
    at: float  # monotonic
    failed: bool
    took_s: float | None  # what somebody would have waited; None where it failed without a wait


class Probes:
    """Of the last hour. A probe that timed out took at least the timeout: without it a store that hangs looks fast."""

    def __init__(self, clock: Clock, timeout_s: float, window_s: float) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._window_s = window_s
        self._probes: deque[_Probe] = deque()

    def add(self, result: object) -> None:
        """A latency, a fault, or an Unknown where nothing was tried. A missing canary was an answer all the same."""
        now = self._clock.mono()
        if isinstance(result, Fault):
            took = self._timeout_s if result.kind == "timeout" else None
            self._probes.append(_Probe(now, result.kind != "missing", took))
        elif isinstance(result, float):
            self._probes.append(_Probe(now, False, result))
        while self._probes and now - self._probes[0].at > HOUR_S:
            self._probes.popleft()

    def count(self, window_s: float = HOUR_S) -> int:
        return sum(1 for _ in self._since(window_s))

    def failed(self, window_s: float = HOUR_S) -> Figure:
        """The share that did; not configured when none was ever made."""
        found = [probe.failed for probe in self._since(window_s)]
        if found:
            return sum(found) / len(found)
        return NO_DATA_YET if self._probes else NOT_CONFIGURED

    def took(self, share: float) -> Figure:
        """The percentile over the window."""
        found = sorted(self._recent_waits())
        if found:
            return quantile(found, share)
        return Unknown("no data yet", "no probe came back in the window") if self._probes else NOT_CONFIGURED

    def per_second(self, amount: int) -> Figure:
        """How fast `amount` comes in one probe that succeeds, over the window."""
        took = [probe.took_s for probe in self._since(self._window_s) if not probe.failed and probe.took_s]
        return amount * len(took) / sum(took) if amount and took else NO_DATA_YET if self._probes else NOT_CONFIGURED

    def _recent_waits(self) -> Iterator[float]:
        return (probe.took_s for probe in self._since(self._window_s) if probe.took_s is not None)

    def _since(self, window_s: float) -> Iterator[_Probe]:
        begin = self._clock.mono() - window_s
        return (probe for probe in self._probes if probe.at >= begin)
