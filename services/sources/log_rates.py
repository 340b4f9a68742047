"""How many lines, and errors among them, came in the last minute; unknown while less than a minute can be told of."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from services.clock import Clock
from services.readings import AtLeast, Figure, Unknown
from services.readings.logs import ERRORS
from services.sources.log_line import Read

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class _Came:
    at: float  # by our monotonic clock
    lines: int
    errors: int
    lost: bool  # there were more, which nobody read


class Rates:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None  # from when on nothing was missed
        self._came: deque[_Came] = deque()

    def add(self, read: Sequence[Read], lost: bool) -> None:
        """What came since the last time; at the first time, what stood there already."""
        now = self._clock.mono()
        if self._since is None:
            self._since = now
            self._look_back(read, now)
        elif read or lost:
            self._came.append(_Came(now, len(read), sum(map(_is_error, read)), lost))
        while self._came and self._came[0].at <= now - MINUTE_S:
            self._came.popleft()

    def _look_back(self, read: Sequence[Read], now: float) -> None:
        """Lines that were there before us count by their own time, and tell how far back we see. Without it they do
        not: nobody knows when they came."""
        wall = self._clock.wall()
        ages = [max(0.0, wall - line.at) for line in read if line.at is not None]
        if not ages or len(ages) < len(read):
            return
        self._since = now - max(ages)
        newest = [_Came(now - age, 1, _is_error(line), False) for age, line in zip(ages, read, strict=True)]
        self._came.extend(sorted(newest, key=lambda came: came.at))

    @property
    def lines(self) -> Figure:
        return self._told(sum(came.lines for came in self._came))

    @property
    def errors(self) -> Figure:
        return self._told(sum(came.errors for came in self._came))

    def _told(self, count: int) -> Figure:
        seen = 0.0 if self._since is None else self._clock.mono() - self._since
        if seen < MINUTE_S:
            return Unknown("no data yet", f"followed for {seen:.0f} of 60 s")
        return AtLeast(count) if any(came.lost for came in self._came) else count


def _is_error(line: Read) -> bool:
    return line.level in ERRORS
