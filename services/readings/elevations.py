"""Who sees what is restricted, for how long yet, and what was read under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ElevationState = Literal["waiting", "in force", "expired", "ended", "lapsed"]


@dataclass(frozen=True, slots=True)
class Elevation:
    """`left_s` by the database's clock, at the reading; on a screen it is counted on by a clock that nobody sets."""

    id: str
    who: str
    db_user: str
    mine: bool  # it is of the database user that reads this
    what: str  # a read of the profile's, or "all"
    reason: str
    minutes: float
    state: ElevationState
    asked_at: float
    approved_by: str
    until: float | None
    left_s: float | None
    ended_by: str
    reads: int


@dataclass(frozen=True, slots=True)
class RestrictedRead:
    id: int
    elevation: str
    at: float
    who: str
    read: str
    params: str  # "id=17"
    rows: int | None  # None: noted, and not answered


@dataclass(frozen=True, slots=True)
class ElevationsValues:
    elevations: tuple[Elevation, ...]  # the newest 100, newest first
    reads: tuple[RestrictedRead, ...]  # the newest 200, newest first

    @property
    def in_force(self) -> tuple[Elevation, ...]:
        return tuple(one for one in self.elevations if one.state == "in force")
