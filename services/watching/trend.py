"""What an alert's value was when it was judged lately: short, in memory, whatever kind the rule is of."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from services.alerts import Alerts
from services.readings import number

POINTS = 60


class Trends:
    def __init__(self) -> None:
        self._points: dict[str, deque[float | None]] = {}

    def note(self, alerts: Alerts, source: str) -> None:
        """After a reading of this source was judged. Alerts that are gone are forgotten."""
        for gone in self._points.keys() - alerts.by_key.keys():
            del self._points[gone]
        for alert in alerts:
            if alert.source == source:
                self._points.setdefault(alert.key, deque(maxlen=POINTS)).append(number(alert.value))

    def of(self, key: str) -> Sequence[float | None]:
        """Oldest first; a gap where it was not known."""
        return tuple(self._points.get(key, ()))
