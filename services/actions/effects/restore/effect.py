"""Proves that a dump can be restored: into a database made for it, held against its manifest, and dropped again."""

from __future__ import annotations

import time

from services import libpq
from services.actions.effects.backup.effect import dsn_of, store_of
from services.actions.effects.effect import Order
from services.actions.effects.outside import Outside, changed_since
from services.actions.effects.restore.course import RestoreCourse
from services.actions.evidence import ago
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target
from services.actions.recorded import ended
from services.actions.site import Site
from services.backups.connection import label
from services.backups.dumpable import insist_on_program
from services.backups.kept import Kept, in_bucket, on_disk
from services.backups.scratch import PREFIX, Server, clear, name_of, server
from services.errors import ActionError
from services.profile import BackupAction, Profile, RestoreTestAction
from services.sources.threads import Threads
from services.text import safe
from services.units import told

UNPACKED = 4  # times the dump's size, where no manifest says how large the database was


class RestoreTest(Outside):
    tells_later = True  # nothing is left of it but the report that was not written

    def __init__(self, profile: Profile, action_id: str, action: RestoreTestAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action
        self.threads = Threads(action_id, 4)

    @property
    def backup(self) -> BackupAction | None:
        found = self.profile.actions.get(self.action.backup)
        assert found is None or isinstance(found, BackupAction)  # or the profile would not have been valid
        return found

    @property
    def live(self) -> str:
        """Where what was deleted is asked for."""
        return dsn_of(self.profile, self.backup) if self.backup else ""

    @property
    def dsn(self) -> str:
        return self.action.dsn or self.live

    @property
    def place(self) -> str:
        return label(libpq.parts(self.dsn)).rpartition("/")[0]

    async def look_up(self, request: Request, site: Site) -> Found:
        if unknown := set(request.args) - {"dump"}:
            raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there is: dump=NAME")
        kept = await self.kept(request.args.get("dump", ""))
        there = await server(self.dsn)
        await insist_on_program(self.argv(kept)[:1], there.major)
        self._insist_on_room(kept, there)
        label, note = told(kept.size, "bytes"), f"written {ago(max(0.0, time.time() - kept.at))}"
        return Found(
            targets=(Target(id=kept.name, label=label, note=note),),
            matching=1,
            noun="dump",
            name=self.id,
            changes=tuple(self._changes(kept, there)),
            reversible=None,
            warnings=tuple(self._warnings(kept)),
            detail={"dump": kept.name, "bytes": kept.size, "argv": self.argv(kept), "on": self.place},
        )

    def _changes(self, kept: Kept, there: Server) -> list[str]:
        size = f"{'about ' if kept.manifest is None else ''}{told(_room(kept), 'bytes')}"
        return [
            f"makes a database {PREFIX}… on {self.place}, restores {safe(kept.name, 200)} into it ({size}), drops it",
            *(f"drops {name}, which an earlier test left there" for name in there.stale),
        ]

    def _warnings(self, kept: Kept) -> list[str]:
        found = []
        if kept.manifest is None:
            found.append("there is no manifest: what it should hold is not known, only whether it can be restored")
        if not self.action.dsn:
            found.append("it is the server that was dumped: the test takes its disk, and its time")
        if self.action.capacity is None:
            found.append("how much room that server has is not known here: see `capacity` of the action")
        return found

    def _insist_on_room(self, kept: Kept, there: Server) -> None:
        if self.action.capacity is None or there.used is None:
            return
        free, needed = self.action.capacity - there.used, _room(kept)
        if free < needed:
            raise ActionError(
                f"{self.place} has {told(max(0, free), 'bytes')} left of {told(self.action.capacity, 'bytes')}, "
                f"and the restored database takes about {told(needed, 'bytes')}",
                "make room, or name another server in the action's dsn",
            )

    async def kept(self, wanted: str) -> Kept:
        backup = self.backup
        if backup is None:
            return await self.threads.run(lambda: on_disk(self.action.glob, wanted))
        store = store_of(self.profile, backup)
        return await self.threads.run(lambda: in_bucket(store, backup.prefix, backup.match, wanted))

    def argv(self, kept: Kept) -> list[str]:
        """Without owners and grants: the roles of the live server need not be there. A subscription would connect."""
        if kept.custom:
            kept_out = ("--no-owner", "--no-privileges", "--no-subscriptions", "--no-publications", "--no-password")
            return [*self.action.pg_restore, *kept_out]
        return [*self.action.psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"]

    def obstacle(self) -> str:
        return ""

    async def lacking(self) -> str:
        there = await server(self.dsn)
        await insist_on_program(await self._program(), there.major)
        return ""

    async def _program(self) -> list[str]:
        """What the newest dump takes; before the first, what such dumps usually take."""
        try:
            return self.argv(await self.kept(""))[:1]
        except ActionError:
            return [*(self.action.pg_restore if self.action.backup else self.action.psql)][:1]

    def hint(self, record: Record) -> str:
        return f"whether {self.place} has a database {name_of(str(record['id']))}"

    async def do(self, order: Order) -> Outcome:
        kept = await self.kept(order.plan.targets[0].id)
        now = {"dump": kept.name, "bytes": kept.size, "argv": self.argv(kept), "on": self.place}
        if changed_since(order, now):
            raise ActionError("the dump, or the profile's restore test, is no longer the previewed one", "look again")
        return await RestoreCourse(self, order, kept).run()

    async def settled(self, record: Record, by: str) -> Outcome:
        """Nothing is left of one that was broken off, once its database is dropped."""
        dropped = await clear(self.dsn, name_of(str(record["id"])))
        said = f"; {dropped[0]}, which it had left, is dropped" if dropped else ""
        return ended(record, "not applied", 0, f"{record['title']}: it was broken off, and nothing is proved{said}")


def _room(kept: Kept) -> int:
    return kept.manifest.database_bytes if kept.manifest else UNPACKED * kept.size
