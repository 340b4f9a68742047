"""The clock, injected everywhere: durations by `mono`, points in time by `wall`, waiting by `sleep`."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    def mono(self) -> float:
        """Monotonic seconds; a suspend of the machine is among them."""
        ...

    def wall(self) -> float:
        """Unix seconds."""
        ...

    async def sleep(self, seconds: float) -> None: ...


# It goes on while the machine is suspended, as Linux's CLOCK_MONOTONIC does not: figures of before are old after it.
_MONO = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    def mono(self) -> float:
        return time.clock_gettime(_MONO)

    def wall(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
