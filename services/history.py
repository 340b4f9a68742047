"""What the figures were: bounded series in memory, every poll of the last minutes and one point a minute for a day."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from services import readings
from services.figures import expand, figure
from services.readings import Reading, Values, number

FINE_S = 900.0
COARSE_S = 86_400.0
STEP_S = 60.0  # the distance of the coarse points
LIMIT = 500  # series; the names in them come from other people's tables

RECORDED: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {
        readings.HealthValues: ("failing", "checks.*.latency_s"),
        readings.PostgresValues: (
            *("used", "active", "lock_waiting", "saturation", "idle_in_transaction", "blocked", "long_count"),
            *("oldest_tx_s", "replication.lag_s", "replication.lag_bytes", "replication.missing"),
            *("transactions_per_s", "cache_hit_share", "deadlocks", "temp_bytes", "xid_age", "size_bytes"),
        ),
        readings.StatementsValues: ("slow_count", "calls_per_s", "mean_s", "time_share"),
        readings.TablesValues: ("size_bytes", "total_bytes", "used_share", "dead", "vacuum_needed", "analyze_needed"),
        readings.PoolsValues: ("saturation", "waiting", "maxwait_s", "clients", "queries_per_s", "query_s"),
        readings.QueueValues: (
            *("types.*.waiting", "types.*.running", "types.*.per_minute", "types.*.oldest_wait_s"),
            *("types.*.failure_rate", "total.waiting", "total.running", "total.per_minute", "total.oldest_wait_s"),
            *("total.failure_rate", "total.wait_p95_s", "total.duration_p95_s", "stale_count"),
        ),
        readings.RunsValues: ("by_status.*", "partial_share", "failed_share", "publish_success"),
        readings.StorageValues: (
            *("canary_read_s", "canary_write_s", "read_errors", "write_errors", "recent_read_errors"),
            *("recent_write_errors", "read_p95_s", "write_p95_s", "canary_bytes_per_s", "bytes", "used_share"),
        ),
        readings.BucketValues: ("leftovers", "arrivals.*.age_s", "arrivals.*.bytes"),
        readings.MinioValues: ("used_share", "drives_offline", "nodes_offline"),
        readings.TlsValues: ("soonest_days",),
        readings.NamedValues: ("figures.*",),
        readings.PromqlValues: ("figures.*", "firing"),
        readings.AlertmanagerValues: ("firing", "suppressed"),
        readings.UnitsValues: ("failed", "down", "units.*.restarts", "units.*.memory"),
        readings.LogsValues: ("per_minute", "errors_per_minute"),
        readings.RedisValues: ("ping_s", "used_memory", "connected_clients", "lag_s"),
    }
)

NOTHING: Mapping[str, float | None] = MappingProxyType({})


class _Points:
    """Times and values side by side; a gap is not a number. Sixteen bytes a point."""

    def __init__(self) -> None:
        self.at = array("d")
        self.values = array("d")

    def append(self, at: float, value: float) -> None:
        self.at.append(at)
        self.values.append(value)

    def drop(self, count: int) -> None:
        del self.at[:count]
        del self.values[:count]

    def older_than(self, at: float) -> int:
        """How many of the first points are."""
        return next((n for n, found in enumerate(self.at) if found >= at), len(self.at))

    def told(self) -> tuple[tuple[float, float | None], ...]:
        return tuple((at, None if math.isnan(v) else v) for at, v in zip(self.at, self.values, strict=True))


class _Series:
    """One figure. Fine points that grow old are averaged into coarse ones; a minute without any value is a gap."""

    def __init__(self) -> None:
        self.fine = _Points()
        self.coarse = _Points()
        self._values_in_last = 0

    def append(self, at: float, value: float | None) -> None:
        self.fine.append(at, math.nan if value is None else value)
        if self.fine.at[0] < at - FINE_S - STEP_S:  # a whole minute at a time
            self._fold(at - FINE_S)

    def _fold(self, until: float) -> None:
        count = self.fine.older_than(until)
        for at, value in zip(self.fine.at[:count], self.fine.values[:count], strict=True):
            self._into_coarse(at - at % STEP_S, value)
        self.fine.drop(count)
        self.coarse.drop(self.coarse.older_than(until + FINE_S - COARSE_S))

    def _into_coarse(self, minute: float, value: float) -> None:
        if not self.coarse.at or self.coarse.at[-1] != minute:
            self.coarse.append(minute, math.nan)
            self._values_in_last = 0
        if not math.isnan(value):
            mean = self.coarse.values[-1] if self._values_in_last else 0.0
            self._values_in_last += 1
            self.coarse.values[-1] = mean + (value - mean) / self._values_in_last

    def restore(self, minutes: Iterable[float], values: Iterable[float | None]) -> None:
        if not self.fine.at and not self.coarse.at:
            self.coarse.at.extend(minutes)
            self.coarse.values.extend(math.nan if value is None else value for value in values)
            self._values_in_last = 1

    @property
    def empty(self) -> bool:
        return all(map(math.isnan, self.fine.values)) and all(map(math.isnan, self.coarse.values))


class History:
    """Fed with every reading; asked for one figure of one source at a time."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._series: dict[str, dict[str, _Series]] = {}  # source -> figure path -> points

    def append(self, reading: Reading, more: Mapping[str, float | None] = NOTHING) -> Mapping[str, float | None]:
        """Records the figures of interest and `more`, and returns those that there was room for. What failed, is
        unknown or gone is a gap."""
        of_source = self._series.setdefault(reading.source, {})
        found = {**_figures(reading.values), **more} if reading.values is not None else {}
        for path in of_source.keys() - found.keys():
            of_source[path].append(reading.at, None)
        for path in self._admitted([path for path in found if path not in of_source]):
            of_source[path] = _Series()
        kept = {path: value for path, value in found.items() if path in of_source}
        for path, value in kept.items():
            of_source[path].append(reading.at, value)
        return kept

    def restore(self, source: str, path: str, minutes: Iterable[float], values: Iterable[float | None]) -> None:
        """A figure's minutes as they were kept over a restart, oldest first, before its first reading."""
        of_source = self._series.setdefault(source, {})
        if path in of_source or self._admitted([path]):
            of_source.setdefault(path, _Series()).restore(minutes, values)

    def series(self, source: str, path: str) -> tuple[tuple[float, float | None], ...]:
        """The points, oldest first: unix seconds, and the value or None for a gap."""
        series = self._series.get(source, {}).get(path)
        return () if series is None else series.coarse.told() + series.fine.told()

    def figures(self, source: str) -> tuple[str, ...]:
        return tuple(self._series.get(source, {}))

    def _admitted(self, paths: Sequence[str]) -> Sequence[str]:
        """As many of these as there is room for; what has become empty makes some."""
        if paths and self._count() + len(paths) > self._limit:
            for of_source in self._series.values():
                for path in [path for path, series in of_source.items() if series.empty]:
                    del of_source[path]
        return paths[: max(0, self._limit - self._count())]

    def _count(self) -> int:
        return sum(map(len, self._series.values()))


def _figures(values: Values) -> dict[str, float | None]:
    paths = (path for pattern in RECORDED.get(type(values), ()) for path in expand(values, pattern))
    return {path: number(figure(values, path)) for path in paths}
