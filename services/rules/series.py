"""What one figure was, by the monotonic clock: every poll of as long as the rules look back."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from dataclasses import dataclass

Point = tuple[float, float | None]  # monotonic seconds; None where the figure was not known


@dataclass(frozen=True, slots=True)
class Window:
    """The points of the last `seconds` up to `end`."""

    points: tuple[Point, ...]
    end: float
    seconds: float
    seen_s: float  # how much of it was observed
    mean: float | None = None  # over what was observed
    capped: bool = False  # a count in it stopped at its cap: the real one may be higher

    @property
    def coverage(self) -> float:
        return min(1.0, self.seen_s / self.seconds)

    @property
    def values(self) -> list[float]:
        return [value for _, value in self.points if value is not None]


class Series:
    """Each point holds until the next, for as long as a reading counts as fresh: longer gaps were not observed."""

    def __init__(self, keep_s: float) -> None:
        self._keep_s = keep_s
        self._at = array("d")
        self._values = array("d")
        self._holds_s = array("d")
        self._capped_at = -math.inf

    def append(self, at: float, value: float | None, holds_s: float, capped: bool = False) -> None:
        """Points come in the order of time; one that does not is left out."""
        if self._at and at <= self._at[-1]:
            return
        self._at.append(at)
        self._values.append(math.nan if value is None else value)
        self._holds_s.append(holds_s)
        if capped:
            self._capped_at = at
        if len(self._at) > 64 and self._at[0] < at - 1.25 * self._keep_s:  # seldom, and then a good part
            self._drop(at - self._keep_s)

    def _drop(self, edge: float) -> None:
        """Keeps one point from before the edge: it says what held there."""
        count = max(0, bisect_right(self._at, edge) - 1)
        for column in (self._at, self._values, self._holds_s):
            del column[:count]

    def last(self) -> float | None:
        return None if not self._at or math.isnan(self._values[-1]) else self._values[-1]

    def window(self, seconds: float, end: float) -> Window:
        first, last = bisect_right(self._at, end - seconds), bisect_right(self._at, end)
        pairs = zip(self._at[first:last], self._values[first:last], strict=True)
        points = tuple((at, None if math.isnan(value) else value) for at, value in pairs)
        seen, area = self._held(max(0, first - 1), last, end - seconds, end)
        return Window(points, end, seconds, seen, area / seen if seen else None, self._capped_at > end - seconds)

    def _held(self, first: int, last: int, start: float, end: float) -> tuple[float, float]:
        """For how many seconds values held, and the values times their seconds."""
        seen = area = 0.0
        begins, each = self._at[first:last], zip(self._values[first:last], self._holds_s[first:last], strict=True)
        for begin, until, (value, holds_s) in zip(begins, [*begins[1:], end], each, strict=True):
            if value == value:  # it is a number
                held = min(until, begin + holds_s) - max(begin, start)
                if held > 0:
                    seen += held
                    area += held * value
        return seen, area

    def at(self, mono: float) -> float | None:
        """What it was then; None where it was not observed."""
        n = bisect_right(self._at, mono) - 1
        if n < 0 or math.isnan(self._values[n]) or mono > self._at[n] + self._holds_s[n]:
            return None
        return self._values[n]
