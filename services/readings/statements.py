"""What the statements of a database cost, by pg_stat_statements."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure, Unknown


@dataclass(frozen=True, slots=True)
class StatementFigures:
    """One normalised statement, over the window."""

    id: str  # queryid
    query: str  # the first 1,000 characters; "" as long as it is not known
    calls: int
    time_s: float  # spent in it
    mean_s: float
    rows: int
    share: float  # of the time spent in all statements


@dataclass(frozen=True, slots=True)
class StatementsValues:
    """Differences of the server's counters between polls, over `window_s`; all unknown without the extension.

    Single calls are not recorded, only sums: `slow_count` counts the calls of statements whose mean between two polls
    was above `slow_s`, and is an estimate.
    """

    window_s: float
    covered_s: float  # how much of the window has been observed; a reset of the counters starts anew
    slow_s: float
    top: tuple[StatementFigures, ...] | Unknown  # the 20 first by time, by mean and by calls; by time
    slow_count: Figure
    slow_per_minute: Figure
    calls_per_s: Figure
    mean_s: Figure  # of all calls
    time_share: Figure  # seconds spent in statements per second: how many sessions they keep busy
