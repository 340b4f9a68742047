"""One fetch of one source, ended by a deadline whatever the source does: values or a fault, never an exception."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.clock import Clock
from services.errors import SourceError
from services.readings import Dated, Fault, Reading, Values
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Source

GRACE_S = 0.5  # a source that gives up by itself says more than we can, so it may speak first
MAX_ABANDONED = 2  # fetches that ignored their cancellation; with more of them no new one is started


@dataclass(frozen=True, slots=True)
class Fetched:
    """Either values or a fault."""

    took_s: float
    values: Values | Dated | None = None
    fault: Fault | None = None

    def reading(self, source: str, clock: Clock, interval_s: float, note: str = "") -> Reading:
        """As of now, or as of when somebody else read it: its age is told as it is."""
        wall, mono, told = clock.wall(), clock.mono(), self.values
        if not isinstance(told, Dated):
            return Reading(source, wall, mono, self.took_s, interval_s, told, self.fault, note)
        age = max(0.0, wall - told.at)
        every = max(interval_s, told.interval_s)
        return Reading(source, wall - age, mono - age, self.took_s, every, told.values, note=note)


class Fetch:
    """Asks one source, once at a time."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._abandoned: set[asyncio.Task[Values | Dated]] = set()

    async def once(self, deadline_s: float | None = None) -> Fetched:
        """Never raises, and returns by the deadline (the source's own timeout, and a little, if none is given)."""
        if len(self._abandoned) > MAX_ABANDONED:
            return Fetched(0.0, fault=self._stuck())
        limit = self._source.timeout_s + GRACE_S if deadline_s is None else deadline_s
        started = self._clock.mono()
        task = asyncio.create_task(self._source.fetch())
        ended = await self._ended(task, limit)
        took = self._clock.mono() - started
        if not ended:
            return Fetched(took, fault=self._late(limit))
        if fault := self._fault_of(task):
            return Fetched(took, fault=fault)
        return Fetched(took, values=task.result())

    async def _ended(self, task: asyncio.Task[Values | Dated], limit: float) -> bool:
        """Waits for the task or the limit. `wait_for` would go on waiting until the task has taken its cancellation."""
        timer = asyncio.create_task(self._clock.sleep(limit))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            if not (ended := task.done()):
                self._abandon(task)
        return ended

    def _abandon(self, task: asyncio.Task[Values | Dated]) -> None:
        def forget(ended: asyncio.Task[Values | Dated]) -> None:
            self._abandoned.discard(ended)
            if not ended.cancelled():
                ended.exception()  # nobody else will look at it

        self._abandoned.add(task)
        task.add_done_callback(forget)
        task.cancel()

    def _fault_of(self, task: asyncio.Task[Values | Dated]) -> Fault | None:
        name = self._source.name
        if task.cancelled():
            return Fault("error", f"{name}: the fetch was cancelled from inside", "it is tried again")
        error = task.exception()
        if error is None:
            return None
        if isinstance(error, SourceError):
            return Fault(error.kind, safe(error.message), safe(error.remedy))
        if isinstance(error, TimeoutError):
            return Fault("timeout", safe(f"{name}: timed out {error}").strip(), "it is tried again")
        return Fault(
            "error",
            safe(f"{name}: {type(error).__name__}: {error}"),
            "nobody foresaw this: `watchdeck doctor` tries the source alone",
        )

    def _late(self, limit: float) -> Fault:
        return Fault(
            "timeout",
            f"{self._source.name}: no answer within {limit:.3g} s",
            "the backend hangs or the network drops packets; a slow one needs a longer `timeout` in the profile",
        )

    def _stuck(self) -> Fault:
        return Fault(
            "timeout",
            f"{self._source.name}: {len(self._abandoned)} fetches hang and cannot be cancelled; no new one is started",
            "it goes on by itself when one of them ends; otherwise restart the console",
        )
