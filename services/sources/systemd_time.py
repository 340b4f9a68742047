"""The times that `systemctl show` tells: a moment as text in UTC, a span as text since the machine came up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

_UNITS = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "h": 3_600.0,
    "d": 86_400.0,
    "w": 604_800.0,
    "month": 2_629_800.0,
    "y": 31_557_600.0,
}
_SPAN = re.compile(r"([\d.]+)\s*(us|ms|s|min|h|d|w|month|y)(?![a-z])")
_MOMENT = re.compile(r"(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? (?:UTC|GMT)")


def moment(text: str) -> float | None:
    """Unix seconds of "Sat 2026-11-21 08:17:01 UTC"; None for none, and for a zone that cannot be known here."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC).timestamp()


def span(text: str) -> float | None:
    """Seconds of "1w 2d 3h 4min 5.25s"; None for none and for an infinite one."""
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip():
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def next_run(told: Mapping[str, str]) -> float | None:
    """When a timer elapses next: by the calendar, or so long after the machine came up, whichever is sooner."""
    by_calendar = moment(told.get("NextElapseUSecRealtime", ""))
    since_boot, boot = span(told.get("NextElapseUSecMonotonic", "")), _boot(told)
    by_span = since_boot + boot if since_boot is not None and boot is not None else None
    return min((at for at in (by_calendar, by_span) if at is not None), default=None)


def _boot(told: Mapping[str, str]) -> float | None:
    """Of the machine that is asked, which may be another: its change of state is told by both of its clocks."""
    at, mono = moment(told.get("StateChangeTimestamp", "")), told.get("StateChangeTimestampMonotonic", "")
    return at - int(mono) / 1e6 if at is not None and mono.isdecimal() and int(mono) else None
