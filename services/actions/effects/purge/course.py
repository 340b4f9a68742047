"""The course of a purge: begun in the ledger, turn by turn until nothing is left or somebody stops it, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from services.actions import refusals
from services.actions.connection import Lost
from services.actions.effects.effect import Order
from services.actions.effects.purge.link import PurgeLink
from services.actions.effects.purge.preview import digest
from services.actions.effects.purge.tally import Tally
from services.actions.effects.purge.turn import Halted, Turn
from services.actions.environment import site_of
from services.actions.manifest import Entry, Manifest
from services.actions.plan import WHO_SETTLES, Outcome, Word
from services.actions.refused import Refused
from services.actions.site import Site
from services.errors import ActionError, SourceError, WatchdeckError
from services.records import report
from services.records.store import Records
from services.text import safe

if TYPE_CHECKING:
    from services.actions.effects.purge.effect import Purge

LIFE_S = 5.0  # something is said at least so often


class PurgeCourse:
    def __init__(self, purge: Purge) -> None:
        self.purge = purge
        self.link = PurgeLink(purge)

    async def connect(self) -> None:
        await self.link.connect()

    async def close(self) -> None:
        await self.link.close()

    async def site(self) -> Site:
        return await site_of(self.purge.profile, self.link.db)

    async def carry_out(self, order: Order) -> Outcome:
        from psycopg import Error

        try:
            manifest = await asyncio.to_thread(self._confirmed, order)
            receipt = await self.link.begin(order, manifest)
        except Lost as error:
            message = f"{order.plan.title}: {error}; whether it began is not known, and nothing was deleted"
            return order.outcome("unknown", None, message, WHO_SETTLES)
        except Error as error:
            if "resume" not in order.plan.request.args:
                await asyncio.to_thread(self.purge.manifests.never_begun, manifest.id)
            return order.refused(await refusals.explain(error, self.purge, order.plan, self.link.db))
        except WatchdeckError as error:
            return order.refused(Refused("not applied", f"{error.message}; nothing was changed", error.remedy))
        if receipt["state"] != "started" or receipt["repeated"]:
            return order.outcome("not applied", 0, f"{order.plan.title}: it was submitted before; nothing was done now")
        tally = Tally()
        async with _alive(order, tally, manifest):
            why = await self._turns(order, manifest, tally)
        tally.rest(manifest.objects, len(manifest.entries))
        await order.on_step("effect")
        outcome = await self._ended(order, manifest, tally, why)
        await order.on_step("read back")
        return outcome

    def _confirmed(self, order: Order) -> Manifest:
        """The manifest, as it was confirmed, kept from now on."""
        frozen = order.plan.detail["frozen"]
        if order.plan.detail["digest"] != digest(self.purge):
            raise ActionError("the profile's action is no longer the previewed one", "take a new preview")
        manifest = self.purge.manifests.load(frozen["manifest"], frozen["sha256"])
        self.purge.insist_on_its_place(manifest, order.plan.system_identifier)
        self.purge.insist_on_prefixes(key for entry in manifest.entries for key in entry.keys)
        self.purge.manifests.begin(manifest.id)
        return manifest

    # ---- turn by turn

    async def _turns(self, order: Order, manifest: Manifest, tally: Tally) -> str:
        """Why it ended before its end; empty when it did not."""
        deadline = time.monotonic() + self.purge.action.longest
        for number, entries in enumerate(turns(manifest)):
            if order.stop.is_set():
                return "stopped, as somebody wanted it"
            if time.monotonic() > deadline:
                return f"it takes longer than {self.purge.action.longest:.0f} s"
            try:
                await Turn(self.purge, self.link, order, manifest, number, entries, tally).take()
            except (Halted, Lost, WatchdeckError) as error:
                return safe(error.args[0] if error.args else error, 300)
            await order.on_line(_progress(tally, manifest))
        return ""

    # ---- its end

    async def _ended(self, order: Order, manifest: Manifest, tally: Tally, why: str) -> Outcome:
        from psycopg import Error

        word: Word = "done" if tally.complete else "partial" if tally.anything else "not applied"
        said = {"word": word, "why": why, **{name: figure for name, figure in tally.figures().items() if figure}}
        message = f"{order.plan.title}: {tally.words()}{f'; {why}' if why else ''}"
        remedy = "" if word == "done" else self._remedy(manifest, tally)
        try:
            await self.link.end(order, word, tally.objects["deleted"], said)
        except (Lost, SourceError, Error) as error:
            message = f"{message}; its end could not be recorded in the database: {safe(error, 200)}"
            return order.outcome("unknown", tally.rows["removed"], message, remedy or WHO_SETTLES)
        if word == "done":
            await asyncio.to_thread(self.purge.manifests.finish, manifest.id)
        else:
            message += await asyncio.to_thread(self._reported, order, tally)
        outcome = order.outcome(word, tally.rows["removed"], message, remedy)
        return outcome.model_copy(update={"differing": tally.differing()})

    def _remedy(self, manifest: Manifest, tally: Tally) -> str:
        resume = f"watchdeck act {self.purge.id} --resume {manifest.id} goes on with the same manifest"
        if tally.objects["blocked"]:
            return f"escalate what is blocked: the store's owner has to allow it; then {resume}"
        return f"{resume}; or a new preview finds the rest"

    def _reported(self, order: Order, tally: Tally) -> str:
        """What is left, one by one, for whoever has to look at it."""
        try:
            records = Records.of(self.purge.profile)
            left = f"{order.plan.title}: what is left"
            made = report.write(
                records, self.purge.id, left, order.login, time.time(), False, tally.remarks, tally.figures()
            )
        except WatchdeckError as error:
            return f"; what is left could not be written down: {error.message}"
        return f"; report {made}"


def turns(manifest: Manifest) -> Iterator[list[Entry]]:
    """Always the same for the same manifest: of one kind, and of so many rows and objects as it says."""
    most = int(manifest.about["batch"])
    part: list[Entry] = []
    objects = 0
    for entry in manifest.entries:
        objects += len(entry.objects)
        if part and (entry.kind != part[0].kind or len(part) == most or objects > most):
            yield part
            part, objects = [], len(entry.objects)
        part.append(entry)
    if part:
        yield part


def _progress(tally: Tally, manifest: Manifest) -> str:
    done, away = tally.objects["deleted"] + tally.objects["gone"], tally.rows["removed"] + tally.rows["gone"]
    return f"{done:,} of {manifest.objects:,} objects gone; {away:,} of {len(manifest.entries):,} rows"


@contextlib.asynccontextmanager
async def _alive(order: Order, tally: Tally, manifest: Manifest) -> AsyncIterator[None]:
    """Says where it is while a turn takes its time: a runner that says nothing is taken for dead."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(LIFE_S)
            await order.on_line(f"{_progress(tally, manifest)}, under way")

    telling = asyncio.ensure_future(tell())
    try:
        yield
    finally:
        telling.cancel()
