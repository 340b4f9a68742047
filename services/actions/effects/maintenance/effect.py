"""ANALYZE, VACUUM and REINDEX CONCURRENTLY: recorded as started, done by the caller's own rights, then looked at."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from services.actions.connection import ActionConnection
from services.actions.effects.effect import Course
from services.actions.effects.in_database import InDatabase
from services.actions.effects.maintenance.course import MaintenanceCourse
from services.actions.effects.maintenance.settled import settled
from services.actions.effects.maintenance.sql import KINDS, LEFTOVERS, Kind
from services.actions.environment import Asks
from services.actions.evidence import ago
from services.actions.found import Found
from services.actions.functions import literal, name, one_line, reason, template, texts
from services.actions.ids import split
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target
from services.actions.site import Site
from services.errors import ActionError
from services.profile import MaintenanceAction, Profile
from services.text import safe


class Maintenance(InDatabase):
    def __init__(self, profile: Profile, action_id: str, action: MaintenanceAction) -> None:
        super().__init__(profile, action_id, action.database)
        self.action = action
        self.kind: Kind = KINDS[action.do]
        self.lasts_s = action.timeout * action.cap

    @property
    def subject(self) -> str:
        return "index" if self.action.do == "reindex" else "table"

    @property
    def patterns(self) -> list[str]:
        return [f"^({pattern})$" for pattern in self.action.allow]

    # ---- in the database

    def shared(self) -> str:
        return template("maintenance/shared.sql")

    def function(self) -> str:
        action = self.action
        return template("maintenance/function.sql").format(
            title=one_line(action.title),
            what=self.kind.statement.partition(" {")[0],
            name=name(self.id),
            literal=literal(self.id),
            cap=action.cap,
            reason=reason(action.risk),
            kinds=f'[{", ".join(map(literal, self.kind.relkinds))}]::"char"[]',
            allowed=texts(tuple(self.patterns)),
        )

    @contextlib.asynccontextmanager
    async def acting(self) -> AsyncIterator[Course]:
        self.insist_on_a_session()
        async with ActionConnection(self.source) as db:
            yield MaintenanceCourse(self, db)

    def insist_on_a_session(self) -> None:
        if self.source.pooler:
            raise ActionError(
                f"{self.action.title}: it needs a session of its own, and the profile leads through a pooler",
                f"a source beside {self.database!r} with the server's own address, for actions like this one",
            )

    async def settled(self, record: Record, by: str) -> Outcome:
        return await settled(self, record, by)

    # ---- the preview

    async def look_up(self, request: Request, db: Asks, site: Site) -> Found:
        self.insist_on_a_session()
        wanted = self._wanted(request)
        rows = await self._named(db, wanted)
        if missing := [one for one in wanted if one not in {row["id"] for row in rows}]:
            raise ActionError(
                f"{self.action.title}: {safe(missing[0], 120)} is no {self.subject} of this action",
                f"schema.name of one that is there and matches {' or '.join(self.action.allow)}",
            )
        return Found(
            targets=tuple(self._target(row) for row in rows),
            matching=len(rows),
            changes=tuple(self.kind.statement.format(name=safe(row["id"], 120)) for row in rows[:20]),
            reversible=None,
            noun=self.subject,
            name=rows[0]["id"] if len(rows) == 1 else self.profile.environment.name,
            warnings=(*_may_not(rows, site.user), *await self.leftovers(db, rows)),
            detail={"do": self.action.do},
        )

    async def remarks(self, db: Asks) -> tuple[str, ...]:
        rows = await self._named(db, None)
        if not rows:
            return (f"nothing in this database matches {' or '.join(self.action.allow)}",)
        return (*_may_not(rows, "this user"), *await self.leftovers(db, rows))

    async def named(self, tables: Sequence[str] = ()) -> tuple[str, ...]:
        """What it may be about, the largest first: no view lists indexes. Of these tables, where any are given.
        SourceError: nobody answers."""
        async with self.looking() as db:
            rows = await self._named(db, None)
        return tuple(row["id"] for row in rows if not tables or row["of"] in tables)

    def _wanted(self, request: Request) -> list[str]:
        if unknown := set(request.args) - {"ids"}:
            raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there is: ids=SCHEMA.NAME,...")
        wanted = split(request.args.get("ids", ""))
        if not 1 <= len(wanted) <= self.action.cap:
            raise ActionError(
                f"{self.action.title}: {len(wanted)} given, 1 to {self.action.cap} can be", "ids=SCHEMA.NAME,..."
            )
        return wanted

    async def _named(self, db: Asks, ids: list[str] | None) -> list[dict[str, Any]]:
        params = {"kinds": list(self.kind.relkinds), "ids": ids, "allowed": self.patterns}
        return await db.rows(self.kind.look_up(), params)

    async def leftovers(self, db: Asks, rows: list[dict[str, Any]]) -> tuple[str, ...]:
        """What an interrupted REINDEX has left beside these."""
        if self.action.do != "reindex":
            return ()
        params = {"oids": [row["oid"] for row in rows], "ids": [row["id"] for row in rows]}
        found = await db.rows(LEFTOVERS, params)
        return tuple(
            f"{safe(row['id'], 120)} is invalid, left by an interrupted REINDEX: DROP INDEX CONCURRENTLY it"
            for row in found
        )

    def _target(self, row: dict[str, Any]) -> Target:
        size = f"{row['bytes'] / 2**20:.1f} MiB"
        if self.action.do == "reindex":
            return Target(id=row["id"], label=size, state="valid" if row["valid"] else "invalid", seen=_seen(row))
        last = row["vacuumed" if self.action.do == "vacuum" else "analyzed"]
        return Target(
            id=row["id"],
            label=size,
            state=f"{row['dead'] or 0} dead of {(row['live'] or 0) + (row['dead'] or 0)} rows",
            note="never done" if last is None else f"last done {ago(last)}",
            seen=_seen(row),
        )


def _seen(row: dict[str, Any]) -> dict[str, str | None]:
    return {"oid": row["oid"]}


def _may_not(rows: list[dict[str, Any]], user: str) -> tuple[str, ...]:
    names = [safe(row["id"], 120) for row in rows if not row["may"]]
    if not names:
        return ()
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return (f"{user} may not do this to {names[0]}{more}: it needs its owner, or from PostgreSQL 17 on MAINTAIN",)
