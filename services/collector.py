"""The console without a screen: polls, judges, keeps the state, notifies, and shows everything to a Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from services.clock import Clock
from services.outgoing import Outgoing
from services.poller import Poller
from services.readings import Reading
from services.records.deploys import Deploys
from services.sources import Built
from services.state import State, path_of
from services.watching.watch import Watch

if TYPE_CHECKING:
    from services.profile import Profile

TICK_S = 1.0
Say = Callable[[str], None]


class Collector:
    """`run` until it is cancelled. `say` hears what an operator should know, a line each."""

    def __init__(self, profile: Profile, clock: Clock, built: Built, say: Say, notify: bool = True) -> None:
        self.watch = Watch(profile, clock)
        self._profile = profile
        self._clock = clock
        self._built = built
        self._say = say
        self._notify = notify
        self._deploys = Deploys(profile, lambda: self.watch.state.keeps, say)

    async def run(self) -> None:
        state = await asyncio.to_thread(State.open, path_of(self._profile), self._clock.wall)
        self.watch.past.restore(*await asyncio.to_thread(state.spans))
        self.watch.restore(state)
        for problem in filter(None, (state.problem, state.elsewhere)):
            self._say(problem)
        try:
            await self._run()
        finally:
            await asyncio.shield(self._end(state))

    async def _run(self) -> None:
        poller = Poller(self._built.sources, self._clock, self._built.later)
        outgoing = Outgoing(self._profile, self._clock, self.watch, self._say) if self._notify else None
        async with asyncio.TaskGroup() as group:
            group.create_task(poller.run(self._take))
            group.create_task(self._deploys.run())
            group.create_task(self.watch.run())
            group.create_task(self._tick())
            if outgoing:
                group.create_task(outgoing.run())

    def _take(self, reading: Reading) -> None:
        self.watch.take(reading)
        self._deploys.take(reading)

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            self.watch.tick()

    async def _end(self, state: State) -> None:
        await self._built.close()
        await asyncio.to_thread(state.close)
