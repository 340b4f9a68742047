"""Ends sessions of the database, or their queries: those that were seen, and only while they are as they were seen."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from services.actions.effects.by_function import ByFunction
from services.actions.environment import Asks
from services.actions.evidence import ago
from services.actions.found import Found
from services.actions.functions import literal, name, one_line, reason, template
from services.actions.ids import SESSION, split
from services.actions.plan import Request, Target
from services.actions.site import Site
from services.errors import ActionError
from services.profile import Profile, SessionAction
from services.text import safe

GONE_S = 5.0  # a session that was told to end has so long to be gone
_SIGNALS = {"terminate": "pg_terminate_backend", "cancel": "pg_cancel_backend"}
_CHANGES = {"terminate": "the session ends; its transaction is undone", "cancel": "the query ends; its session stays"}


class Session(ByFunction):
    def __init__(self, profile: Profile, action_id: str, action: SessionAction) -> None:
        super().__init__(profile, action_id, action.database)
        self.action = action

    @property
    def subject(self) -> str:
        return "session"

    # ---- in the database

    def shared(self) -> str:
        return template("session/sessions.sql")

    def function(self) -> str:
        action = self.action
        return template("session/function.sql").format(
            title=one_line(action.title),
            what=one_line(_CHANGES[action.do]),
            name=name(self.id),
            literal=literal(self.id),
            cap=action.cap,
            reason=reason(action.risk),
            query=self._query,
            allowed=f"s.spared IS NULL AND {self._allowed('s')}",
            signal=_SIGNALS[action.do],
        )

    def needs(self) -> tuple[str, ...]:
        return ("pg_signal_backend", "pg_read_all_stats")

    async def remarks(self, db: Asks) -> tuple[str, ...]:
        sql = (
            "SELECT need FROM unnest(%s::text[]) AS need JOIN pg_roles AS o ON o.rolname = 'watchdeck_owner' "
            "WHERE NOT o.rolsuper AND NOT pg_has_role(o.oid, need, 'USAGE')"
        )
        lacking = [row["need"] for row in await db.rows(sql, (list(self.needs()),))]
        return tuple(f"GRANT {role} TO watchdeck_owner is missing: it can end nobody's session" for role in lacking)

    @property
    def _query(self) -> str:
        return "true" if self.action.do == "cancel" else "false"

    def _allowed(self, alias: str) -> str:
        """Which sessions this action may be about at all; nothing in it comes from an operator."""
        action = self.action
        tests = [f"{alias}.state = 'active'"] if action.do == "cancel" else []
        if action.select != "sessions":
            state = literal(action.select)
            also = f", {literal(action.select + ' (aborted)')}" if action.select == "idle in transaction" else ""
            tests += [f"{alias}.state IN ({state}{also})", f"{alias}.idle_s >= {action.older_than}"]
        if action.application:
            tests.append(f"{alias}.application ~ {literal(f'^({action.application})$')}")
        return " AND ".join(tests) or "true"

    # ---- the preview

    async def look_up(self, request: Request, db: Asks, site: Site) -> Found:
        wanted = self._wanted(request)
        named = "s.id = ANY (%(ids)s::text[])" if wanted else "s.spared IS NULL"
        allowed = self._allowed("s").replace("%", "%%")  # beside parameters it would be taken for one
        sql = f"SELECT s.*, {allowed} AS allowed FROM watchdeck.sessions({self._query}) AS s WHERE {named}"
        rows = await db.rows(f"{sql} ORDER BY s.xact_s DESC NULLS LAST, s.id", {"ids": wanted})
        fit = [row for row in rows if row["allowed"] and row["spared"] is None]
        if not fit:
            raise self._nothing(wanted, rows)
        taken = fit[: self.action.cap]
        return Found(
            targets=tuple(_target(row) for row in taken),
            matching=len(fit),
            changes=(_CHANGES[self.action.do],),
            reversible=False,
            noun="session",
            name=taken[0]["id"].partition(":")[0] if len(taken) == 1 else self.profile.environment.name,
            warnings=tuple(self._warnings(wanted, rows, len(fit))),
        )

    def _wanted(self, request: Request) -> list[str]:
        if unknown := set(request.args) - {"ids"}:
            raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there are: ids=PID:START")
        ids = split(request.args.get("ids", ""))
        if not ids and ("ids" in request.args or self.action.select == "sessions"):
            raise ActionError("which sessions?", "ids=PID:START, the start in microseconds of unix time")
        for one in ids:
            if not re.fullmatch(SESSION, one):
                raise ActionError(
                    f"ids: {safe(one, 60)!r} is no session: a process id alone may be another's by now",
                    "ids=PID:START, the start in microseconds of unix time",
                )
        return ids

    def _nothing(self, wanted: list[str], rows: list[dict[str, Any]]) -> ActionError:
        there = {row["id"]: row for row in rows}
        why = [f"{one.partition(':')[0]} {self._refusal(there.get(one))}" for one in wanted[:20]]
        return ActionError(
            f"{self.action.title}: nothing matches" + (f": {', '.join(why)}" if why else ""), self._rule()
        )

    def _refusal(self, row: dict[str, Any] | None) -> str:
        if row is None:
            return "is gone, or was never in this database"
        return f"is spared: {row['spared']}" if row["spared"] else f"is {row['state']}"

    def _rule(self) -> str:
        action = self.action
        if action.select == "sessions":
            return "it takes sessions with a query" if action.do == "cancel" else "it takes sessions of clients"
        whose = f" of applications matching {action.application}" if action.application else ""
        return f"it takes sessions{whose} that have been {action.select} for {action.older_than:.0f} s"

    def _warnings(self, wanted: list[str], rows: list[dict[str, Any]], fit: int) -> list[str]:
        found = []
        if fit > self.action.cap:
            found.append(f"{fit} match, the cap is {self.action.cap}: only the first {self.action.cap} are taken")
        if left := len(wanted) - fit if wanted else 0:
            there = {row["id"]: row for row in rows}
            first = next(one for one in wanted if not _fits(there.get(one)))
            found.append(f"{left} left out: {first.partition(':')[0]} {self._refusal(there.get(first))}")
        return found

    # ---- afterwards

    async def standing(self, db: Asks, ids: tuple[str, ...], since: float) -> set[str]:
        """Which have ended by now; those that were told just now get a moment to do so."""
        still = "true"
        if self.action.do == "cancel":
            still = "s.state = 'active' AND (s.seen ->> 'query_start')::timestamptz < to_timestamp(%(since)s::float8)"
        sql = f"SELECT s.id FROM watchdeck.sessions(true) AS s WHERE s.id = ANY (%(ids)s::text[]) AND {still}"
        deadline = time.monotonic() + GONE_S
        while True:
            left = {row["id"] for row in await db.rows(sql, {"ids": list(ids), "since": since})}
            if not left or time.monotonic() > deadline:
                return set(ids) - left
            await asyncio.sleep(0.1)

    async def states(self, db: Asks, ids: tuple[str, ...]) -> dict[str, str]:
        sql = "SELECT s.id, coalesce(s.state, '?') AS state FROM watchdeck.sessions(false) AS s WHERE s.id = ANY (%s)"
        return {row["id"]: row["state"] for row in await db.rows(sql, (list(ids),))}


def _fits(row: dict[str, Any] | None) -> bool:
    return row is not None and row["allowed"] and row["spared"] is None


def _target(row: dict[str, Any]) -> Target:
    who = f"{safe(row['login'], 40)} {safe(row['application'], 60)}".strip()
    times = (("query", row["query_s"]), ("transaction", row["xact_s"]), ("idle", row["idle_s"]))
    return Target(
        id=row["id"],
        label=who,
        type=safe(row["application"], 60),
        state=row["state"] or "?",
        note=", ".join(f"{what} since {ago(seconds)}" for what, seconds in times if seconds is not None),
        seen=row["seen"],
    )
