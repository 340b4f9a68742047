"""Elevations as a console reads them: one that waits, one in force, and how others ended."""

from __future__ import annotations

from services.readings import Elevation, ElevationsValues, RestrictedRead

MINUTE = 60.0


def _elevation(number: int, now: float, asked: float, state: str, **more: object) -> Elevation:
    """`asked` minutes ago."""
    found: dict[str, object] = {
        "id": f"6f1c0000-0000-4000-8000-00000000000{number}",
        "who": "sue",
        "db_user": "support_sue",
        "mine": False,
        "what": "job-payload",
        "reason": "ticket 4711: a customer misses the first lap",
        "minutes": 15.0,
        "state": state,
        "asked_at": now - asked * MINUTE,
        "approved_by": "olga",
        "until": now - (asked - 16.0) * MINUTE,
        "left_s": (16.0 - asked) * MINUTE,
        "ended_by": "",
        "reads": 0,
    }
    return Elevation(**{**found, **more})  # type: ignore[arg-type]


def elevations(now: float) -> ElevationsValues:
    nobody: dict[str, object] = {"approved_by": "", "until": None, "left_s": None}
    waits = _elevation(1, now, 2.0, "waiting", what="all", reason="ticket 4712", minutes=60.0, **nobody)
    open_ = _elevation(2, now, 4.0, "in force", reads=2)
    ended = _elevation(3, now, 55.0, "ended", who="sam", db_user="support_sam", ended_by="olga", reads=1)
    expired = _elevation(4, now, 200.0, "expired", approved_by="ana", what="job-errors", reads=3)
    lapsed = _elevation(5, now, 1500.0, "lapsed", **nobody)
    reads = (
        RestrictedRead(12, open_.id, now - 30.0, "sue", "job-payload", "id=3424", 1),
        RestrictedRead(11, open_.id, now - 90.0, "sue", "job-payload", "id=17", None),
        RestrictedRead(10, ended.id, now - 53.0 * MINUTE, "sam", "job-payload", "id=16", 1),
    )
    return ElevationsValues((waits, open_, ended, expired, lapsed), reads)
