"""Carries notices to every channel that wants them, in order, trying again. Nothing waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from services.clock import Clock
from services.errors import DeliveryError
from services.notify import Channel, build
from services.notify.message import Message, message
from services.watching.notices import Notice

if TYPE_CHECKING:
    from services.profile import Profile

WAITING = 500  # messages per channel; a channel that is down for days must not fill the memory
PAUSE_S, PAUSE_CAP_S = 1.0, 60.0
STEPS = 3  # a channel's own timeout counts for each of its steps; one that hangs for longer is not waited for
END_S = 2.0  # what is under way at the end is given this long
Say = Callable[[str], None]


class Delivered(Protocol):
    """What has arrived where: kept beyond a restart, so that nothing is told twice."""

    def known(self, notice: str, channel: str) -> bool: ...

    def mark(self, notice: str, channel: str) -> None: ...


class Courier:
    """`tell` never waits; `run` delivers until it is cancelled. `say` hears of what could not be delivered."""

    def __init__(
        self,
        profile: Profile,
        clock: Clock,
        delivered: Delivered,
        say: Say,
        channels: Mapping[str, Channel] | None = None,
    ) -> None:
        found = build(profile) if channels is None else channels
        self._routes = [_Route(found[name], profile.notify[name], clock, delivered, say) for name in found]
        self._profile = profile

    def tell(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            told = message(notice, self._profile)
            for route in self._routes:
                route.take(notice, told)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for route in self._routes:
                group.create_task(route.run())

    async def drain(self) -> None:
        """At the end: what is waiting has END_S to be delivered."""
        waiting = [asyncio.create_task(route.idle()) for route in self._routes]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=END_S)
            for task in late:
                task.cancel()


class _Route:
    """One channel, its filter and what waits for it."""

    def __init__(self, channel: Channel, spec: Any, clock: Clock, delivered: Delivered, say: Say) -> None:
        self._channel = channel
        self._spec = spec
        self._clock = clock
        self._delivered = delivered
        self._say = say
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(WAITING)

    def take(self, notice: Notice, told: Message) -> None:
        spec = self._spec
        if notice.word not in spec.words or (spec.severities and told.severity not in ("", *spec.severities)):
            return
        if self._delivered.known(told.id, self._channel.name):
            return
        try:
            self._waiting.put_nowait(told)
        except asyncio.QueueFull:
            self._say(f"notify.{self._channel.name}: {WAITING} notices wait; this one is dropped: {told.subject}")

    async def idle(self) -> None:
        await self._waiting.join()

    async def run(self) -> None:
        while True:
            told = await self._waiting.get()
            try:
                await self._deliver(told)
            finally:
                self._waiting.task_done()

    async def _deliver(self, told: Message) -> None:
        """Until it has arrived, or `tries` are used up; the next ones wait, so that the order is kept."""
        pause = PAUSE_S
        for left in reversed(range(self._spec.tries)):
            try:
                async with asyncio.timeout(STEPS * self._spec.timeout):
                    await self._channel.send(told)
            except TimeoutError:
                problem = f"notify.{self._channel.name}: no end after {STEPS * self._spec.timeout:g} s"
            except DeliveryError as error:
                problem = str(error).replace("\n  ->", ":")
            except Exception as error:  # a driver's surprise must not end this route
                problem = f"notify.{self._channel.name}: {type(error).__name__}: {error}"
            else:
                self._delivered.mark(told.id, self._channel.name)
                return
            self._say(problem if left else f"{problem}; given up: {told.subject}")
            if left:
                await self._clock.sleep(pause)
                pause = min(2 * pause, PAUSE_CAP_S)
