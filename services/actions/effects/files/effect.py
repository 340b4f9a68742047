"""Deletes the files that were listed, as they were listed, and none beside them; what became of each is told."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from services.actions.effects.effect import Order
from services.actions.effects.files.folder import Folder
from services.actions.effects.files.old_files import DELETED, GONE, Seen, look, removed, target, warnings, why_none
from services.actions.effects.outside import Outside, changed_since
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target, Word, fingerprint
from services.actions.recorded import ended, rows_of
from services.actions.site import Site
from services.errors import ActionError
from services.profile import FilesAction, Profile
from services.sources.threads import Threads
from services.text import safe
from services.units import told

T = TypeVar("T")
_LISTED = 100  # of those that were not deleted
_SAID_S = 1.0


class Files(Outside):
    tells_later = True  # whether they are there can be seen at any time

    def __init__(self, profile: Profile, action_id: str, action: FilesAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action
        self._where = safe(action.directory, 200)
        self._threads = Threads(action_id, 1)  # a lost file server must not hold the program

    async def _in_time(self, call: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(self.action.timeout):
                return await self._threads.run(call)
        except TimeoutError:
            raise ActionError(f"{self._where} does not answer", "a file system whose server is gone?") from None
        except OSError as error:
            raise ActionError(f"{self._where}: {error.strerror}", "see `directory` in the profile") from error

    # ---- the preview

    async def look_up(self, request: Request, site: Site) -> Found:
        if request.args:
            raise ActionError(f"unknown setting {sorted(request.args)[0]!r}", "there are none: the profile says which")

        def listed() -> Seen:
            with Folder(self.action.directory) as folder:
                return look(folder, self.action)

        seen = await self._in_time(listed)
        targets = tuple(target(file, site.now) for file in seen.old[: self.action.cap])
        if not targets:
            raise ActionError(f"{self._title}: nothing to delete: {why_none(seen, self.action)}")
        return Found(
            targets=targets,
            matching=len(seen.old),
            changes=(self._changes(targets, site),),
            reversible=False,
            noun="file",
            name=Path(self.action.directory).name,
            warnings=tuple(warnings(seen, self.action)),
            detail=self._detail(seen, targets),
        )

    def _changes(self, targets: tuple[Target, ...], site: Site) -> str:
        size = told(sum(map(_size, targets)), "bytes")
        here = f"on this machine, {safe(site.name, 80)}, where the console runs"
        return f"deletes {len(targets)} files, {size} in all, from {self._where} {here}"

    def _detail(self, seen: Seen, targets: tuple[Target, ...]) -> dict[str, Any]:
        """The rules it goes by, the folder that it is, and the list's fingerprint."""
        rules = self.action.model_dump(include={"directory", "older_than", "keep", "least", "depth"})
        return {**rules, "match": list(self.action.match), "folder": seen.identity, "list": fingerprint(targets)}

    # ---- deleting

    async def do(self, order: Order) -> Outcome:
        with await self._in_time(lambda: Folder(self.action.directory)) as folder:
            seen = await self._in_time(lambda: look(folder, self.action))
            if changed_since(order, self._detail(seen, order.plan.targets)):
                what = "the folder, the list, or what the profile says of them"
                raise ActionError(f"{what} is no longer the previewed one", "take a new preview")
            fates = await self._removed(order, folder, seen)
            await order.on_step("effect")
            free = await self._in_time(lambda: _read_back(folder, fates))
        await order.on_step("read back")
        return self._judged(order, fates, seen.free, free)

    async def _removed(self, order: Order, folder: Folder, seen: Seen) -> dict[str, str]:
        """What became of each."""
        fates: dict[str, str] = {}
        said = time.monotonic()
        for each in order.plan.targets:
            if order.stop.is_set():
                fates[each.id] = "left: it was asked to stop"
                continue
            fates[each.id] = await self._threads.run(lambda one=each: removed(folder, one, seen))  # type: ignore[misc]
            if time.monotonic() - said > _SAID_S:
                said = time.monotonic()
                await order.on_line(f"{len(fates)} of {len(order.plan.targets)}")
        return fates

    def _judged(self, order: Order, fates: Mapping[str, str], before: int, free: int) -> Outcome:
        """done: none of the listed files is there any more."""
        counts = Counter(fate.partition(":")[0] for fate in fates.values())
        gone = [each for each in order.plan.targets if fates[each.id].startswith(DELETED)]
        left = [f"{name}: {fate}" for name, fate in fates.items() if fate not in (DELETED, GONE)]
        account = ", ".join(f"{count} {fate}" for fate, count in counts.items())
        room = f"{told(sum(map(_size, gone)), 'bytes')}; {told(free, 'bytes')} free, {told(before, 'bytes')} before"
        word: Word = "done" if not left else "partial" if gone else "not applied"
        message = f"{self._title}: of {len(fates)} files {account}, {room}"
        outcome = order.outcome(word, len(gone), message, "look at those that are left" if left else "")
        more = (f"… and {len(left) - _LISTED} more",) if len(left) > _LISTED else ()
        return outcome.model_copy(update={"differing": (*left[:_LISTED], *more)})

    # ---- what nobody saw end

    async def settled(self, record: Record, by: str) -> Outcome:
        """By looking: what is not there any more was deleted, by whomever."""
        names = rows_of(record)

        def there() -> list[str]:
            with Folder(self.action.directory) as folder:
                return [name for name in names if folder.now(name) is not None]

        left = await self._in_time(there)
        word: Word = "done" if not left else "partial" if len(left) < len(names) else "not applied"
        message = f"{record['title']}: nobody saw how it ended; {len(names) - len(left)} of {len(names)} files are gone"
        outcome = ended(record, word, len(names) - len(left), message, f"look: {self.hint(record)}" if left else "")
        return outcome.model_copy(update={"differing": tuple(f"{name}: is there" for name in left[:_LISTED])})

    def obstacle(self) -> str:
        if not Path(self.action.directory).is_dir():
            return f"there is no folder {self._where} on this machine"
        may = os.access(self.action.directory, os.W_OK | os.X_OK)
        return "" if may else f"{self._where}: this account may delete nothing there"

    def hint(self, record: Record) -> str:
        return f"which files are in {self._where}"


def _size(listed: Target) -> int:
    return int(listed.seen["size"] or 0)


def _read_back(folder: Folder, fates: dict[str, str]) -> int:
    """Bytes free now. What was deleted and has come back under its name is told."""
    for name, fate in fates.items():
        if fate == DELETED and folder.now(name) is not None:
            fates[name] = f"{DELETED}: and there is one of this name again"
    return folder.free()
