"""One backup from the snapshot to the report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from services import libpq
from services.actions.effects.effect import Order
from services.actions.effects.pursued import pursued
from services.actions.effects.streamed import environment
from services.actions.environment import insist_on_system
from services.actions.plan import Outcome
from services.backups.connection import rows
from services.backups.count import counted
from services.backups.manifest import Counted, Manifest
from services.backups.pour import Meter, aborted, poured
from services.backups.snapshot import Snapshot, snapshot
from services.backups.store import Upload
from services.errors import ActionError, SourceError, WatchdeckError
from services.records.report import Line, write
from services.records.store import Records
from services.units import told

if TYPE_CHECKING:
    from services.actions.effects.backup.effect import Backup

T = TypeVar("T")

COMPLETES_S = 300.0  # a store that puts thousands of parts together
LOCK_WAIT = "--lock-wait-timeout=30000"  # ms: behind somebody's ALTER TABLE everybody else would queue up


class BackupCourse:
    def __init__(self, effect: Backup, order: Order, key: str) -> None:
        self.effect = effect
        self.order = order
        self.key = key
        self.meter = Meter("looking at the database")
        self.began = time.monotonic()

    async def run(self) -> Outcome:
        try:
            manifest = await self._dumped()
        except WatchdeckError as error:
            await self._report(False, [Line("failed", self.key, error.message)])
            raise
        if manifest is None:
            message = f"{self._title}: whether {self.key} is complete is not known: the store did not say"
            return self.order.outcome("unknown", None, message, f"look: {self.effect.hint({'rows': [self.key]})}")
        return await self._read_back(manifest)

    @property
    def _title(self) -> str:
        return self.effect.action.title

    # ---- the dump

    async def _dumped(self) -> Manifest | None:
        """None: it was asked to be completed, and nobody knows whether it is."""
        effect, action = self.effect, self.effect.action
        async with snapshot(effect.dsn, f"watchdeck {effect.profile.name} {effect.id}") as seen:
            insist_on_system(effect.profile.environment, effect.where, seen.identifier)
            await self._abort_leftovers()
            work = self._poured(seen)
            upload, tables, ledger = await pursued(work, self.order, action.timeout, lambda: self.meter.words)
            self.meter.doing = "putting the parts together"
            work_ = self._complete(upload)
            if not await pursued(work_, self.order, COMPLETES_S, lambda: self.meter.words, asyncio.Event()):
                return None
            await self.order.on_step("effect")
            return self._manifest(seen, tables, ledger)

    async def _abort_leftovers(self) -> None:
        """Nobody else is at it, by the lock that we hold: what was previewed as left is nobody's."""
        previewed = set(self.order.plan.detail.get("aborts") or ())
        for left in await self._store(self.effect.leftovers):
            if left.id in previewed:
                await self._store(partial(self.effect.store.abort, left.key, left.id))

    async def _poured(self, seen: Snapshot) -> tuple[Upload, dict[str, Counted], str]:
        effect = self.effect
        counting = asyncio.ensure_future(self._counted(seen))
        argv = [*effect.action.pg_dump, "--format=custom", "--no-password", LOCK_WAIT, f"--snapshot={seen.id}"]
        self.meter.doing = "dumping"
        try:
            env = libpq.environment(effect.dsn, "watchdeck/backup") | environment(self.order.id)
            upload = await poured(argv, env, effect.store, self.key, effect.threads, self.meter)
            try:
                self.meter.doing = "counting what was dumped"
                return upload, *(await counting)
            except BaseException:
                await aborted(effect.store, upload, effect.threads)
                raise
        finally:
            counting.cancel()
            await asyncio.wait({counting})

    async def _counted(self, seen: Snapshot) -> tuple[dict[str, Counted], str]:
        tables = await counted(seen.connection, self.effect.action.tables)
        if not (query := self.effect.action.ledger):
            return tables, ""
        found = await rows(seen.connection, query)
        return tables, str(next(iter(found[0].values()))) if found else ""

    async def _complete(self, upload: Upload) -> bool:
        """A reply that was lost is no answer: the store is asked what is there now."""
        store = self.effect.store
        try:
            await self._store(lambda: store.complete(upload))
            return True
        except SourceError as error:
            if error.kind in ("denied", "config", "missing"):
                await aborted(store, upload, self.effect.threads)
                raise
            with suppress(SourceError):
                if await self._store(lambda: store.size(self.key)) is not None:
                    return True
                await self._store(lambda: store.abort(upload.key, upload.id))
                raise ActionError(f"the store did not complete it: {error.message}", error.remedy) from error
            return False

    def _manifest(self, seen: Snapshot, tables: dict[str, Counted], ledger: str) -> Manifest:
        return Manifest(
            key=self.key,
            bytes=self.meter.size,
            sha256=self.meter.sha256,
            taken_at=seen.taken_at,
            took_s=time.monotonic() - self.began,
            database=self.effect.where,
            database_bytes=seen.bytes,
            system_identifier=seen.identifier,
            server_version=seen.version,
            encoding=seen.encoding,
            collation=seen.collation,
            tables=tables,
            ledger=ledger,
            action=self.order.id,
        )

    # ---- whether it is there, and what is kept of it

    async def _read_back(self, manifest: Manifest) -> Outcome:
        try:
            await self._store(lambda: self.effect.store.describe(manifest))
            size = await self._store(lambda: self.effect.store.size(self.key))
            kept = await self._store(lambda: self.effect.store.manifest(self.key))
        except SourceError as error:
            message = f"{self._title}: {self.key} is complete, and not described: {error.message}"
            await self._report(False, [Line("unknown", self.key, error.message)], manifest)
            return self.order.outcome("partial", None, message, error.remedy)
        await self.order.on_step("read back")
        right = size == manifest.bytes and kept == manifest
        said = f"{told(manifest.bytes, 'bytes')} in {manifest.took_s:.1f} s"
        line = Line("ok" if right else "failed", self.key, said if right else f"{size} bytes are there, not {said}")
        unkept = await self._report(right, [line, *_lines(manifest)], manifest)
        if not right:
            return self.order.outcome(
                "partial", None, f"{self._title}: {line.said}", "back up again, look at the store"
            )
        rows_ = sum(table.rows for table in manifest.tables.values())
        message = f"{self._title}: {self.key}, {said}, {rows_:,} rows of {len(manifest.tables)} tables counted{unkept}"
        return self.order.outcome("done", 1, message)

    async def _report(self, passed: bool, lines: list[Line], manifest: Manifest | None = None) -> str:
        """Empty, or why it could not be kept."""
        figures: dict[str, float | str | None] = {"dump": self.key}
        figures |= {"bytes": manifest.bytes, "took_s": manifest.took_s} if manifest else {}
        title = f"{self._title}: {self.key}"
        records, actor, now = Records.of(self.effect.profile), self.order.plan.actor, time.time()
        try:
            await asyncio.to_thread(write, records, self.effect.id, title, actor, now, passed, lines, figures)
        except WatchdeckError as error:
            return f"; its report is missing: {error.message}"
        return ""

    async def _store(self, call: Callable[[], T]) -> T:
        return await self.effect.threads.run(call)


def _lines(manifest: Manifest) -> list[Line]:
    tables = [Line("ok", name, f"{table.rows:,} rows") for name, table in manifest.tables.items()]
    return [Line("ok", "sha256", manifest.sha256), *tables]
