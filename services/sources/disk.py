"""How full the mount points of this machine are, in bytes and in inodes."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from services.errors import SourceError
from services.profile import DiskSource
from services.readings import Figure, NamedFigure, NamedValues, Unknown
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
        self._mounts = spec.mounts
        # each has its own: one that hangs keeps nobody else's place
        self._threads = {mount: Threads(f"{name} {mount}", 1) for mount in spec.mounts}

    async def fetch(self) -> NamedValues:
        found = await asyncio.gather(*(self._mount(mount) for mount in self._mounts))
        faults = [fault for fault in found if isinstance(fault, SourceError)]
        if len(faults) == len(found):
            raise faults[0]
        figures = [figure for mount, told in zip(self._mounts, found, strict=True) for figure in _figures(mount, told)]
        return NamedValues("this machine", tuple(figures), not faults, faults[0].message if faults else "")

    async def close(self) -> None:
        """Nothing is open."""

    async def _mount(self, mount: str) -> os.statvfs_result | SourceError:
        shown = safe(mount, 200)
        try:
            async with asyncio.timeout(self.timeout_s - _SPARE_S):
                return await self._threads[mount].run(lambda: os.statvfs(mount))
        except TimeoutError:
            return SourceError("timeout", f"{shown} does not answer", "a network's file system whose server is gone?")
        except SourceError as error:  # the thread of an earlier call still hangs
            return error
        except OSError as error:
            kind = "missing" if isinstance(error, FileNotFoundError) else "error"
            return SourceError(kind, f"{shown}: {error.strerror}", "see `mounts`")  # type: ignore[arg-type]


def _figures(mount: str, told: os.statvfs_result | SourceError) -> list[NamedFigure]:
    labels = (("mount", safe(mount, 200)),)
    if isinstance(told, SourceError):
        why: Figure = Unknown("failed", told.message)
        return [
            NamedFigure(name, why, unit, labels) for name, unit in (("used_share", "share"), ("free_bytes", "bytes"))
        ]
    used = (told.f_blocks - told.f_bfree) * told.f_frsize
    free = told.f_bavail * told.f_frsize  # what is kept for root is neither free nor used, as df has it
    return [
        NamedFigure("used_share", _share(used, used + free), "share", labels),
        NamedFigure("free_share", _share(free, used + free), "share", labels),
        NamedFigure("used_bytes", used, "bytes", labels),
        NamedFigure("free_bytes", free, "bytes", labels),
        NamedFigure("inodes_free_share", _share(told.f_favail, told.f_files), "share", labels),
    ]


def _share(part: int, whole: int) -> Figure:
    return part / whole if whole else Unknown("not recorded", "this file system does not count them")
