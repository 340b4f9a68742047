"""What is told of one group of series over a window."""

from __future__ import annotations

from dataclasses import dataclass

from services.metrics.scrapes import Window
from services.readings import Figure, Unknown
from services.readings.metrics import Labels

NO_EVENTS = Unknown("no data yet", "nothing was counted in the window")


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with what it rests on, so that a rule can ask for enough of it.

    `events` are what the figure is made of: the increase itself, a ratio's denominator, the observations behind a
    quantile. `coverage` is the share of the window between the first and the last scrape used.
    """

    labels: Labels  # of `by`; () when everything is one group
    value: Figure
    events: Figure
    coverage: float
    scrapes: int
    seconds: float  # between the first and the last scrape used: what a rate is per


def measured(labels: Labels, value: Figure, window: Window, events: Figure | None = None) -> Measure:
    """Without `events` the value is what was counted."""
    counted = value if events is None else events
    return Measure(labels, value, counted, window.coverage, window.scrapes, window.seconds)
