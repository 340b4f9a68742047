"""The store of recent scrapes, and what rules and panes ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from services.metrics import histogram
from services.metrics.match import required
from services.metrics.measure import NO_EVENTS, Measure
from services.metrics.scrapes import Scrapes, Series, Window
from services.readings import NO_DATA_YET, Figure, Reading, Unknown, number
from services.readings.metrics import Labels, MetricsValues

if TYPE_CHECKING:
    from services.metrics.selector import Selector

HORIZON_S = 21_600.0
Asked = tuple[Window, dict[Labels, list[Series]]]  # what a question is answered from: the groups of series


class Samples:
    """Fed with every reading; readings that are no scrape, or failed, pass through without a trace.

    Every question takes the name of the source, a window in seconds that ends at `now` (monotonic), and the labels
    `by` which to group. The answer is never empty: without `by` it is one Measure, with `by` one for each group that
    there is, or a single unknown one with no labels when there is none. Unknown comes with its reason: too few
    scrapes, a metric or a label that the page does not have, something that is no number. A metric that is there and
    has no series that match has counted nothing: 0.
    """

    def __init__(self, horizon_s: float = HORIZON_S) -> None:
        self._horizon_s = horizon_s
        self._scrapes: dict[str, Scrapes] = {}

    def append(self, reading: Reading) -> None:
        if isinstance(reading.values, MetricsValues):
            scrapes = self._scrapes.setdefault(reading.source, Scrapes(self._horizon_s))
            scrapes.append(reading.values, reading.mono)

    def increase(
        self, source: str, selector: Selector, window_s: float, now_mono: float, by: Sequence[str] = ()
    ) -> tuple[Measure, ...]:
        """How much the counters grew: each series by itself, resets taken out, and then the sum."""
        return _told(self._each(source, selector, window_s, now_mono, by, _grown), selector)

    def rate(
        self, source: str, selector: Selector, window_s: float, now_mono: float, by: Sequence[str] = ()
    ) -> tuple[Measure, ...]:
        """The same per second."""
        found = self.increase(source, selector, window_s, now_mono, by)
        return tuple(replace(each, value=_over(each.value, each.seconds)) for each in found)

    def ratio(
        self,
        source: str,
        bad: Selector,
        every: Selector,
        window_s: float,
        now_mono: float,
        by: Sequence[str] = (),
    ) -> tuple[Measure, ...]:
        """The increase of `bad` as a share of that of `every`; `events` is the latter. No events: unknown."""
        counted = self._each(source, bad, window_s, now_mono, by, _grown)
        parts = {} if isinstance(counted, Unknown) else {each.labels: each.value for each in counted}
        none: Figure = counted if isinstance(counted, Unknown) else 0
        return tuple(
            replace(each, value=_share(parts.get(each.labels, none), each.value))
            for each in self.increase(source, every, window_s, now_mono, by)
        )

    def quantile(
        self, source: str, selector: Selector, q: float, window_s: float, now_mono: float, by: Sequence[str] = ()
    ) -> tuple[Measure, ...]:
        """Of the histogram named by `selector` (without `_bucket`): the value below which the share `q` lies.

        Interpolated within a bucket; in the last one an AtLeast. Unknown without observations, with mixed layouts of
        buckets, and without +Inf.
        """

        def of(group: list[Series], window: Window) -> tuple[Figure, Figure]:
            return histogram.told(group, window, lambda counts: histogram.quantile(counts, q))

        return _told(self._each(source, selector.buckets(), window_s, now_mono, by, of), selector)

    def share_above(
        self, source: str, selector: Selector, edge: float, window_s: float, now_mono: float, by: Sequence[str] = ()
    ) -> tuple[Measure, ...]:
        """The exact share of observations above `edge`, which has to be the upper bound of a bucket."""

        def of(group: list[Series], window: Window) -> tuple[Figure, Figure]:
            return histogram.told(group, window, lambda counts: histogram.share_above(counts, edge))

        return _told(self._each(source, selector.buckets(), window_s, now_mono, by, of), selector)

    def _each(
        self,
        source: str,
        selector: Selector,
        window_s: float,
        now: float,
        by: Sequence[str],
        of: Callable[[list[Series], Window], tuple[Figure, Figure]],
    ) -> tuple[Measure, ...] | Unknown:
        """What `of` makes of every group, value and events; empty when nothing is counted that would make a group."""
        asked = self._ask(source, selector, window_s, now, by)
        if isinstance(asked, Unknown):
            return asked
        window, groups = asked
        return tuple(
            Measure(labels, *of(group, window), window.coverage, window.scrapes, window.seconds)
            for labels, group in groups.items()
        )

    def _ask(self, source: str, selector: Selector, window_s: float, now: float, by: Sequence[str]) -> Asked | Unknown:
        scrapes = self._scrapes.get(source)
        if scrapes is None:
            return NO_DATA_YET
        window = scrapes.window(window_s, now)
        if isinstance(window, Unknown):
            return window
        family = scrapes.families.get(selector.metric)
        if family is None:
            return Unknown("not recorded", f"{selector.metric} is not on the page of {source}")
        if family.labels and (lacking := [name for name in required(selector.match) if name not in family.labels]):
            return Unknown("not recorded", f"no series of {selector.metric} has a label {lacking[0]}")
        groups: dict[Labels, list[Series]] = {} if by else {(): []}
        for series in scrapes.series(selector.metric, selector.match, window.since):
            having = dict(series.labels)
            groups.setdefault(tuple((name, having.get(name, "")) for name in by), []).append(series)
        return window, groups


def _told(found: tuple[Measure, ...] | Unknown, selector: Selector) -> tuple[Measure, ...]:
    if isinstance(found, Unknown):
        return (Measure.unknown(found),)
    return found or (Measure.unknown(Unknown("no data yet", f"{selector.metric} has no series that match")),)


def _grown(group: list[Series], window: Window) -> tuple[Figure, Figure]:
    if odd := next((series for series in group if not series.finite), None):
        unknown = Unknown("failed", f"a series of {odd.name} is no number")
        return unknown, unknown
    grown = sum(series.totals[window.last] - series.totals[window.first] for series in group)
    return grown, grown


def _over(value: Figure, seconds: float) -> Figure:
    counted = number(value)
    return value if counted is None else counted / seconds


def _share(bad: Figure, every: Figure) -> Figure:
    for figure in (every, bad):
        if isinstance(figure, Unknown):
            return figure
    part, whole = number(bad), number(every)
    return NO_EVENTS if not whole or part is None else part / whole
