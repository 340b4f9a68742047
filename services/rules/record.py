"""The past of the figures that rules name: as long as the rules look back, in a bounded place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from services.figures import figure, instances, text
from services.readings import AtLeast, Figure, Reading, number
from services.rules.series import Series, Shelf
from services.rules.spells import Spells

if TYPE_CHECKING:
    from services.profile import AnyRule

LIMIT = 1_000  # series
MINUTE_S = 60.0


class Record:
    def __init__(self, rules: Iterable[AnyRule]) -> None:
        self._wanted: dict[str, dict[str, float]] = {}  # source -> path, perhaps with `*` -> seconds
        self._shelf = Shelf(LIMIT)
        self._spells: dict[tuple[str, str], Spells] = {}
        for rule in rules:
            wanted = self._wanted.setdefault(rule.source, {})
            for path, seconds in rule.recorded.items():
                wanted[path] = max(seconds, wanted.get(path, 0.0))

    def take(self, reading: Reading) -> Mapping[str, float | None]:
        """What it recorded as numbers. What is unknown, or gone, is a gap."""
        found = self._found(reading)
        for path, series in self._shelf.of(reading.source).items():
            if path not in found:
                series.append(reading.mono, None, 0.0)
        for path, (value, keep_s) in found.items():
            if isinstance(value, str):
                self._take_text(reading, path, value, keep_s)
            elif kept := self._shelf.make(reading.source, path, keep_s):
                holds_s = max(2 * reading.interval_s, 3.0)  # as long as the reading is fresh
                kept.append(reading.mono, number(value), holds_s, isinstance(value, AtLeast))
        return {path: series.last() for path, series in self._shelf.of(reading.source).items()}

    def restore(self, source: str, path: str, mono: float, value: float | None) -> None:
        """A minute says no more than its mean."""
        wanted = self._wanted.get(source)
        if wanted and (series := self._shelf.make(source, path, max(wanted.values()))):
            series.append(mono, value, 1.5 * MINUTE_S)

    def series(self, source: str, path: str) -> Series | None:
        return self._shelf.get(source, path)

    def spells(self, source: str, path: str) -> Spells | None:
        return self._spells.get((source, path))

    def _found(self, reading: Reading) -> dict[str, tuple[Figure | str, float]]:
        found: dict[str, tuple[Figure | str, float]] = {}
        if reading.values is None:
            return found
        for pattern, seconds in self._wanted.get(reading.source, {}).items():
            for instance in instances(reading.values, pattern):
                words = text(reading.values, instance.path)
                value = figure(reading.values, instance.path) if words is None else words
                before = found.get(instance.path)  # by another rule's pattern
                found[instance.path] = (value, max(seconds, before[1] if before else 0.0))
        return found

    def _take_text(self, reading: Reading, path: str, words: str, keep_s: float) -> None:
        key = (reading.source, path)
        if key in self._spells or len(self._spells) < LIMIT:
            self._spells.setdefault(key, Spells(keep_s)).append(reading.mono, words)
