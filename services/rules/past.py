"""What rules may look at: the latest of every source, and what those figures were that rules name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from services.figures import Instance, figure, instances, text
from services.history import History
from services.metrics.endpoints import endpoints
from services.metrics.samples import Samples
from services.readings import NO_DATA_YET, EndpointsFigures, Figure, Reading, Snapshot, SourceState, Values, number
from services.rules.rates import Rates, is_path
from services.rules.record import Record
from services.rules.series import Mean, Series, Window
from services.rules.spells import Spell
from services.rules.usual import Hours, Usual

if TYPE_CHECKING:
    from services.profile import AnyRule, EndpointMetrics

ENDPOINTS_S = 300.0  # what an endpoint's figures cover
PLOTTED = ("per_second", "share_4xx", "share_5xx", "p50_s", "p95_s", "p99_s")


class Span(NamedTuple):
    """One minute or one hour of one figure, as the store keeps it: its mean."""

    source: str
    path: str
    at: float  # unix seconds: its beginning
    value: float | None


class Past:
    """Fed with every reading; rules only read it. Durations are by the monotonic clock throughout."""

    def __init__(
        self,
        rules: Mapping[str, AnyRule] | None = None,
        snapshot: Snapshot | None = None,
        http: Mapping[str, EndpointMetrics] | None = None,
    ) -> None:
        self.history = History()
        self.endpoints: Mapping[str, EndpointsFigures] = {}  # by source, as the last scrape left them
        self._http = http or {}
        self.samples = Samples()
        self.snapshot = snapshot or Snapshot()
        self.mono = 0.0
        self.wall = 0.0
        self._record = Record((rules or {}).values())
        self._rates = Rates((rules or {}).values())
        self._hours: dict[tuple[str, str], Hours] = {}

    @classmethod
    def awaiting(
        cls,
        intervals: Mapping[str, float],
        rules: Mapping[str, AnyRule] | None = None,
        http: Mapping[str, EndpointMetrics] | None = None,
    ) -> Past:
        """Before the first poll. `http` says which metrics count an API's requests, by source."""
        return cls(rules, Snapshot.awaiting(intervals), http)

    # -- what comes in -----------------------------------------------------------------------------------------------

    def take(self, reading: Reading) -> Mapping[str, float | None]:
        """What is recorded of the reading, for rules and for panes: what is worth keeping over a restart."""
        self.at(reading.mono, reading.at)
        self.snapshot = self.snapshot.with_reading(reading)
        self.samples.append(reading)
        counted = self._count_requests(reading)
        rates = self._rates.take(reading, self.samples)
        return {**self.history.append(reading, counted), **self._record.take(reading), **rates}

    def _count_requests(self, reading: Reading) -> Mapping[str, float | None]:
        """What an API's counters say of all its endpoints together, for the plots."""
        metrics = self._http.get(reading.source)
        if metrics is None or reading.values is None:
            return {}
        found = endpoints(self.samples, reading.source, metrics, ENDPOINTS_S, reading.mono)
        self.endpoints = {**self.endpoints, reading.source: found}  # a frozen screen keeps the one it has
        return {f"requests.{name}": number(getattr(found.total, name)) for name in PLOTTED}

    def at(self, mono: float, wall: float) -> None:
        """The moment at which rules are judged; it never goes back."""
        if mono >= self.mono:
            self.mono, self.wall = mono, wall

    def restore(self, minutes: Iterable[Span], hours: Iterable[Span] = ()) -> None:
        """What was kept over a restart, figure by figure, oldest first, before the first reading and after `at`."""
        for (source, path), run in groupby(minutes, itemgetter(0, 1)):
            points = tuple(run)
            self.history.restore(source, path, map(itemgetter(2), points), map(itemgetter(3), points))
            kept = self._rates if is_path(path) else self._record
            for _, _, at, value in points:
                if at <= self.wall:
                    kept.restore(source, path, self.mono - (self.wall - at), value)
        self.learn(hours)

    def learn(self, hours: Iterable[Span]) -> None:
        """Hours that are over, without those that say nothing about what is usual."""
        for source, path, at, value in hours:
            if value is not None:
                self._hours.setdefault((source, path), Hours()).add(at, value)

    # -- what rules look at ------------------------------------------------------------------------------------------

    def state(self, source: str) -> SourceState | None:
        return self.snapshot.get(source)

    def silence(self, source: str) -> str:
        """Why nothing can be said of a source now; empty when it answers."""
        return self.snapshot.silence(source, self.mono)

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
        """What the figure was in the last seconds, up to the newest reading."""
        series, end = self._record.series(source, path), self.seen(source)
        return (series or Series(seconds)).window(seconds, end)

    def rate(self, source: str, path: str, seconds: float) -> Mean:
        """Of a counter, as it was recorded by the minute."""
        return (self._rates.series(source, path) or Series(seconds)).mean(seconds, self.seen(source))

    def then(self, source: str, path: str, seconds: float) -> float | None:
        """What the figure was so long ago; None where that was not seen."""
        series = self._record.series(source, path)
        return series.at(self.seen(source) - seconds) if series else None

    def spells(self, source: str, path: str, seconds: float) -> tuple[Spell, ...]:
        spells = self._record.spells(source, path)
        return spells.window(seconds, self.seen(source)) if spells else ()

    def usual(self, source: str, path: str) -> Usual:
        """What is usual at this hour of the week."""
        hours = self._hours.get((source, path))
        return hours.usual(self.wall) if hours else Usual(0, None)
