"""Asks for an elevation, approves somebody else's or ends one: what is restricted is seen under one alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from services.actions.connection import ActionConnection
from services.actions.effects.by_function import ByFunction
from services.actions.effects.elevation import sql as elevation_sql
from services.actions.effects.elevation.settled import settled_without_void
from services.actions.environment import Asks
from services.actions.found import Found
from services.actions.functions import SIGNATURE, WRITE, name
from services.actions.ids import split
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target
from services.actions.site import Site
from services.errors import ActionError, ConfigError
from services.profile import ElevationAction, Profile
from services.profile.restricted import ALL
from services.text import safe

ELEVATIONS = "SELECT * FROM watchdeck.elevations() AS e"
_READS = ("note_read(uuid, text, text, jsonb)", "read_restricted(bigint)")
_OPEN = {"approve": ("waiting",), "revoke": ("waiting", "in force")}
_CHANGES = {
    "request": "somebody else has to approve it; nothing restricted is seen before",
    "approve": "from now on, and for so long, each read is answered and noted",
    "revoke": "it ends now: nothing is read under it any more",
}


class Elevation(ByFunction):
    def __init__(self, profile: Profile, action_id: str, action: ElevationAction) -> None:
        super().__init__(profile, action_id, profile.restricted.database)
        self.action = action
        self._restricted = profile.restricted

    @property
    def subject(self) -> str:
        return "watchdeck.elevation"

    # ---- in the database

    def shared(self) -> str:
        made = elevation_sql.shared(self._restricted)
        if made.count("$action$") != 4:  # whatever stands in the profile stays within the functions' bodies
            raise ConfigError("[restricted]: $action$ cannot stand in a read or in what the audit is told")
        return made

    def function(self) -> str:
        return elevation_sql.function(self.id, self.action, self._restricted)

    def tables(self) -> tuple[str, ...]:
        return tuple(table for read in self._restricted.reads.values() for table in read.tables)

    def placed(self) -> tuple[str, ...]:
        return (f"{name(self.id)}({SIGNATURE})", *_READS)

    def beside(self) -> tuple[str, ...]:
        return ("elevations()", "restricted_reads()", *_READS)

    def writes(self) -> Iterator[tuple[str, str]]:
        audit = self._restricted.audit
        for verb, table in WRITE.findall("\n".join((audit.granted, audit.ended, audit.read))):
            yield table, verb.split()[0].upper()

    def needs(self) -> tuple[str, ...]:
        return self._restricted.audit.needs

    # ---- the preview

    async def look_up(self, request: Request, db: Asks, site: Site) -> Found:
        if self.action.do == "request":
            target = self._asked(request)
        else:
            target = await self._named(request, db)
        return Found(
            targets=(target,),
            matching=1,
            changes=(_CHANGES[self.action.do],),
            reversible=self.action.do != "revoke",
            noun="elevation",
            name=self.profile.environment.name,
        )

    def _asked(self, request: Request) -> Target:
        """What is asked for. The reason comes with the confirmation."""
        if unknown := set(request.args) - {"what", "minutes"}:
            raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there are: what=..., minutes=15")
        known = (*self._restricted.reads, ALL)
        what = request.args.get("what", ALL if len(known) == 2 else "")
        if what not in known:
            wrong = f"{safe(what, 60)!r} is not among them" if what else "what for?"
            raise ActionError(f"{self.action.title}: {wrong}", f"what=...: {', '.join(known)}")
        minutes = self._minutes(request.args.get("minutes", ""))
        label = self._restricted.reads[what].title if what != ALL else "everything restricted"
        return Target(
            id=what, label=f"{label}, for {minutes:g} min", state="asked for", seen={"minutes": f"{minutes:g}"}
        )

    def _minutes(self, text: str) -> float:
        most = self._restricted.minutes
        try:
            minutes = float(text)
        except ValueError:
            raise ActionError(f"{self.action.title}: for how many minutes?", f"minutes=15; {most:g} at most") from None
        if not (math.isfinite(minutes) and 0.01 <= minutes <= most):
            raise ActionError(f"{self.action.title}: {minutes:g} minutes: it is {most:g} at most", "minutes=15")
        return minutes

    async def _named(self, request: Request, db: Asks) -> Target:
        """The one that is named; where none is, the only one that it can be."""
        if unknown := set(request.args) - {"ids"}:
            raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there is: ids=ID, of one elevation")
        wanted = split(request.args.get("ids", ""))
        rows = [row for row in await db.rows(ELEVATIONS) if row["id"] in wanted or not wanted]
        fit = [row for row in rows if row["state"] in _OPEN[self.action.do]]
        if len(fit) != 1 or len(wanted) > 1:
            raise self._not_one(rows if wanted else fit)
        (row,) = fit
        if self.action.do == "approve" and row["mine"]:
            raise ActionError(
                f"{self.action.title}: this one was asked for as {safe(row['db_user'], 60)}, as whom you are connected",
                "nobody approves an elevation of their own: ask somebody else",
            )
        return _target(row)

    def _not_one(self, rows: list[dict[str, Any]]) -> ActionError:
        what = " or ".join(_OPEN[self.action.do])
        there = ", ".join(f"{row['id']} ({safe(row['who'], 40)}, {row['state']})" for row in rows[:5])
        if there:
            return ActionError(f"{self.action.title}: one that is {what}; there are: {there}", "ids=ID, of one of them")
        return ActionError(f"{self.action.title}: no elevation is {what}", "somebody has to ask for one")

    # ---- afterwards

    async def standing(self, db: Asks, ids: tuple[str, ...], since: float) -> set[str]:
        """A request is found by what it is for; the others by their id."""
        rows = await db.rows(ELEVATIONS)
        if self.action.do == "request":
            return {row["what"] for row in rows if row["mine"] and row["asked_at"] >= since - 0.001} & set(ids)
        left = {"approve": ("waiting", "lapsed"), "revoke": _OPEN["revoke"]}[self.action.do]
        return {row["id"] for row in rows if row["state"] not in left} & set(ids)

    async def states(self, db: Asks, ids: tuple[str, ...]) -> dict[str, str]:
        return {row["id"]: row["state"] for row in await db.rows(ELEVATIONS) if row["id"] in ids}

    async def settled(self, record: Record, by: str) -> Outcome:
        async with ActionConnection(self.source) as db:
            if (outcome := await settled_without_void(self, record, db)) is not None:
                return outcome
        return await super().settled(record, by)


def _target(row: dict[str, Any]) -> Target:
    lasts = f"{row['left_s'] / 60:.0f} min left" if row["state"] == "in force" else f"for {row['minutes']:g} min"
    return Target(
        id=row["id"],
        # the login as well: the name beside it is what whoever asked has called themselves
        label=safe(f"{row['who']}, as {row['db_user']}: {row['what']}, {lasts}", 200),
        state=row["state"],
        note=safe(row["reason"], 200),
        seen=row["seen"],
    )
