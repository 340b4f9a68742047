"""The recent scrapes of one source, as totals that only grow.

A counter starts again at zero with its process. So what is kept of a series is not the counter but how much it has
grown since it was first seen, resets taken out at once. The growth over any window is then a difference, and points
may be left out without a reset going with them. All series share the times of the scrapes: eight bytes a point.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from services.metrics.match import matcher
from services.readings import Unknown
from services.readings.metrics import Labels, MetricFamily, MetricSample, MetricsValues

FINE_S = 900.0  # every scrape is kept for this long, and then
STEP_S = 60.0  # one in this time
LIMIT = 20_000  # series: labels are written by somebody else
OVERHANG = 0.25  # how much older than the window, in windows, the scrape may be that it is measured from
_CLOCK_S = 1.0  # a start time is made of two clocks, and moves when one of them is set


@dataclass(slots=True, eq=False)
class Series:
    name: str
    labels: Labels
    totals: array[float]  # one for each scrape: 0 until it was first seen, unchanged where it was missing
    last: float | None = None  # the counter itself
    lives: int = 0  # how many restarts of the process `last` is after
    seen: float = -math.inf  # monotonic time of the newest scrape it was in
    finite: bool = True  # whether it was a number there
    bucket: tuple[Labels, float | None] | None = None  # of a histogram: which one, and up to where

    def take(self, value: float, lives: int) -> None:
        self.finite = math.isfinite(value)
        if not self.finite:
            return
        if self.last is not None:
            again = value < self.last or lives != self.lives
            self.totals[-1] += max(value if again else value - self.last, 0.0)
        self.last, self.lives = value, lives


Groups: TypeAlias = dict[Labels, list[Series]]
Question: TypeAlias = tuple[str, Labels, tuple[str, ...]]  # metric, match and by


@dataclass(frozen=True, slots=True)
class Window:
    """Two of the scrapes: what lies between them is observed."""

    first: int
    last: int
    since: float  # monotonic time of the first
    seconds: float
    coverage: float

    @property
    def scrapes(self) -> int:
        return self.last - self.first + 1


NOTHING = Window(0, -1, 0.0, 0.0, 0.0)  # for answers that rest on no scrape


@dataclass(slots=True)
class Scrapes:
    horizon_s: float
    limit: int = LIMIT
    at: array[float] = field(default_factory=lambda: array("d"))  # monotonic
    families: dict[str, MetricFamily] = field(default_factory=dict)  # on the newest page
    _series: dict[tuple[str, Labels], Series] = field(default_factory=dict)
    _named: dict[str, list[Series]] = field(default_factory=dict)
    _groups: dict[Question, Groups] = field(default_factory=dict)  # as long as no series comes or goes
    _coarse: int = 0  # how many of the first scrapes have been thinned out
    _started_at: float | None = None
    _lives: int = 0
    _spoiled: tuple[float, str] | None = None  # no window may span this moment, and why

    # -- what comes in -----------------------------------------------------------------------------------------------

    def append(self, values: MetricsValues, mono: float) -> None:
        if self.at and mono <= self.at[-1]:
            return  # told already
        self._note_start(values.started_at, mono)
        self.at.append(mono)
        self.families = {family.name: family for family in values.families}
        for series in self._series.values():
            series.totals.append(series.totals[-1])
        for sample in values.samples:
            if (found := self._of(sample, mono)) and found.seen != mono:  # the first, if it stands there twice
                found.seen = mono
                found.take(sample.value, self._lives)
        self._thin(mono)

    def _note_start(self, started_at: float | None, mono: float) -> None:
        before, self._started_at = self._started_at, started_at if started_at is not None else self._started_at
        if before is None or started_at is None or abs(started_at - before) <= _CLOCK_S:
            return
        self._lives += 1
        if started_at < before:  # no restart does that
            self._spoiled = (mono, "several processes answer at this address in turn: scrape each by its own")

    def _of(self, sample: MetricSample, mono: float) -> Series | None:
        key = (sample.name, sample.labels)
        if (found := self._series.get(key)) is not None:
            return found
        if len(self._series) >= self.limit:
            self._spoiled = (mono, f"more than {self.limit:,} series are asked for: name fewer labels")
            return None
        # one that was not there at the first scrape has counted from zero since then
        before = None if len(self.at) == 1 else 0.0
        series = Series(*key, array("d", bytes(8 * len(self.at))), before, self._lives)
        self._series[key] = series
        self._named.setdefault(sample.name, []).append(series)
        self._groups.clear()
        return series

    # -- what is let go ----------------------------------------------------------------------------------------------

    def _thin(self, mono: float) -> None:
        while self._coarse < len(self.at) and self.at[self._coarse] < mono - FINE_S - STEP_S:
            end = bisect_right(self.at, self.at[self._coarse] + STEP_S - 1e-9, self._coarse)
            self._forget(self._coarse, end - 1)  # the newest of that minute stays
            self._coarse += 1
        # the newest scrape before the horizon stays too: windows are measured from it
        if (old := bisect_right(self.at, mono - self.horizon_s) - 1) > 0:
            self._forget(0, old)
            self._coarse = max(0, self._coarse - old)
            self._bury()

    def _forget(self, start: int, end: int) -> None:
        if start < end:
            del self.at[start:end]
            for series in self._series.values():
                del series.totals[start:end]

    def _bury(self) -> None:
        """The series that no scrape has had since."""
        for key in [key for key, series in self._series.items() if series.seen < self.at[0]]:
            series = self._series.pop(key)
            self._named[series.name].remove(series)
            self._groups.clear()

    # -- what is asked -----------------------------------------------------------------------------------------------

    def window(self, seconds: float, now: float) -> Window | Unknown:
        """From the last scrape before it, if that is near, to the newest scrape in it."""
        last = bisect_right(self.at, now) - 1
        first = bisect_right(self.at, now - seconds) - 1
        if first < 0 or self.at[first] < now - (1 + OVERHANG) * seconds:
            first += 1
        if last <= first:
            there = "one scrape" if last == first else "no scrape"
            return Unknown("no data yet", f"{there} in the window; it takes two")
        since, until = self.at[first], self.at[last]
        if self._spoiled and since < self._spoiled[0] <= until:
            return Unknown("failed", self._spoiled[1])
        return Window(first, last, since, until - since, (until - max(since, now - seconds)) / seconds)

    def groups(self, name: str, match: Mapping[str, str], by: Sequence[str], since: float) -> Groups:
        """The series of this name and match that were in a scrape at or after `since`, by the values of labels."""
        question = (name, tuple(match.items()), tuple(by))
        if (every := self._groups.get(question)) is None:
            every = self._groups[question] = self._grouped(name, match, by)
        found = {labels: [one for one in group if one.seen >= since] for labels, group in every.items()}
        return {labels: group for labels, group in found.items() if group}

    def _grouped(self, name: str, match: Mapping[str, str], by: Sequence[str]) -> Groups:
        fits = matcher(match)
        found: Groups = {}
        for series in self._named.get(name, ()):
            if fits(series.labels):
                having = dict(series.labels)
                found.setdefault(tuple((label, having.get(label, "")) for label in by), []).append(series)
        return found
