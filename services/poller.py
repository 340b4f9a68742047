"""Asks every source again and again, each in a task of its own, and hands on what came as readings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from services.clock import Clock
from services.fetch import Fetch, Fetched
from services.pace import MIN_PAUSE_S, Pace
from services.readings import Dated, Reading

if TYPE_CHECKING:
    from services.sources import Source

WAVE_S = 1.0  # imports of drivers slow down everything else meanwhile: the first figures first
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class SourcePoll:
    """The polling of one source: one fetch at a time, a failure is a reading too."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._name = source.name
        self._clock = clock
        self._fetch = Fetch(source, clock)
        self._pace = Pace(source.interval_s)
        self._wanted = asyncio.Event()
        self._read_at: float | None = None  # when somebody else read what came last

    def poll_now(self) -> None:
        """Ask as soon as the fetch under way, if any, has ended: what it brings may be older than this wish."""
        self._wanted.set()

    def set_factor(self, factor: float) -> None:
        """Takes effect with a poll at once, so that the age on the screen is judged by the new interval."""
        self._pace.factor = factor
        self.poll_now()

    async def readings(self) -> AsyncIterator[Reading]:
        """For ever; the first fetch starts at once."""
        while True:
            self._wanted.clear()
            fetched = await self._fetch.once()
            pace = self._pace.after_success if fetched.fault is None else self._pace.after_failure
            beat = pace(fetched.took_s)
            if self._is_news(fetched):
                yield fetched.reading(self._name, self._clock, beat.interval_s, beat.note)
            await self._pause(beat.pause_s)

    def _is_news(self, fetched: Fetched) -> bool:
        """What somebody else has read is asked for oftener than he reads it: the same reading comes once."""
        before, self._read_at = self._read_at, fetched.values.at if isinstance(fetched.values, Dated) else None
        return self._read_at is None or self._read_at != before

    async def _pause(self, seconds: float) -> None:
        """The interval, or less when a poll is wanted now; never nothing, or a held key would flood the backend."""
        await self._clock.sleep(MIN_PAUSE_S)
        timer = asyncio.create_task(self._clock.sleep(seconds - MIN_PAUSE_S))
        wish = asyncio.create_task(self._wanted.wait())
        try:
            await asyncio.wait({timer, wish}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            wish.cancel()


class Poller:
    """All the sources of a console."""

    def __init__(self, sources: Mapping[str, Source], clock: Clock, later: Sequence[Collection[str]] = ()) -> None:
        """`later` names sources that start only when those before them have answered, or have had WAVE_S for it."""
        self._clock = clock
        self._polls = {name: SourcePoll(source, clock) for name, source in sources.items()}
        self._waves = [sources.keys() - set(chain(*later)), *later]
        self._factor = 1.0

    @property
    def factor(self) -> float:
        """What the configured intervals are multiplied by."""
        return self._factor

    async def run(self, emit: Callable[[Reading], None]) -> None:
        """Polls until it is cancelled. Raises only what `emit` raises."""
        async with asyncio.TaskGroup() as group:
            for wave in self._waves:
                answered = {name: asyncio.Event() for name in self._polls if name in wave}
                for name, event in answered.items():
                    group.create_task(self._follow(self._polls[name], emit, event))
                if wave is not self._waves[-1]:
                    await self._first_of_each(answered.values())

    async def _follow(self, poll: SourcePoll, emit: Callable[[Reading], None], answered: asyncio.Event) -> None:
        async for reading in poll.readings():
            emit(reading)
            answered.set()

    async def _first_of_each(self, answered: Iterable[asyncio.Event]) -> None:
        async def every() -> None:
            for event in answered:
                await event.wait()

        waiting = {asyncio.create_task(self._clock.sleep(WAVE_S)), asyncio.create_task(every())}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    def poll_now(self, source: str | None = None) -> None:
        """One source, or all of them."""
        for name, poll in self._polls.items():
            if source in (None, name):
                poll.poll_now()

    def faster(self) -> float:
        """The next shorter step, which it returns."""
        return self._step(-1)

    def slower(self) -> float:
        return self._step(+1)

    def _step(self, by: int) -> float:
        at = min(max(FACTORS.index(self._factor) + by, 0), len(FACTORS) - 1)
        self._factor = FACTORS[at]
        for poll in self._polls.values():
            poll.set_factor(self._factor)
        return self._factor
