"""The machine that the console runs on: processors, load, memory, swap, and what disks and network carry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from services.clock import Clock
from services.errors import SourceError
from services.profile import HostSource
from services.readings import Figure, NamedFigure, NamedValues, Unknown
from services.sources import proc
from services.sources.proc import Counters
from services.sources.threads import Threads
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

_FIRST_S = 0.25  # between the two looks of the first poll: shares are differences
_RATES = (
    *(("network_in", "received"), ("network_out", "sent")),
    *(("disk_read", "read"), ("disk_write", "written")),
)


def make(name: str, spec: HostSource, parts: Parts) -> Host:
    return Host(name, spec, parts.clock)


class Host:
    """From /proc. On a system without one there is nothing to tell, and that is what it says."""

    def __init__(self, name: str, spec: HostSource, clock: Clock, root: Path = Path("/proc")) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._processes = spec.processes
        self._top = spec.top
        self._clock = clock
        self._root = root
        self._threads = Threads(name, 1)
        self._before: tuple[float, Counters] | None = None

    async def fetch(self) -> NamedValues:
        if self._before is None:
            self._before = await self._counters()
            await self._clock.sleep(_FIRST_S)
        before, self._before = self._before, await self._counters()
        memory, load, of_processes = await self._threads.run(self._look)
        figures = (*_shares(before[1], self._before[1]), *load, *memory, *_rates(before, self._before), *of_processes)
        return NamedValues("this machine", figures)

    async def close(self) -> None:
        """Nothing is open."""

    async def _counters(self) -> tuple[float, Counters]:
        try:
            return self._clock.mono(), await self._threads.run(lambda: proc.counters(self._root))
        except FileNotFoundError as error:
            raise SourceError(
                "missing",
                f"{self.name}: there is no {safe(error.filename, 100)} on this system",
                "figures of the host are read from Linux's /proc; elsewhere use a `command`, or an exporter",
            ) from error

    def _look(self) -> tuple[list[NamedFigure], list[NamedFigure], list[NamedFigure]]:
        processes = [*proc.processes(self._root, self._processes), *proc.largest(self._root, self._top)]
        return proc.memory(self._root), proc.load(self._root), processes


def _shares(before: Counters, now: Counters) -> list[NamedFigure]:
    ticks = now.ticks - before.ticks
    busy, waiting = now.busy - before.busy, now.waiting - before.waiting
    none = Unknown("no data yet", "no time passed between two looks")
    return [
        NamedFigure("cpu_share", busy / ticks if ticks > 0 else none, "share"),
        NamedFigure("io_wait_share", max(0.0, waiting / ticks) if ticks > 0 else none, "share"),
    ]


def _rates(before: tuple[float, Counters], now: tuple[float, Counters]) -> list[NamedFigure]:
    passed = now[0] - before[0]

    def rate(name: str) -> Figure:
        gone = getattr(now[1], name) - getattr(before[1], name)
        if passed <= 0 or gone < 0:  # an interface or a disk that was counted went away
            return Unknown("no data yet", "the counters started again")
        return float(gone / passed)

    return [NamedFigure(f"{shown}_bytes_per_s", rate(name), "bytes") for shown, name in _RATES]
