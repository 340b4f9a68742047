"""How soon a source is asked again: its interval, backed off while it fails, stretched while it is slow."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median_low

# Counted from the start of the failed fetch: with a fetch of 2 s a source is fresh within 10 s of its return.
BACKOFF_CAP_S = 8.0
SHARE = 0.05  # of the wall time a source may spend being fetched
THROTTLE_CAP_S = 30.0  # a source in trouble is slow as well, and must still be watched
MIN_PAUSE_S = 0.25
ENOUGH = 3  # fetches before a source is called slow: the first one connects and imports its driver


@dataclass(frozen=True, slots=True)
class Beat:
    """After one poll: how long to wait, the interval to tell the operator, and the reason if it is not his."""

    pause_s: float
    interval_s: float
    note: str = ""


class Pace:
    """One source's rhythm. `factor` is the operator's: 2 is half as often."""

    def __init__(self, interval_s: float) -> None:
        self.factor = 1.0
        self._configured = interval_s
        self._failures = 0
        self._took: deque[float] = deque(maxlen=5)

    def after_failure(self, took_s: float) -> Beat:
        """1x, 2x, 4x the interval up to the cap, which also shortens a longer interval: the return must be noticed."""
        doubled = self._base * 2 ** min(self._failures, 10)
        self._failures += 1
        pause = max(min(doubled, BACKOFF_CAP_S) - took_s, MIN_PAUSE_S)
        return Beat(pause, pause)

    def after_success(self, took_s: float) -> Beat:
        self._failures = 0
        self._took.append(took_s)
        interval, note = self._base, ""
        typical = median_low(self._took)
        if len(self._took) >= ENOUGH and typical > SHARE * interval:
            interval = max(interval, min(math.ceil(typical / SHARE), THROTTLE_CAP_S))
        if interval > self._base:
            note = f"polled every {interval:.0f} s: a fetch takes {typical:.1g} s"
        return Beat(max(interval - took_s, MIN_PAUSE_S), interval, note)

    @property
    def _base(self) -> float:
        return self._configured * self.factor
