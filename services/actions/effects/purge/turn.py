"""One turn of a purge: a few rows, their objects deleted and seen to be gone, then those rows and no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.actions.effects.effect import Order
from services.actions.effects.purge.link import PurgeLink
from services.actions.effects.purge.tally import Fate, Tally
from services.actions.manifest import Entry, Manifest
from services.errors import SourceError
from services.sources.s3_deleting import is_refusal
from services.sources.s3_named import PAGE, Version, Versions

if TYPE_CHECKING:
    from services.actions.effects.purge.effect import Purge


class Halted(Exception):
    """The run cannot go on after this turn; the message says why."""


@dataclass
class Turn:
    """`take` accounts for every object and row of it, also when it raises Halted."""

    purge: Purge
    link: PurgeLink
    order: Order
    manifest: Manifest
    number: int
    entries: Sequence[Entry]
    tally: Tally
    _fates: dict[tuple[str, str], tuple[Fate, str]] = field(default_factory=dict)  # of each key and version
    _kept: dict[str, str] = field(default_factory=dict)  # row -> why it must not be touched
    _gone: set[str] = field(default_factory=set)  # rows that are not there any more
    _applied: int = 0  # how many the database has removed for us; others may have removed some at the same time

    async def take(self) -> None:
        rows = {entry.id: entry for entry in self.entries}
        try:
            await self._look(rows)
            await self.purge.with_store(self._delete)
        finally:
            self._account_objects()
        try:
            await self._remove([entry for entry in self.entries if self._is_free(entry)])
        finally:
            self._account_rows()

    # ---- may it still be deleted?

    async def _look(self, rows: dict[str, Entry]) -> None:
        standing = await self.link.standing(self.entries)
        for row in rows.values():
            now = standing.get(row.id)
            if now is None:
                self._gone.add(row.id)
            elif not (now["same"] and now["due"]):
                self._kept[row.id] = "changed since it was confirmed" if not now["same"] else "no longer due"
            elif not now["ready"]:
                self._kept[row.id] = "something that hangs on it is still there"

    # ---- the store

    def _delete(self) -> None:
        """Blocks. What is there and is as it was confirmed is deleted, and looked for again."""
        keys = [key for entry in self.entries for key in entry.keys]
        there = self.purge.store.find(keys, self.purge.all_versions())
        wanted = [each for entry in self.entries for each in self._wanted(entry, there)]
        try:
            for at in range(0, len(wanted), PAGE):
                self._ask_for(wanted[at : at + PAGE])
        finally:
            self._prove([each for each in wanted if self._place(each) in self._fates])

    def _wanted(self, entry: Entry, there: dict[str, Versions]) -> list[Version]:
        wanted = []
        for each in entry.objects:
            now = there.get(each.key, ())
            if not now:
                self._fates[self._place(each)] = ("gone", "")
            elif why := self._kept.get(entry.id, "its row is gone, and it is not" if entry.id in self._gone else ""):
                self._fates[self._place(each)] = ("changed", f"its row is {why}" if entry.id in self._kept else why)
            elif not set(now) <= set(entry.objects):
                self._fates[self._place(each)] = ("changed", "written again since it was confirmed")
            elif each in now:
                wanted.append(each)
            else:  # this version is gone, others of it are not
                self._fates[self._place(each)] = ("gone", "")
        return wanted

    def _ask_for(self, versions: Sequence[Version]) -> None:
        for each in versions:
            self._fates[self._place(each)] = ("unsure", "the store did not answer")
        refused = self.purge.store.delete(versions)
        for each in versions:
            why = refused.get(self._place(each), "")
            fate: Fate = "blocked" if is_refusal(why) else "unsure"
            self._fates[self._place(each)] = (fate, why or "still there after it was deleted")

    def _prove(self, asked: Sequence[Version]) -> None:
        """Deleted is what is not there any more. What still is, after a yes, somebody else has put there, or keeps."""
        there = self.purge.store.find([each.key for each in asked], self.purge.all_versions())
        for each in asked:
            fate, why = self._fates[self._place(each)]
            if each.key not in there or (each.id and each not in there[each.key]):
                self._fates[self._place(each)] = ("deleted", "")
            elif each not in there[each.key]:
                self._fates[self._place(each)] = ("changed", "written again while it was deleted")
            elif fate == "unsure":
                self._fates[self._place(each)] = ("left", why)

    @staticmethod
    def _place(each: Version) -> tuple[str, str]:
        return each.key, each.id

    # ---- the rows

    def _is_free(self, entry: Entry) -> bool:
        """Whether the row may go: it is there, as it was, and every one of its objects is gone."""
        fates = {self._fates.get(self._place(each), ("left", ""))[0] for each in entry.objects}
        return entry.id not in self._kept and entry.id not in self._gone and fates <= {"deleted", "gone"}

    async def _remove(self, entries: Sequence[Entry]) -> None:
        from psycopg import Error

        from services.actions.connection import Lost

        for entry in entries:
            self._kept[entry.id] = "the database did not answer"
        if not entries:
            return
        try:
            receipt = await self.link.turn(self.order, self.manifest, self.number, entries)
            self._applied = int(receipt["applied"])
            left = await self.link.standing(entries)
        except (Lost, SourceError) as error:
            raise Halted(f"the database: {error}") from error
        except Error as error:
            for entry in entries:
                self._kept[entry.id] = f"the database refused: {error.diag.message_primary or error}"
            raise Halted(f"the database refused: {error.diag.message_primary or error}") from error
        for entry in entries:
            now = left.get(entry.id)
            if now is None or (now["same"] and not now["due"]):
                del self._kept[entry.id]
            else:
                self._kept[entry.id] = "locked, or changed, while its objects were deleted"

    # ---- the account

    def _account_objects(self) -> None:
        for entry in self.entries:
            for each in entry.objects:
                fate, why = self._fates.get(self._place(each), ("left", "its turn failed"))
                self.tally.object(fate, each.key, why, each.size)

    def _account_rows(self) -> None:
        for entry in self.entries:
            name = f"{self.purge.action.kinds[entry.kind].title} {entry.id}"
            if entry.id in self._gone:
                self.tally.row("gone", name)
            elif why := self._kept.get(entry.id):
                self.tally.row("unsure" if why == "the database did not answer" else "kept", name, why)
            elif self._is_free(entry):
                self.tally.row("removed" if self._applied > 0 else "gone", name)
                self._applied -= 1
            else:
                self.tally.row("kept", name, "not all of its objects are gone")
