"""Where readings come from while the console is open: the sources, built beside the keys and polled to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from services.clock import Clock
from services.readings import Reading

if TYPE_CHECKING:
    from services.database import Database
    from services.poller import Poller
    from services.profile import Profile, Role
    from services.queues.mapping import Mapping as QueueMapping
    from services.sources import Built

CLOSE_S = 1.0  # sources are given this long at the end

Build: TypeAlias = "Callable[[Profile, Clock], Built]"


def build_sources(profile: Profile, clock: Clock) -> Built:
    from services.sources import build  # drivers come with it: not before the first paint

    return build(profile, clock)


def relayed(url: str) -> Build:
    """Every source as another watchdeck read it, from the Prometheus at this address."""

    def build(profile: Profile, clock: Clock) -> Built:
        from services.relay.relayed import via

        return via(url, profile, clock)

    return build


class Polling:
    """Nothing is asked of anybody before it is opened, and nothing comes before it runs."""

    def __init__(self, clock: Clock, build: Build) -> None:
        self.build = build
        self.poller: Poller | None = None
        self._clock = clock
        self._built: Built | None = None

    async def open(self, profile: Profile) -> None:
        """In a thread: importing the drivers takes longer than a key may wait."""
        self._built = await asyncio.to_thread(self.build, profile, self._clock)
        from services.poller import Poller

        self.poller = Poller(self._built.sources, self._clock, self._built.later)

    async def run(self, take: Callable[[Reading], None]) -> None:
        assert self.poller is not None
        await self.poller.run(take)

    async def close(self) -> None:
        if self._built:
            try:
                await asyncio.wait_for(self._built.close(), CLOSE_S)
            except TimeoutError:
                return  # the process ends now; the server sees its connections go

    def now(self) -> None:
        """Everything at once."""
        if self.poller:
            self.poller.poll_now()

    def pace(self, slower: bool) -> float | None:
        """The factor on the profile's intervals from now on; None while nothing is polled."""
        if self.poller is None:
            return None
        return self.poller.slower() if slower else self.poller.faster()

    def queue_database(self, profile: Profile, name: str, role: Role) -> tuple[Database, QueueMapping] | None:
        """Where the jobs of this queue are, as the role sees them; None before the sources are built, and where there
        is no queue."""
        from services.profile import mapping_of
        from services.queues.shown import shown_to

        if self._built is None or not name:
            return None
        queue = profile.of_kind("queue")[name]
        database = self._built.databases.get(queue.database)
        return (database, shown_to(role, mapping_of(queue, name), profile.restricted)) if database else None
