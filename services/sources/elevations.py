"""Elevations as the database has them: it alone knows whether one is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.database import Database
from services.readings import Elevation, ElevationsValues, RestrictedRead
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

INTERVAL_S = 2.0
TIMEOUT_S = 3.0
_TEXTS = ("id", "who", "db_user", "what", "approved_by", "ended_by")
_PLAIN = ("mine", "minutes", "state", "asked_at", "until", "left_s", "reads")


def make(name: str, spec: None, parts: Parts) -> Elevations:
    return Elevations(name, parts.databases[parts.profile.restricted.database])


class Elevations:
    def __init__(self, name: str, database: Database) -> None:
        self.name = name
        self.interval_s = INTERVAL_S
        self.timeout_s = TIMEOUT_S
        self._database = database

    async def fetch(self) -> ElevationsValues:
        elevations, reads = await self._database.batch(
            [("SELECT * FROM watchdeck.elevations()", None), ("SELECT * FROM watchdeck.restricted_reads()", None)],
            timeout=self.timeout_s,
        )
        return ElevationsValues(tuple(map(_elevation, elevations)), tuple(map(_read, reads)))

    async def close(self) -> None:
        """The database is shared, and closed by its owner."""


def _elevation(row: dict[str, Any]) -> Elevation:
    fields: dict[str, Any] = {name: safe(row[name], 120) for name in _TEXTS} | {name: row[name] for name in _PLAIN}
    return Elevation(reason=safe(row["reason"], 400), **fields)


def _read(row: dict[str, Any]) -> RestrictedRead:
    params = ", ".join(f"{name}={value}" for name, value in row["params"].items())
    fields: dict[str, Any] = {name: row[name] for name in ("id", "at", "rows")}
    fields |= {name: safe(row[name], 120) for name in ("elevation", "who", "read")}
    return RestrictedRead(params=safe(params, 200), **fields)
