"""What is usual for a figure: the median of the same hour of the week over the last four weeks."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

HOUR_S = 3_600.0
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
KEPT_S = 4 * WEEK_S
DAYS = 14  # of learning, before anything is called usual


@dataclass(frozen=True, slots=True)
class Usual:
    days: int  # on how many days anything was learned
    value: float | None  # None: this hour of the week was not seen often enough

    @property
    def lacks(self) -> str:
        """Why nothing is usual yet; empty when something is."""
        if self.days < DAYS:
            return f"learning {self.days} of {DAYS} days"
        return "this hour of the week was not seen twice yet" if self.value is None else ""


class Hours:
    """The means of one figure's hours, without those in which it was firing or maintained: who feeds it leaves them
    out."""

    def __init__(self) -> None:
        self._means: dict[int, float] = {}  # hours since 1970

    def add(self, at: float, mean: float) -> None:
        self._means[int(at // HOUR_S)] = mean
        oldest = int((at - KEPT_S) // HOUR_S) - 1
        if len(self._means) > 1.5 * KEPT_S / HOUR_S:
            self._means = {hour: mean for hour, mean in self._means.items() if hour >= oldest}

    def usual(self, wall: float) -> Usual:
        now, first = int(wall // HOUR_S), int((wall - KEPT_S) // HOUR_S)
        past = {hour: mean for hour, mean in self._means.items() if first <= hour < now}
        days = len({int(hour * HOUR_S // DAY_S) for hour in past})
        same = [mean for hour, mean in past.items() if (now - hour) % int(WEEK_S // HOUR_S) == 0]
        return Usual(days, median(same) if len(same) >= 2 else None)
