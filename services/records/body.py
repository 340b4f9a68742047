"""What the body of an event holds, whoever wrote it: texts become safe to show here, and what is no number is none."""

from __future__ import annotations

from datetime import date

from services.records.event import Event
from services.text import safe, safe_lines

LINE, LINES = 400, 8000  # characters
_LATEST = 1e11  # unix seconds


def line(event: Event, key: str = "text") -> str:
    """One line; "" where there is none."""
    return safe(event.body.get(key), LINE).strip()


def lines(event: Event, key: str = "text") -> str:
    """Text of several lines, as somebody typed it into a box."""
    return "\n".join(row.rstrip() for row in safe_lines(event.body.get(key), LINES)).strip("\n")


def number(event: Event, key: str) -> float | None:
    """A count, seconds or a point in time that a calendar has."""
    found = event.body.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= _LATEST:
        return None
    return float(found)


def day(text: str) -> str:
    """ "2026-01-31" as it is; "" for what is no day of the calendar."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return ""
