"""The newest of the files that match a glob: how old and how large it is, and how it compares with those before."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from services.clock import Clock
from services.errors import SourceError
from services.profile import FilesSource
from services.readings import AtLeast, Figure, NamedFigure, NamedValues, Unknown
from services.sources.globbed import folder_of, matching
from services.sources.threads import Threads
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

MOST = 20_000  # files looked at
COMPARED = 30  # files before the newest, whose median it is held against


def make(name: str, spec: FilesSource, parts: Parts) -> Files:
    return Files(name, spec, parts.clock)


@dataclass(frozen=True, order=True)
class _Found:
    at: float
    size: int
    path: Path


class Files:
    def __init__(self, name: str, spec: FilesSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._glob = spec.glob
        self._clock = clock
        self._threads = Threads(name, 1)

    async def fetch(self) -> NamedValues:
        found, cut = await self._threads.run(self._look)
        shown = safe(self._glob, 200)
        count: Figure = AtLeast(len(found)) if cut else len(found)
        newest = found[0] if found else None
        said = f"{safe(newest.path.name, 200)}, newest of {len(found):,}" if newest else "no file matches"
        return NamedValues(
            shown, (NamedFigure("count", count, "count"), *self._newest(found)), newest is not None, said
        )

    async def close(self) -> None:
        """Nothing is open."""

    def _look(self) -> tuple[list[_Found], bool]:
        """The newest first, and whether there are more than were looked at. One that goes meanwhile is not there."""
        base = folder_of(self._glob)
        if not base.is_dir():
            raise SourceError("missing", f"{safe(base, 200)}: there is no such folder", "see `glob`")
        if not os.access(base, os.R_OK | os.X_OK):
            raise SourceError("denied", f"{safe(base, 200)}: may not be read", "as which user does the console run?")
        found = []
        paths = matching(self._glob)
        for path in islice(paths, MOST):
            with contextlib.suppress(OSError):
                told = path.stat()
                if stat.S_ISREG(told.st_mode):
                    found.append(_Found(told.st_mtime, told.st_size, path))
        return sorted(found, reverse=True), next(paths, None) is not None

    def _newest(self, found: list[_Found]) -> tuple[NamedFigure, ...]:
        none = Unknown("no data yet", f"no file matches {safe(self._glob, 200)}")
        if not found:
            return tuple(NamedFigure(name, none, unit) for name, unit in _OF_NEWEST)
        newest, before = found[0], found[1 : COMPARED + 1]
        values: tuple[Figure, ...] = (
            max(0.0, self._clock.wall() - newest.at),
            newest.size,
            _against(newest.size, [file.size for file in before]),
            sum(file.size for file in found),
        )
        return tuple(NamedFigure(name, value, unit) for (name, unit), value in zip(_OF_NEWEST, values, strict=True))


_OF_NEWEST = (("newest_age_s", "s"), ("newest_bytes", "bytes"), ("size_against_median", ""), ("total_bytes", "bytes"))


def _against(size: int, before: list[int]) -> Figure:
    """A backup a third of the usual size is not one, however new it is."""
    usual = median(before) if before else 0
    return size / usual if usual else Unknown("no data yet", "there is no earlier file to hold it against")
