"""Recorded readings held against a profile's rules: what would have fired, when, and how it stood at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from services.alerts import Alerts
from services.readings import Reading
from services.watching.transitions import Transition, transitions
from services.watching.watch import Watch

if TYPE_CHECKING:
    from services.profile import Profile

STEP_S = 5.0  # between readings the clock goes on too: that a source fell silent is told by it alone


class RecordedClock:
    """It stands where the recording is."""

    def __init__(self, reading: Reading) -> None:
        self._mono, self._wall = reading.mono, reading.at

    def mono(self) -> float:
        return self._mono

    def wall(self) -> float:
        return self._wall

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()  # whoever waits in a recording waits for ever

    def forward(self, mono: float) -> None:
        self._wall += mono - self._mono
        self._mono = mono

    def at(self, reading: Reading) -> None:
        """The wall clock may have been set meanwhile; the monotonic one never goes back."""
        self._mono, self._wall = max(self._mono, reading.mono), reading.at


class Replay:
    """Goes through the readings once; `alerts` is how everything stands after the last one that was taken."""

    def __init__(self, profile: Profile, readings: Iterable[Reading]) -> None:
        self._profile = profile
        self._readings = readings
        self.count = 0
        self.began: float | None = None  # unix seconds: the first reading and the last
        self.ended: float | None = None
        self.alerts = Alerts()

    def transitions(self) -> Iterator[Transition]:
        readings = iter(self._readings)
        first = next(readings, None)
        if first is None:
            return
        self.began, clock = first.at, RecordedClock(first)
        watch = Watch(self._profile, clock)
        yield from self._take(watch, first)
        for reading in readings:
            while clock.mono() + STEP_S < reading.mono:
                clock.forward(clock.mono() + STEP_S)
                watch.tick()
                yield from self._turned(watch, clock.wall())
            clock.at(reading)
            yield from self._take(watch, reading)

    def _take(self, watch: Watch, reading: Reading) -> Iterator[Transition]:
        self.count += 1
        self.ended = reading.at
        watch.take(reading)
        return self._turned(watch, reading.at)

    def _turned(self, watch: Watch, wall: float) -> Iterator[Transition]:
        before, self.alerts = self.alerts, watch.alerts
        return transitions(before, self.alerts, wall)
