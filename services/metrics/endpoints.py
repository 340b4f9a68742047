"""What an API's counters say of each of its endpoints over a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.metrics.measure import Measure
from services.metrics.samples import Samples
from services.readings import NO_DATA_YET, NOT_CONFIGURED, EndpointFigures, EndpointsFigures, Figure, number

if TYPE_CHECKING:
    from services.profile import EndpointMetrics

_QUANTILES = (0.5, 0.95, 0.99)
_OF_QUERIES = 0.95


def endpoints(
    samples: Samples, source: str, metrics: EndpointMetrics, window_s: float, now_mono: float
) -> EndpointsFigures:
    """Of the endpoints that are counted on the page of `source`, the busiest first, and of all requests together.

    Where nothing is known of requests there are no endpoints, and the total says why.
    """
    whole = _Asked(samples, source, metrics, window_s, now_mono, ())
    each = _Asked(samples, source, metrics, window_s, now_mono, (metrics.endpoint,))
    found = [each.figures(one) for one in each.requests if one.labels]
    found.sort(key=lambda one: (-(number(one.requests) or 0.0), one.endpoint))
    return EndpointsFigures(tuple(found), whole.figures(whole.requests[0]), window_s, whole.requests[0].coverage)


class _Asked:
    """The answers to every question, for one way of grouping."""

    def __init__(
        self, samples: Samples, source: str, metrics: EndpointMetrics, window_s: float, now: float, by: Sequence[str]
    ) -> None:
        self.requests = samples.rate(source, metrics.counted, window_s, now, by)
        self._shares = [
            _by_labels(samples.ratio(source, metrics.ended(status), metrics.counted, window_s, now, by))
            for status in ("4", "5")
        ]
        observed = samples.observed(source, metrics.timed, window_s, now, by)
        self._quantiles = [_by_labels([each.quantile(q) for each in observed]) for q in _QUANTILES]
        self._queries: dict[tuple[tuple[str, str], ...], Figure] = {(): NOT_CONFIGURED}
        if metrics.queried:
            spent = samples.observed(source, metrics.queried, window_s, now, by)
            self._queries = _by_labels([each.quantile(_OF_QUERIES) for each in spent])

    def figures(self, one: Measure) -> EndpointFigures:
        columns = (*self._shares, *self._quantiles, self._queries)
        endpoint = one.labels[0][1] if one.labels else ""
        return EndpointFigures(endpoint, one.events, one.value, *(_of(column, one) for column in columns))


def _by_labels(found: Sequence[Measure]) -> dict[tuple[tuple[str, str], ...], Figure]:
    return {each.labels: each.value for each in found}


def _of(column: dict[tuple[tuple[str, str], ...], Figure], one: Measure) -> Figure:
    """The group's own; else the one answer that stands for all groups, which says why there is none."""
    return column.get(one.labels, column.get((), NO_DATA_YET))
