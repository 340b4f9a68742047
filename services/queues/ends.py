"""Rows about what ended, as entries of the windows."""

from __future__ import annotations

from math import isfinite

from services.database import Row
from services.queues.window import Ended, Groups, Try


def ended(row: Row) -> Ended:
    due, started, at = row["due_at"], row["started_at"], row["at"]
    # a job may be claimed a moment before it is due by another clock: that is no wait, not a negative one
    wait = None if due is None or started is None or not isfinite(due) else _between(due, started)
    duration = None if started is None else _between(started, at)
    return Ended(at, row["id"], row["type"] or "", row["state"], wait, duration, row["error_code"] or "")


def tried(row: Row) -> Try:
    id_ = f"{row['id']}/{row['attempt']}"
    return Try(row["at"], id_, row["type"] or "", row["failed"], row["retried"], row["error_code"] or "")


def say(groups: Groups, rows: list[Row]) -> None:
    """Keeps the latest message of each group of errors."""
    for row in rows:
        if row["message"]:
            groups.say(row["error_code"] or "", row["type"] or "", row["at"], row["message"])


def _between(begin: float, end: float) -> float:
    """Seconds, exactly as the database would subtract: its times are whole microseconds, a float of today's is not."""
    return max(0.0, round(end - begin, 6))
