"""Changes rows as the queue's own code would: the previewed ones, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from types import MappingProxyType

from services.actions.effects.on_queue import OnQueue
from services.actions.effects.rows.preview import look_up
from services.actions.effects.rows.scope import Scope, seen_columns
from services.actions.environment import Asks
from services.actions.found import Found
from services.actions.functions import WRITE, filled, literal, name, one_line, reason, template
from services.actions.plan import Request
from services.actions.site import Site
from services.profile import Profile, RowsAction
from services.queues.expressions import plain

SINCE = "(to_timestamp(%(since)s::float8) - interval '1 millisecond')"  # a float8 of unix seconds is not exact
_VARIABLES = MappingProxyType({"ids": "wd_locked.ids", "actor": "wd_actor", "reason": "wd_reason"})


class Rows(OnQueue):
    def __init__(self, profile: Profile, action_id: str, action: RowsAction) -> None:
        super().__init__(profile, action_id, action.queue)
        self.action = action

    @cached_property
    def scope(self) -> Scope:
        return Scope.of(self.action, self._queue, self.id)

    @property
    def subject(self) -> str:
        return self.scope.table

    def function(self) -> str:
        scope = self.scope
        row = f"(wd_seen -> watchdeck.as_seen({scope.id}))"
        as_seen = " AND ".join(
            f"watchdeck.as_seen({sql}) IS NOT DISTINCT FROM ({row} ->> {literal(column)})"
            for column, sql in seen_columns(scope).items()
        )
        return template("rows/function.sql").format(
            title=one_line(self.action.title),
            what=one_line("; ".join(scope.effect.changes)),
            name=name(self.id),
            literal=literal(self.id),
            cap=self.action.cap,
            reason=reason(self.action.risk),
            siblings=", ".join(map(literal, self.siblings())),
            id=scope.id,
            source=scope.source,
            alias=scope.alias,
            allowed="\n           AND ".join(f"({test})" for test in scope.allowed),
            as_seen=as_seen or "true",
            effect=filled(scope.effect.sql, _VARIABLES, f"[actions.{self.action.do}] sql"),
        )

    async def look_up(self, request: Request, db: Asks, site: Site) -> Found:
        return await look_up(self.scope, self.profile.environment.name, request, db)

    async def standing(self, db: Asks, ids: tuple[str, ...], since: float) -> set[str]:
        scope = self.scope
        test = plain(scope.effect.expect).replace(":since", SINCE)
        sql = f"SELECT watchdeck.as_seen({plain(scope.id)}) AS id {self._named()} AND ({test})"
        return {row["id"] for row in await db.rows(sql, {"ids": list(ids), "since": since})}

    async def states(self, db: Asks, ids: tuple[str, ...]) -> dict[str, str]:
        scope = self.scope
        sql = f"SELECT watchdeck.as_seen({plain(scope.id)}) AS id, {plain(scope.state)} AS state {self._named()}"
        return {row["id"]: row["state"] for row in await db.rows(sql, {"ids": list(ids)})}

    def _named(self) -> str:
        key, source = plain(self.scope.id), plain(self.scope.source)
        like = f"(SELECT {key} FROM {source} LIMIT 0)"
        return f"FROM {source} WHERE {key} = ANY (watchdeck.typed({like}, %(ids)s::text[]))"

    def writes(self) -> Iterator[tuple[str, str]]:
        yield self.scope.table, "UPDATE"  # FOR UPDATE needs it, whatever the effect writes
        for verb, table in WRITE.findall(self.scope.effect.sql):
            yield table, verb.split()[0].upper()

    def needs(self) -> tuple[str, ...]:
        return self.scope.effect.needs
