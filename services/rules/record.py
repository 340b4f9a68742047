"""The past of the figures and rates that rules name: as long as the rules look back, in a bounded place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from services.figures import figure, instances, text
from services.metrics.samples import Samples
from services.readings import AtLeast, Figure, Reading, number
from services.rules import rates
from services.rules.series import Series
from services.rules.spells import Spells

if TYPE_CHECKING:
    from services.profile import AnyRule
    from services.profile.rules import Rate

LIMIT = 1_000  # series; the names in them come from other people's tables
MINUTE_S = 60.0


class Record:
    def __init__(self, rules: Iterable[AnyRule]) -> None:
        self._figures: dict[str, dict[str, float]] = {}  # source -> path, perhaps with `*` -> seconds
        self._rates: dict[str, list[Rate]] = {}
        self._before: dict[str, float] = {}  # source -> when it was last read
        self._series: dict[str, dict[str, Series]] = {}
        self._spells: dict[str, dict[str, Spells]] = {}
        for rule in rules:
            wanted = self._figures.setdefault(rule.source, {})
            for path, seconds in rule.recorded.items():
                wanted[path] = max(seconds, wanted.get(path, 0.0))
            self._rates.setdefault(rule.source, []).extend(rule.rates)

    def take(self, reading: Reading, samples: Samples) -> Mapping[str, float | None]:
        """What it recorded as numbers. What is unknown, or gone, is a gap."""
        found = self._found(reading, samples)
        series = self._series.setdefault(reading.source, {})
        for path in series.keys() - found.keys():
            series[path].append(reading.mono, None, 0.0)
        for path, (value, keep_s) in found.items():
            if isinstance(value, str):
                self._take_text(reading, path, value, keep_s)
            elif path in series or self._has_room():
                holds_s = max(2 * reading.interval_s, 3.0)  # as long as the reading is fresh
                points = series.setdefault(path, Series(keep_s))
                points.append(reading.mono, number(value), holds_s, isinstance(value, AtLeast))
        return {path: points.last() for path, points in series.items()}

    def restore(self, source: str, path: str, mono: float, value: float | None) -> None:
        """A minute says no more than its mean."""
        every = (*self._figures.get(source, {}).values(), *(rate.keep_s for rate in self._rates.get(source, ())))
        of_source = self._series.setdefault(source, {})
        if every and (path in of_source or self._has_room()):
            of_source.setdefault(path, Series(max(every))).append(mono, value, 1.5 * MINUTE_S)

    def series(self, source: str, path: str) -> Series | None:
        return self._series.get(source, {}).get(path)

    def spells(self, source: str, path: str) -> Spells | None:
        return self._spells.get(source, {}).get(path)

    def _found(self, reading: Reading, samples: Samples) -> dict[str, tuple[Figure | str, float]]:
        found: dict[str, tuple[Figure | str, float]] = {}
        if reading.values is None:
            return found
        for pattern, seconds in self._figures.get(reading.source, {}).items():
            for instance in instances(reading.values, pattern):
                words = text(reading.values, instance.path)
                value = figure(reading.values, instance.path) if words is None else words
                found[instance.path] = (value, seconds)
        since = reading.mono - self._before.get(reading.source, reading.mono)
        for rate in self._rates.get(reading.source, ()) if since else ():
            told = rates.newest(rate, samples, reading.source, since, reading.mono)
            found |= {path: (value, rate.keep_s) for path, value in told.items()}
        self._before[reading.source] = reading.mono
        return found

    def _take_text(self, reading: Reading, path: str, words: str, keep_s: float) -> None:
        spells = self._spells.setdefault(reading.source, {})
        if path in spells or self._has_room():
            spells.setdefault(path, Spells(keep_s)).append(reading.mono, words)

    def _has_room(self) -> bool:
        return sum(map(len, self._series.values())) + sum(map(len, self._spells.values())) < LIMIT
