"""One restore test from the dump to the report."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from services import libpq
from services.actions.effects.effect import Order
from services.actions.effects.pursued import pursued
from services.actions.effects.streamed import environment
from services.actions.plan import Outcome
from services.backups.connection import PLAIN, connected, rows
from services.backups.feed import Fed, fed
from services.backups.kept import Kept
from services.backups.pour import Meter
from services.backups.proof import compared, complained, deleted, smoked, summed
from services.backups.scratch import clear, name_of, scratch
from services.errors import ActionError, WatchdeckError
from services.records.report import Line, write
from services.records.store import Records
from services.units import told

if TYPE_CHECKING:
    from services.actions.effects.restore.effect import RestoreTest
    from services.backups.connection import Connection


class RestoreCourse:
    def __init__(self, effect: RestoreTest, order: Order, kept: Kept) -> None:
        self.effect = effect
        self.order = order
        self.kept = kept
        self.meter = Meter("making a database")
        self.lines: list[Line] = []
        self.figures: dict[str, float | str | None] = {"dump": kept.name, "bytes": kept.size}
        self.figures["age_s"] = time.time() - kept.at

    async def run(self) -> Outcome:
        began = time.monotonic()
        try:
            await pursued(self._proved(), self.order, self.effect.action.timeout, lambda: self.meter.words)
        except WatchdeckError as error:
            if self.order.stop.is_set():
                raise ActionError(error.message) from error  # nothing is known, and nothing is recorded as if it were
            self.lines.append(Line("unknown", self.kept.name, error.message))
        await self.order.on_step("effect")
        self.figures["took_s"] = time.monotonic() - began
        await self.order.on_step("read back")
        return await self._judged()

    # ---- what is looked at

    async def _proved(self) -> None:
        effect, manifest = self.effect, self.kept.manifest
        await clear(effect.dsn)
        name = name_of(self.order.id)
        known = (manifest.encoding, manifest.collation) if manifest else ("", "")
        async with scratch(effect.dsn, name, *known):
            ran = await self._restored(name)
            self.lines += summed(self.kept, self.meter)
            self.lines += complained(ran, effect.action.tolerate)
            self.meter.doing = "comparing what was restored"
            async with connected(libpq.renamed(effect.dsn, name), "watchdeck/restore-test") as inside:
                await rows(inside, PLAIN)
                if manifest:
                    self.lines += await compared(inside, manifest, self.figures)
                if effect.action.deletions:
                    await self._without_deleted(inside)
                self.lines += await smoked(inside, effect.action.smoke)

    async def _restored(self, name: str) -> Fed:
        effect, began = self.effect, time.monotonic()
        self.meter.doing = "restoring"
        env = libpq.environment(libpq.renamed(effect.dsn, name), "watchdeck/restore-test") | environment(self.order.id)
        argv = [*effect.argv(self.kept), f"--dbname={name}"]
        ran = await fed(argv, env, self.kept.pieces, effect.threads, self.meter)
        self.figures["restore_s"] = time.monotonic() - began
        return ran

    async def _without_deleted(self, inside: Connection) -> None:
        assert self.effect.action.deletions
        self.meter.doing = "applying the deletions since"
        since = self.kept.manifest.taken_at if self.kept.manifest else self.kept.at
        async with connected(self.effect.live, "watchdeck/restore-test") as live:
            self.lines += await deleted(inside, live, self.effect.action.deletions, since, self.figures)

    # ---- and what came of it

    async def _judged(self) -> Outcome:
        wrong = [line for line in self.lines if line.word != "ok"]
        passed = bool(self.lines) and not wrong
        unkept = await self._report(passed)
        title = self.effect.action.title
        if not passed:
            more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            said = f"{wrong[0].what}: {wrong[0].said}{more}" if wrong else "nothing was looked at"
            return self.order.outcome(
                "partial", None, f"{title}: NOT PASSED: {said}{unkept}", "see its report in the view `backups`"
            )
        return self.order.outcome("done", 1, f"{title}: passed: {self._words()}{unkept}")

    def _words(self) -> str:
        tables = f"{self.figures['tables']} tables equal" if "tables" in self.figures else "no manifest to compare with"
        took = float(self.figures.get("restore_s") or 0.0)
        return (
            f"{self.kept.name}, {told(self.kept.size, 'bytes')}, restored in {took:.1f} s, {tables}, "
            f"{len(self.effect.action.smoke)} questions answered as they should be"
        )

    async def _report(self, passed: bool) -> str:
        """Empty, or why it could not be kept."""
        effect, actor = self.effect, self.order.plan.actor
        title = f"{effect.action.title}: {self.kept.name}"
        records, now = Records.of(effect.profile), time.time()
        try:
            await asyncio.to_thread(write, records, effect.id, title, actor, now, passed, self.lines, self.figures)
        except WatchdeckError as error:
            return f"; its report is missing: {error.message}"
        return ""
