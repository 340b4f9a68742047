"""How full the mount points of this machine are, in bytes and in inodes, and folders against the size they may have."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from services.errors import SourceError
from services.profile import DiskSource, Quota
from services.readings import Figure, NamedFigure, NamedValues, Unknown
from services.sources.held import held
from services.sources.threads import Threads
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

_SPARE_S = 0.2  # a mount that hangs is given up this long before the whole is


def make(name: str, spec: DiskSource, parts: Parts) -> Disk:
    return Disk(name, spec)


class Disk:
    """A mount that does not answer, as a lost NFS server's, is unknown; the others are told all the same."""

    def __init__(self, name: str, spec: DiskSource) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._asked: dict[str, Callable[[], Room]] = {mount: partial(_of_mount, mount) for mount in spec.mounts}
        self._asked |= {quota.path: partial(_of_folder, quota) for quota in spec.folders.values()}
        # each has its own: one that hangs keeps nobody else's place
        self._threads = {path: Threads(f"{name} {path}", 1) for path in self._asked}

    async def fetch(self) -> NamedValues:
        found = await asyncio.gather(*(self._room(path) for path in self._asked))
        faults = [fault for fault in found if isinstance(fault, SourceError)]
        if len(faults) == len(found):
            raise faults[0]
        figures = [figure for path, told in zip(self._asked, found, strict=True) for figure in _figures(path, told)]
        return NamedValues("this machine", tuple(figures), not faults, faults[0].message if faults else "")

    async def close(self) -> None:
        """Nothing is open."""

    async def _room(self, path: str) -> Room | SourceError:
        shown = safe(path, 200)
        try:
            async with asyncio.timeout(self.timeout_s - _SPARE_S):
                return await self._threads[path].run(self._asked[path])
        except TimeoutError:
            return SourceError("timeout", f"{shown} does not answer", "a network's file system whose server is gone?")
        except SourceError as error:  # the thread of an earlier call still hangs
            return error
        except OSError as error:
            kind = "missing" if isinstance(error, FileNotFoundError) else "error"
            return SourceError(kind, f"{shown}: {error.strerror}", "see `mounts` and `folders`")  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Room:
    used: int
    free: int
    inodes_free: int | None  # None: nobody counts them for this one
    inodes: int


def _of_mount(mount: str) -> Room:
    told = os.statvfs(mount)
    used = (told.f_blocks - told.f_bfree) * told.f_frsize
    # what is kept for root is neither free nor used, as df has it
    return Room(used, told.f_bavail * told.f_frsize, told.f_favail, told.f_files)


def _of_folder(quota: Quota) -> Room:
    used = held(quota.path)
    return Room(used, max(0, quota.capacity - used), None, 0)


def _figures(path: str, room: Room | SourceError) -> list[NamedFigure]:
    labels = (("mount", safe(path, 200)),)
    if isinstance(room, SourceError):
        why: Figure = Unknown("failed", room.message)
        return [
            NamedFigure(name, why, unit, labels) for name, unit in (("used_share", "share"), ("free_bytes", "bytes"))
        ]
    figures = [
        NamedFigure("used_share", _share(room.used, room.used + room.free), "share", labels),
        NamedFigure("free_share", _share(room.free, room.used + room.free), "share", labels),
        NamedFigure("used_bytes", room.used, "bytes", labels),
        NamedFigure("free_bytes", room.free, "bytes", labels),
    ]
    if room.inodes_free is not None:
        figures.append(NamedFigure("inodes_free_share", _share(room.inodes_free, room.inodes), "share", labels))
    return figures


def _share(part: int, whole: int) -> Figure:
    return part / whole if whole else Unknown("not recorded", "this file system does not count them")
