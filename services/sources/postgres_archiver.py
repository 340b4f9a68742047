"""The archiving of WAL, from the archiver's own row."""

from __future__ import annotations

import re

from services.database import Row
from services.readings import Archiver, Figure, Unknown
from services.text import safe

_OFF = Unknown("not configured", "archive_mode is off")
_NEVER = Unknown("no data yet", "no WAL has been archived since the server's statistics were reset")
_SEGMENT = re.compile(r"[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})")


def archiver(row: Row, end: int, segment_bytes: int, in_recovery: bool) -> Archiver:
    """`end` is where the WAL ends, in bytes."""
    mode, last = row["mode"], row["last_wal"]
    if mode == "off":
        return Archiver(mode, _OFF, _OFF, _OFF, _OFF)
    return Archiver(
        mode=mode,
        failing=row["failing"],
        last_ok_s=_NEVER if row["last_ok_s"] is None else max(0.0, row["last_ok_s"]),
        last_failed_s=_never_failed(row["last_failed_s"]),
        behind=_behind(last, end, segment_bytes, in_recovery),
        last_wal=safe(last),
        last_failed_wal=safe(row["last_failed_wal"]),
    )


def _never_failed(age: float | None) -> Figure:
    return Unknown("no data yet", "no try has failed") if age is None else max(0.0, age)


def _behind(last: str, end: int, segment_bytes: int, in_recovery: bool) -> Figure:
    """Complete segments after the one archived last; the name of a timeline's file tells nothing."""
    found = _SEGMENT.fullmatch(last[:24])
    if in_recovery or found is None:
        return (
            _NEVER if not in_recovery else Unknown("not recorded", "a standby does not know what its primary archived")
        )
    number = int(found[1], 16) * (2**32 // segment_bytes) + int(found[2], 16)
    return max(0, end // segment_bytes - number - 1)
