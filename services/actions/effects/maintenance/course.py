"""The course of maintenance: started in the ledger, each statement on its own with its progress told, then ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.actions import ledger, refusals
from services.actions.connection import ActionConnection, Lost
from services.actions.effects.effect import Order
from services.actions.effects.maintenance.sql import QUOTED, STATE
from services.actions.environment import site_of
from services.actions.plan import WHO_SETTLES, Outcome, Word
from services.actions.refused import Refused
from services.actions.site import Site
from services.clock import SystemClock
from services.database import Database
from services.errors import SourceError
from services.text import safe

if TYPE_CHECKING:
    from psycopg import Error

    from services.actions.effects.maintenance.effect import Maintenance

PROGRESS_S = 1.0
LOCK_S = 2.0  # who waits longer for its lock makes everybody else wait behind it
FRESH_S = 3.0  # before version 15 the statistics come late


@dataclass
class MaintenanceCourse:
    effect: Maintenance
    db: ActionConnection

    async def site(self) -> Site:
        return await site_of(self.effect.profile, self.db)

    async def carry_out(self, order: Order) -> Outcome:
        from psycopg import Error

        if order.plan.detail != {"do": self.effect.action.do}:
            message = f"{order.plan.title}: the profile's action is no longer the previewed one; nothing was changed"
            return order.refused(Refused("not applied", message, "take a new preview"))
        try:
            client = order.journal.client()
            receipt = await ledger.submit(self.db, order.plan, order.id, order.reason, order.anchor, client)
        except Lost as error:
            return self._unknown(order, str(error))
        except Error as error:
            return order.refused(await refusals.explain(error, self.effect, order.plan, self.db))
        if receipt.state != "started" or receipt.repeated:
            return order.outcome("not applied", 0, f"{order.plan.title}: it was submitted before; nothing was done now")
        try:
            return await self._all(order)
        except Lost as error:
            return self._unknown(order, str(error))

    async def _all(self, order: Order) -> Outcome:
        """Each target in its turn; the first that fails ends it."""
        from psycopg import Error

        failure = ""
        async with _watching(self, order):
            for target in order.plan.targets:
                try:
                    await self._one(order, target.id, str(target.seen["oid"]))
                except Error as error:
                    failure = f"{safe(target.id, 120)}: {_said(error, order)}"
                    break
        await order.on_step("effect")
        outcome = await self._read_back(order, failure)
        await order.on_step("read back")
        return outcome

    async def _one(self, order: Order, target: str, oid: str) -> None:
        """The very thing that was previewed, and only while nobody has settled the action as not applied."""
        from psycopg import errors

        action = self.effect.action
        (now,) = await self.db.rows(STATE, {"id": order.id})
        named = await self.db.rows(QUOTED, {"id": target, "oid": oid})
        if now["state"] != "started" or not named or order.stop.is_set():
            raise errors.QueryCanceled("it is not as it was previewed, or no longer wanted")
        lock_s = LOCK_S if self.effect.kind.short_lock else 0.0
        await self.db.long(self.effect.kind.statement.format(name=named[0]["name"]), action.timeout, lock_s, order.stop)

    # ---- afterwards

    async def _read_back(self, order: Order, failure: str) -> Outcome:
        from psycopg import Error

        try:
            done = await self.fresh(order.id, set() if failure else set(order.ids))
            left = await self.effect.leftovers(self.db, [{"id": one, "oid": ""} for one in order.ids])
            outcome = self._judged(order, done, failure, left)
            await ended(self.db, order.id, outcome)
        except (Lost, Error) as error:
            return self._unknown(order, f"it cannot be read back: {safe(error, 200)}")
        return outcome

    async def fresh(self, action_id: str, expected: set[str]) -> set[str]:
        """Which targets have been done by what the catalogue says; what is expected gets a moment to appear."""
        deadline = asyncio.get_running_loop().time() + FRESH_S
        while True:
            found = {row["id"] for row in await self.db.rows(self.effect.kind.fresh(), {"id": action_id})}
            if found >= expected or asyncio.get_running_loop().time() > deadline:
                return found
            await asyncio.sleep(0.1)

    def _judged(self, order: Order, done: set[str], failure: str, left: tuple[str, ...]) -> Outcome:
        title, asked = order.plan.title, len(order.ids)
        notes = "".join(f"; {note}" for note in (failure, *map(_plain, self.db.warnings[:1]), *left[:1]) if note)
        if len(done) == asked and not failure:
            return order.outcome("done", asked, f"{title}: done, {asked} of {asked}{notes}")
        missing = tuple(safe(one, 120) for one in order.ids if one not in done)[:20]
        word: Word = "partial" if done else "not applied"
        said = f"{len(done)} of {asked} done" if done else "not applied"
        outcome = order.outcome(word, len(done), f"{title}: {said}{notes}")
        remedy = "it needs the table's owner, or from PostgreSQL 17 on MAINTAIN" if self.db.warnings else ""
        return outcome.model_copy(update={"differing": missing, "remedy": remedy})

    def _unknown(self, order: Order, why: str) -> Outcome:
        message = f"{order.plan.title}: {why}; the server may still be at it"
        return order.outcome("unknown", None, message, WHO_SETTLES)


async def ended(db: ActionConnection, action_id: str, outcome: Outcome) -> None:
    """Into the ledger, once."""
    said = json.dumps({"word": outcome.word, "message": outcome.message[:400]})
    sql = "SELECT watchdeck.ended(%s::uuid, %s::integer, %s::jsonb)"
    await db.rows(sql, (action_id, outcome.applied or 0, said))


def _said(error: Error, order: Order) -> str:
    if error.sqlstate == "57014" and order.stop.is_set():
        return "stopped, as somebody wanted it"
    if error.sqlstate == "55P03":
        return f"it was locked for longer than {LOCK_S:.0f} s"
    return safe(error.diag.message_primary or error, 300)


def _plain(warning: str) -> str:
    return f"the server warns: {safe(warning, 300)}"


@contextlib.asynccontextmanager
async def _watching(course: MaintenanceCourse, order: Order) -> AsyncIterator[None]:
    """Tells how far the statement is, by a second connection: the first one is waiting for its end."""
    over = asyncio.Event()
    task = asyncio.ensure_future(_progress(course, order, over))
    try:
        yield
    finally:
        over.set()
        await task  # not cancelled: a connection that is given up while it is being made stays half open


async def _progress(course: MaintenanceCourse, order: Order, over: asyncio.Event) -> None:
    source, kind = course.effect.source, course.effect.kind
    db = Database(source.action_dsn or source.dsn, source.title or "the database", SystemClock(), who="progress")
    try:
        while not await _set_within(over, PROGRESS_S):  # what is done at once needs no second connection
            said = "under way"
            with contextlib.suppress(SourceError):  # the statement goes on all the same
                for row in await db.rows(f"{kind.progress} WHERE pid = %s", (course.db.pid,)):
                    share = f" {100 * row['done'] / row['of']:.0f} %" if row["of"] else ""
                    said = f"{safe(row['phase'], 60)}{share}"
            await order.on_line(said)
    finally:
        await db.close()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
