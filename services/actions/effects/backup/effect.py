"""Dumps a database straight into a bucket: there as a whole, with what it holds written beside it, or not at all."""

from __future__ import annotations

import re
import time
from statistics import median
from typing import TYPE_CHECKING

from services import libpq
from services.actions.effects.backup.course import BackupCourse
from services.actions.effects.effect import Order
from services.actions.effects.outside import Outside, changed_since
from services.actions.environment import insist_on_system
from services.actions.evidence import ago
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target
from services.actions.recorded import ended, rows_of
from services.actions.site import Site
from services.backups.connection import label
from services.backups.dumpable import dumpable, insist_on_program
from services.backups.store import Leftover, Store
from services.errors import ActionError
from services.profile import BackupAction, PostgresSource, Profile
from services.profile.sources.s3 import S3Access
from services.sources.threads import Threads
from services.text import safe
from services.units import told

if TYPE_CHECKING:
    from services.sources.s3_client import Object

USUAL = 7  # dumps whose median is the usual size


class Backup(Outside):
    tells_later = True  # the bucket knows whether it is there

    def __init__(self, profile: Profile, action_id: str, action: BackupAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action
        self.dsn = dsn_of(profile, action)
        self.store = store_of(profile, action)
        self.threads = Threads(action_id, 4)

    @property
    def place(self) -> str:
        return self.store.where

    async def look_up(self, request: Request, site: Site) -> Found:
        if request.args:
            raise ActionError(f"unknown setting {sorted(request.args)[0]!r}", "there are none")
        found = await dumpable(self.dsn, self.action.tables)
        insist_on_system(self.profile.environment, self.where, found.identifier)
        await insist_on_program(self.action.pg_dump, found.major)
        await self.threads.run(self.store.open)
        before = await self.threads.run(lambda: self.store.dumps(self.action.prefix, self.action.match))
        left = await self.threads.run(self.leftovers)
        key = self.action.prefix + time.strftime(self.action.name, time.gmtime(site.now))
        return Found(
            targets=(Target(id=key, label=told(found.bytes, "bytes"), note=_usual(before)),),
            matching=1,
            noun="dump",
            name=self.action.database,
            changes=tuple(self._changes(key, found.bytes, left)),
            reversible=None,
            warnings=("the dump holds one snapshot until it is done: VACUUM removes nothing newer meanwhile",),
            detail={
                "key": key,
                "argv": list(self.action.pg_dump),
                "of": self.where,
                "aborts": [one.id for one in left],
            },
        )

    def _changes(self, key: str, size: int, left: tuple[Leftover, ...]) -> list[str]:
        tables = len(self.action.tables)
        return [
            f"dumps {self.where} ({told(size, 'bytes')}) to {safe(key, 200)} in {self.store.where}",
            f"reads {tables} table{'s' * (tables > 1)} whole in the same snapshot, to count rows and sum them up",
            *(f"aborts the upload of {safe(one.key, 200)} that was begun {_since(one)} and left" for one in left),
        ]

    def leftovers(self) -> tuple[Leftover, ...]:
        """Of our own naming: an upload of another program's may well be under way."""
        return self.store.leftovers(self.action.prefix, re.sub(r"%[-_0^#]?[A-Za-z]", "*", self.action.name))

    @property
    def where(self) -> str:
        return label(libpq.parts(self.dsn))

    def obstacle(self) -> str:
        return ""

    async def lacking(self) -> str:
        found = await dumpable(self.dsn, self.action.tables)
        await insist_on_program(self.action.pg_dump, found.major)
        return ""

    def hint(self, record: Record) -> str:
        return f"whether {self.store.where} has {next(iter(rows_of(record)), 'the dump')}"

    async def do(self, order: Order) -> Outcome:
        key = order.plan.targets[0].id
        now = {"key": key, "argv": list(self.action.pg_dump), "of": self.where}
        if changed_since(order, {**now, "aborts": order.plan.detail.get("aborts")}):
            raise ActionError("the profile's backup is no longer the previewed one", "take a new preview")
        await self.threads.run(self.store.open)
        if await self.threads.run(lambda: self.store.size(key)) is not None:
            raise ActionError(f"{key} is there already", "take a new preview")
        return await BackupCourse(self, order, key).run()

    async def settled(self, record: Record, by: str) -> Outcome:
        """Whoever carried it out is gone: the bucket says how far it came."""
        [key], title = rows_of(record), str(record["title"])
        await self.threads.run(self.store.open)
        there = await self.threads.run(lambda: self.store.size(key))
        manifest = await self.threads.run(lambda: self.store.manifest(key)) if there is not None else None
        if manifest:
            return ended(record, "done", 1, f"{title}: {key} is there, as its manifest says")
        if there is not None:
            return ended(record, "partial", None, f"{title}: {key} is there, its manifest is not", "back up again")
        return ended(record, "not applied", 0, f"{title}: it was broken off, and there is no {key}")


def dsn_of(profile: Profile, action: BackupAction) -> str:
    source = profile.sources[action.database]
    assert isinstance(source, PostgresSource)  # or the profile would not have been valid
    return action.dsn or source.dsn


def store_of(profile: Profile, action: BackupAction) -> Store:
    source = profile.sources[action.store]
    assert isinstance(source, S3Access)
    return Store(source)


def _usual(before: tuple[Object, ...]) -> str:
    if not before:
        return "the first one there"
    newest, usual = before[0], median(one.size for one in before[:USUAL])
    return f"the newest there: {told(newest.size, 'bytes')} of {_since_at(newest.at)}; usual {told(usual, 'bytes')}"


def _since(left: Leftover) -> str:
    return _since_at(left.begun)


def _since_at(at: float) -> str:
    return ago(max(0.0, time.time() - at))
