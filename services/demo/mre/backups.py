"""The demo's nightly dumps in the bucket: thirty days of them, and one more for each day that it runs."""

from __future__ import annotations

import time
from dataclasses import dataclass

from services.demo.dumping import dumped
from services.demo.objects import Objects

PREFIX = "backups/"
DAYS = 30
FEW = 8  # days, where the dumps are large: they are kept in memory
LARGE = 1_000_000  # bytes
DAY_S = 86_400.0
FRESH_S = 1_800.0  # how old the newest is when the demo starts


def key(days_ago: int = 0) -> str:
    return time.strftime(f"{PREFIX}mre-%Y-%m-%d.dump", time.gmtime(time.time() - FRESH_S - days_ago * DAY_S))


@dataclass(frozen=True)
class Nightly:
    """The job that dumps every night, as somebody else set it up: no manifest, and no report."""

    objects: Objects
    dsn: str

    def seed(self) -> dict[str, float]:
        """Puts the dumps of the last days; key -> how many seconds ago each was written."""
        body = dumped(self.dsn)
        days = DAYS if len(body) < LARGE else FEW
        for day in range(days):
            self.objects.put(key(day), body)
        return {key(day): FRESH_S + day * DAY_S for day in range(days)}

    def run(self) -> None:
        """Today's, now."""
        self.objects.put(key(), dumped(self.dsn))

    def lose(self, days: int) -> None:
        """The newest are gone, whoever made them."""
        old = {key(day) for day in range(days, DAYS)}
        for name in self.objects.keys(PREFIX):
            if name not in old:
                self.objects.delete(name)

    def fresh(self, days: int) -> bool:
        """Whether there is one again of the days that were lost."""
        old = {key(day) for day in range(days, DAYS)}
        return any(name.endswith(".dump") and name not in old for name in self.objects.keys(PREFIX))
