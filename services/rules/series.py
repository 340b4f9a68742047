"""What one figure was, by the monotonic clock: every poll of as long as the rules look back."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mean:
    """Of the last `seconds`, over what was observed of them."""

    seconds: float
    seen_s: float
    value: float | None

    @property
    def coverage(self) -> float:
        return min(1.0, self.seen_s / self.seconds)


@dataclass(frozen=True, slots=True)
class Window:
    """The points of the last `mean.seconds` up to `end`."""

    end: float
    mean: Mean
    at: array[float]  # monotonic seconds
    numbers: array[float]  # not a number where the figure was not known
    capped: bool = False  # a count in it stopped at its cap: the real one may be higher

    @property
    def coverage(self) -> float:
        return self.mean.coverage

    @property
    def seconds(self) -> float:
        return self.mean.seconds

    @property
    def points(self) -> Iterator[tuple[float, float]]:
        """Those that were known."""
        pairs = zip(self.at, self.numbers, strict=True)
        return ((at, value) for at, value in pairs if value == value)

    @property
    def values(self) -> list[float]:
        return [value for _, value in self.points]


class Series:
    """Each point holds until the next, for as long as a reading counts as fresh: longer gaps were not observed."""

    def __init__(self, keep_s: float) -> None:
        self._keep_s = keep_s
        self._at = array("d")
        self._values = array("d")
        self._until = array("d")  # when it stops to hold, if no other comes before
        self._seen = array("d")  # seconds that were observed before it, and the values in them times their seconds:
        self._area = array("d")  # of any window they are a difference
        self._capped_at = -math.inf

    def append(self, at: float, value: float | None, holds_s: float, capped: bool = False) -> None:
        """Points come in the order of time; one that does not is left out."""
        if self._at and at <= self._at[-1]:
            return
        seen, area = self._before(len(self._at), at)
        row = (at, math.nan if value is None else value, at + holds_s, seen, area)
        for column, cell in zip(self._columns(), row, strict=True):
            column.append(cell)
        if capped:
            self._capped_at = at
        if len(self._at) > 64 and self._at[0] < at - 1.25 * self._keep_s:  # seldom, and then a good part
            self._drop(at - self._keep_s)

    def _columns(self) -> tuple[array[float], ...]:
        return self._at, self._values, self._until, self._seen, self._area

    def _drop(self, edge: float) -> None:
        """Keeps one point from before the edge: it says what held there."""
        count = max(0, bisect_right(self._at, edge) - 1)
        for column in self._columns():
            del column[:count]

    def _before(self, count: int, moment: float) -> tuple[float, float]:
        """What was observed until then: by the first `count` points, of which the last may still hold."""
        if not count:
            return (self._seen[0], self._area[0]) if self._seen else (0.0, 0.0)
        seen, area, value = self._seen[count - 1], self._area[count - 1], self._values[count - 1]
        if math.isnan(value):
            return seen, area
        held = max(0.0, min(moment, self._until[count - 1]) - self._at[count - 1])
        return seen + held, area + held * value

    def last(self) -> float | None:
        return None if not self._at or math.isnan(self._values[-1]) else self._values[-1]

    def mean(self, seconds: float, end: float) -> Mean:
        start = end - seconds
        seen, area = self._before(bisect_right(self._at, end), end)
        seen_before, area_before = self._before(bisect_right(self._at, start), start)
        seen_s = seen - seen_before
        return Mean(seconds, seen_s, (area - area_before) / seen_s if seen_s > 0 else None)

    def window(self, seconds: float, end: float) -> Window:
        first, last = bisect_right(self._at, end - seconds), bisect_right(self._at, end)
        capped = self._capped_at > end - seconds
        return Window(end, self.mean(seconds, end), self._at[first:last], self._values[first:last], capped)

    def at(self, mono: float) -> float | None:
        """What it was then; None where it was not observed."""
        n = bisect_right(self._at, mono) - 1
        if n < 0 or math.isnan(self._values[n]) or mono > self._until[n]:
            return None
        return self._values[n]


class Shelf:
    """Series by source and path: so many and no more, for the names in paths come from other people's tables."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._series: dict[str, dict[str, Series]] = {}

    def of(self, source: str) -> Mapping[str, Series]:
        return self._series.get(source, {})

    def get(self, source: str, path: str) -> Series | None:
        return self._series.get(source, {}).get(path)

    def make(self, source: str, path: str, keep_s: float) -> Series | None:
        """The one there is, or a new one; None when there is no room."""
        of_source = self._series.setdefault(source, {})
        if path not in of_source and sum(map(len, self._series.values())) >= self._limit:
            return None
        return of_source.setdefault(path, Series(keep_s))
