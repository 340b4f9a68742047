"""The store of recent scrapes, and what rules and panes ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from services.metrics.histogram import Observed, counts
from services.metrics.match import required
from services.metrics.measure import NO_EVENTS, Measure, measured
from services.metrics.scrapes import NOTHING, Groups, Scrapes, Series, Window
from services.readings import NO_DATA_YET, Figure, Reading, Unknown, number
from services.readings.metrics import MetricsValues

if TYPE_CHECKING:
    from services.metrics.selector import Selector

HORIZON_S = 21_600.0


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
        found = self._increases(source, selector, window_s, now_mono, by)
        if isinstance(found, Unknown):
            return (measured((), found, NOTHING),)
        return found or (measured((), _no_match(selector), NOTHING),)

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
        counted = self._increases(source, bad, window_s, now_mono, by)
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
        return tuple(each.quantile(q) for each in self.observed(source, selector, window_s, now_mono, by))

    def share_above(
        self, source: str, selector: Selector, edge: float, window_s: float, now_mono: float, by: Sequence[str] = ()
    ) -> tuple[Measure, ...]:
        """The exact share of observations above `edge`, which has to be the upper bound of a bucket."""
        return tuple(each.share_above(edge) for each in self.observed(source, selector, window_s, now_mono, by))

    def observed(
        self, source: str, selector: Selector, window_s: float, now_mono: float, by: Sequence[str] = ()
    ) -> tuple[Observed, ...]:
        """What both are made of: for who wants several quantiles."""
        asked = self._ask(source, selector.buckets(), window_s, now_mono, by)
        if isinstance(asked, Unknown):
            return (Observed((), asked, NOTHING),)
        window, groups = asked
        found = tuple(Observed(labels, counts(group, window), window) for labels, group in groups.items())
        return found or (Observed((), _no_match(selector), NOTHING),)

    def _increases(
        self, source: str, selector: Selector, window_s: float, now: float, by: Sequence[str]
    ) -> tuple[Measure, ...] | Unknown:
        """Empty when there is nothing that would make a group: nothing that matches has been counted yet."""
        asked = self._ask(source, selector, window_s, now, by)
        if isinstance(asked, Unknown):
            return asked
        window, groups = asked
        return tuple(measured(labels, _grown(group, window), window) for labels, group in groups.items())

    def _ask(
        self, source: str, selector: Selector, window_s: float, now: float, by: Sequence[str]
    ) -> tuple[Window, Groups] | Unknown:
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
        groups = scrapes.groups(selector.metric, selector.match, by, window.since)
        return window, groups or ({} if by else {(): []})


def _no_match(selector: Selector) -> Unknown:
    return Unknown("no data yet", f"{selector.metric} has no series that match")


def _grown(group: list[Series], window: Window) -> Figure:
    if odd := next((series for series in group if not series.finite), None):
        return Unknown("failed", f"a series of {odd.name} is no number")
    return sum(series.totals[window.last] - series.totals[window.first] for series in group)


def _over(value: Figure, seconds: float) -> Figure:
    counted = number(value)
    return value if counted is None else counted / seconds


def _share(bad: Figure, every: Figure) -> Figure:
    for figure in (every, bad):
        if isinstance(figure, Unknown):
            return figure
    part, whole = number(bad), number(every)
    return NO_EVENTS if not whole or part is None else part / whole
