"""Rates of counters by the minute, for what rules ask of times for which scrapes are not kept: days, or a restart ago.

Each is a figure with a path of its own: `rate(http_requests_total{status=~5..}){service=shop}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from services.metrics.samples import Samples
from services.readings import Reading, Values, number
from services.readings.metrics import MetricsValues
from services.rules.look import Labels
from services.rules.series import Series, Shelf

if TYPE_CHECKING:
    from services.metrics.selector import Selector
    from services.profile import AnyRule
    from services.profile.rules import Rate

LIMIT = 500  # series
MINUTE_S = 60.0


class Rates:
    def __init__(self, rules: Iterable[AnyRule]) -> None:
        self._wanted: dict[str, list[Rate]] = {}
        self._told_at: dict[str, float] = {}  # by source: until when rates are recorded
        self._shelf = Shelf(LIMIT)
        for rule in sorted(rules, key=lambda rule: -max((rate.keep_s for rate in rule.rates), default=0.0)):
            self._wanted.setdefault(rule.source, []).extend(rule.rates)  # the one that is kept longest makes the series

    def take(self, reading: Reading, samples: Samples) -> Mapping[str, float | None]:
        """The rates of the last minute, as they stand; unknown where the reading is a failure."""
        wanted, every = self._wanted.get(reading.source), self._shelf.of(reading.source)
        if not isinstance(reading.values, MetricsValues):
            return dict.fromkeys(every)
        seconds = reading.mono - self._told_at.setdefault(reading.source, reading.mono)
        if wanted and seconds >= MINUTE_S:
            self._told_at[reading.source] = reading.mono
            told = {path for rate in wanted for path in self._tell(rate, reading, samples, seconds)}
            for path in every.keys() - told:
                every[path].append(reading.mono, None, 0.0)
        return {path: series.last() for path, series in self._shelf.of(reading.source).items()}

    def _tell(self, rate: Rate, reading: Reading, samples: Samples, seconds: float) -> Iterator[str]:
        holds_s = max(1.5 * MINUTE_S, 2 * reading.interval_s)
        for each in samples.rate(reading.source, rate.selector, seconds, reading.mono, rate.by):
            name = path(rate.selector, each.labels)
            lacks_labels = rate.by and not each.labels  # it only says that there is no group
            if not lacks_labels and (series := self._shelf.make(reading.source, name, rate.keep_s)):
                series.append(reading.mono, number(each.value), holds_s)
                yield name

    def restore(self, source: str, path: str, mono: float, value: float | None) -> None:
        wanted = self._wanted.get(source)
        if wanted and (series := self._shelf.make(source, path, max(rate.keep_s for rate in wanted))):
            series.append(mono, value, 1.5 * MINUTE_S)

    def series(self, source: str, path: str) -> Series | None:
        return self._shelf.get(source, path)


def path(selector: Selector, labels: Labels) -> str:
    chosen = ",".join(f"{label}={text}" for label, text in sorted(selector.match.items()))
    told = ",".join(f"{label}={value}" for label, value in labels)
    name = f"{selector.metric}{{{chosen}}}" if chosen else selector.metric
    return f"rate({name}){{{told}}}" if told else f"rate({name})"


def is_path(path: str) -> bool:
    """Whether a figure of this path is a rate."""
    return path.startswith("rate(")


def no_counter(values: Values | None, *selectors: Selector) -> str:
    """Which of the metrics goes up and down, as its page says, and so has no rate; empty when none does."""
    wanted = {selector.metric for selector in selectors}
    families = values.families if isinstance(values, MetricsValues) else ()
    gauges = (family.name for family in families if family.name in wanted and family.kind == "gauge")
    return next((f"{name} is a gauge: it has no rate, so this never fires" for name in gauges), "")
