"""Classic histograms: how many observations lie below which bound, and what follows from that."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.metrics.measure import NO_EVENTS, Measure, measured
from services.metrics.scrapes import Series, Window
from services.readings import AtLeast, Figure, Unknown
from services.readings.metrics import Labels

Counts = Sequence[tuple[float, float]]  # (upper bound, observations at or below it), growing in both; +Inf is the last


@dataclass(frozen=True, slots=True)
class Observed:
    """What a group of histograms has counted over a window."""

    labels: Labels
    counts: Counts | Unknown
    window: Window

    def quantile(self, q: float) -> Measure:
        return self._measured(self.counts if isinstance(self.counts, Unknown) else quantile(self.counts, q))

    def share_above(self, edge: float) -> Measure:
        return self._measured(self.counts if isinstance(self.counts, Unknown) else share_above(self.counts, edge))

    def _measured(self, value: Figure) -> Measure:
        total = self.counts if isinstance(self.counts, Unknown) else self.counts[-1][1]
        return measured(self.labels, value, self.window, total)


def counts(group: Iterable[Series], window: Window) -> Counts | Unknown:
    """The increases by bound, over all the histograms in the group."""
    parts: dict[Labels, dict[float, Series]] = {}
    for series in group:
        labels, bound = _bucket(series)
        if bound is None:
            return Unknown("failed", f"a bucket of {series.name} has no bound in `le`")
        if bound in parts.setdefault(labels, {}):
            return Unknown("failed", f"{series.name} has two buckets up to {bound:g}")
        parts[labels][bound] = series
    if not parts:
        return NO_EVENTS
    if reason := _unfit(parts):
        return Unknown("failed", reason)
    found, below = [], 0.0
    for bound in sorted(next(iter(parts.values()))):
        here = sum(part[bound].totals[window.last] - part[bound].totals[window.first] for part in parts.values())
        below = max(below, here)  # a page is not written in one instant: a later bucket may lag behind
        found.append((bound, below))
    return found


def quantile(of: Counts, q: float) -> Figure:
    """Linear within the bucket that the rank falls into, from 0 in the first; at least its bound in the last."""
    total = of[-1][1]
    if total <= 0:
        return NO_EVENTS
    if len(of) == 1:
        return Unknown("failed", "the histogram has no bucket but +Inf")
    rank = q * total
    at = next(n for n, (_, below) in enumerate(of) if below >= rank)
    if at == len(of) - 1:
        return AtLeast(of[-2][0])
    bound, below = of[at]
    low, under = of[at - 1] if at else (min(0.0, bound), 0.0)
    return low + (bound - low) * ((rank - under) / (below - under) if below > under else 1.0)


def share_above(of: Counts, edge: float) -> Figure:
    """Exact, and so only where a bucket ends at the edge."""
    below = next((below for bound, below in of if math.isclose(bound, edge, rel_tol=1e-9)), None)
    if below is None:
        there = ", ".join(f"{bound:g}" for bound, _ in of[:-1])
        return Unknown("not recorded", f"no bucket ends at {edge:g}; they end at {there}")
    total = of[-1][1]
    return NO_EVENTS if total <= 0 else 1 - below / total


def _bucket(series: Series) -> tuple[Labels, float | None]:
    """Which histogram it is of, and its upper bound; None when that is none."""
    if series.bucket is None:
        labels = tuple(label for label in series.labels if label[0] != "le")
        try:
            bound = float(dict(series.labels).get("le", ""))
        except ValueError:
            bound = math.nan
        series.bucket = labels, bound if bound > -math.inf else None  # NaN compares with nothing
    return series.bucket


def _unfit(parts: dict[Labels, dict[float, Series]]) -> str:
    """Why these buckets cannot be added up; empty when they can."""
    layouts = {tuple(sorted(part)) for part in parts.values()}
    name = next(series.name for part in parts.values() for series in part.values())
    if len(layouts) > 1:
        return f"{name} has mixed layouts of buckets"
    if math.inf not in next(iter(layouts)):
        return f"{name} has no bucket +Inf"
    for part in parts.values():
        if len({series.seen for series in part.values()}) > 1:
            return f"a bucket of {name} has gone from the page"
        if not all(series.finite for series in part.values()):
            return f"a bucket of {name} is no number"
    return ""
