"""What rules may look at: the latest of every source, and of the figures that rules name, what they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from services.figures import Instance, figure, instances, text
from services.history import History
from services.readings import NO_DATA_YET, AtLeast, Figure, Reading, Snapshot, SourceState, Values, number
from services.rules.series import Series, Window
from services.rules.spells import Spell, Spells

if TYPE_CHECKING:
    from services.profile import AnyRule

LIMIT = 1_000  # series; the names in them come from other people's tables
MINUTE_S = 60.0


class Span(NamedTuple):
    """One minute or one hour of one figure, as the store keeps it: its mean."""

    source: str
    path: str
    at: float  # unix seconds: its beginning
    value: float | None


class Past:
    """Fed with every reading; rules only read it. Durations are by the monotonic clock throughout."""

    def __init__(self, rules: Mapping[str, AnyRule] | None = None, snapshot: Snapshot | None = None) -> None:
        self.history = History()
        self.snapshot = snapshot or Snapshot()
        self.mono = 0.0
        self.wall = 0.0
        self._wanted: dict[str, dict[str, float]] = {}  # source -> path, perhaps with `*` -> seconds
        self._series: dict[str, dict[str, Series]] = {}
        self._spells: dict[str, dict[str, Spells]] = {}
        for rule in (rules or {}).values():
            wanted = self._wanted.setdefault(rule.source, {})
            for path, seconds in rule.recorded.items():
                wanted[path] = max(seconds, wanted.get(path, 0.0))

    @classmethod
    def awaiting(cls, intervals: Mapping[str, float], rules: Mapping[str, AnyRule] | None = None) -> Past:
        """Before the first poll."""
        return cls(rules, Snapshot.awaiting(intervals))

    # -- what comes in -----------------------------------------------------------------------------------------------

    def take(self, reading: Reading) -> Mapping[str, float | None]:
        """What is recorded of the reading, for rules and for panes: what is worth keeping over a restart."""
        self.at(reading.mono, reading.at)
        self.snapshot = self.snapshot.with_reading(reading)
        shown = self.history.append(reading)
        found = _recorded(reading.values, self._wanted.get(reading.source, {}))
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
        return {**shown, **{path: points.last() for path, points in series.items()}}

    def _take_text(self, reading: Reading, path: str, words: str, keep_s: float) -> None:
        spells = self._spells.setdefault(reading.source, {})
        if path in spells or self._has_room():
            spells.setdefault(path, Spells(keep_s)).append(reading.mono, words)

    def at(self, mono: float, wall: float) -> None:
        """The moment at which rules are judged; it never goes back."""
        if mono >= self.mono:
            self.mono, self.wall = mono, wall

    def restore(self, minutes: Iterable[Span], hours: Iterable[Span] = ()) -> None:
        """What was kept over a restart, oldest first, before the first reading and after `at`."""
        wanted = {source: max(of.values(), default=0.0) for source, of in self._wanted.items()}
        for source, path, at, value in minutes:
            self.history.restore(source, path, at, value)
            mono, keep_s = self.mono - (self.wall - at), wanted.get(source, 0.0)
            if keep_s and mono <= self.mono and (path in self._series.get(source, {}) or self._has_room()):
                series = self._series.setdefault(source, {}).setdefault(path, Series(keep_s))
                series.append(mono, value, 1.5 * MINUTE_S)

    def _has_room(self) -> bool:
        return sum(map(len, self._series.values())) + sum(map(len, self._spells.values())) < LIMIT

    # -- what rules look at ------------------------------------------------------------------------------------------

    def state(self, source: str) -> SourceState | None:
        return self.snapshot.get(source)

    def silence(self, source: str) -> str:
        """Why nothing can be said of a source now; empty when it answers."""
        state = self.state(source)
        if state is None:
            return f"source {source} is not being polled"
        fault = state.failed.fault if state.failed else None
        if state.good is None:
            return f"{source}: {fault.message if fault else NO_DATA_YET}"
        if state.status(self.mono) != "fresh":
            return f"{source} is stale: {fault.message if fault else 'no answer for twice its interval'}"
        return ""

    def seen(self, source: str) -> float:
        """When it last answered, by the monotonic clock. Windows end there: the same reading is judged the same."""
        state = self.state(source)
        return state.good.mono if state and state.good else 0.0

    def values(self, source: str) -> Values | None:
        state = self.state(source)
        return state.good.values if state and state.good else None

    def figure(self, source: str, path: str) -> Figure:
        values = self.values(source)
        return NO_DATA_YET if values is None else figure(values, path)

    def text(self, source: str, path: str) -> str | None:
        return text(self.values(source), path)

    def instances(self, source: str, path: str) -> tuple[Instance, ...]:
        """What `*` in the path stands for now."""
        return instances(self.values(source), path)

    def window(self, source: str, path: str, seconds: float) -> Window:
        series = self._series.get(source, {}).get(path)
        end = self.seen(source)
        return series.window(seconds, end) if series else Window((), end, seconds, 0.0)

    def spells(self, source: str, path: str, seconds: float) -> tuple[Spell, ...]:
        spells = self._spells.get(source, {}).get(path)
        return spells.window(seconds, self.seen(source)) if spells else ()

    def then(self, source: str, path: str, seconds: float) -> float | None:
        """What the figure was so long ago; None where that was not seen."""
        series = self._series.get(source, {}).get(path)
        return series.at(self.seen(source) - seconds) if series else None


def _recorded(values: Values | None, wanted: Mapping[str, float]) -> dict[str, tuple[Figure | str, float]]:
    if values is None:
        return {}
    found: dict[str, tuple[Figure | str, float]] = {}
    for pattern, seconds in wanted.items():
        for instance in instances(values, pattern):
            words = text(values, instance.path)
            value = figure(values, instance.path) if words is None else words
            found[instance.path] = (value, max(seconds, found.get(instance.path, ("", 0.0))[1]))
    return found
