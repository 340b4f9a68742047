"""The demo's daily dumps in the bucket: thirty days of them, and one more for each day that it runs."""

from __future__ import annotations

import time

from services.demo.objects import Objects

PREFIX = "backups/"
DAYS = 30
DAY_S = 86_400.0
FRESH_S = 1_800.0  # how old the newest is when the demo starts
SIZE = 20_000
GROWTH = 120  # bytes a day


def key(days_ago: int = 0) -> str:
    return time.strftime(f"{PREFIX}mre-%Y-%m-%d.dump", time.gmtime(time.time() - FRESH_S - days_ago * DAY_S))


def seed(objects: Objects) -> dict[str, float]:
    """Puts the dumps of the last thirty days; key -> how many seconds ago each was written."""
    for day in range(DAYS):
        objects.put(key(day), b"\0" * (SIZE - day * GROWTH))
    return {key(day): FRESH_S + day * DAY_S for day in range(DAYS)}


def dump(objects: Objects) -> None:
    """Today's, now."""
    objects.put(key(), b"\0" * SIZE)


def lose(objects: Objects, days: int) -> None:
    for day in range(days):
        objects.delete(key(day))
