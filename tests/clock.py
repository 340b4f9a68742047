"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

SETTLE = 50  # turns of the loop: enough for what was woken to come to its next wait


class FakeClock:
    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self._mono = 1000.0
        self._wall_offset = wall - self._mono
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def mono(self) -> float:
        return self._mono

    def wall(self) -> float:
        return self._mono + self._wall_offset

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._mono + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Moves on, waking every sleeper at its own time and letting it run before the next."""
        until = self._mono + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._mono, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
                await self.settle()
        self._mono = until

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the machine's clock."""
        self._wall_offset += seconds

    async def settle(self) -> None:
        for _ in range(SETTLE):
            await asyncio.sleep(0)
