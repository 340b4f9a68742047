"""Everything that leaves the console because of alerts: notices by the courier, and what stands for Alertmanagers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from services.clock import Clock
from services.notify.alertmanager import Standing
from services.notify.courier import Courier
from services.profile.notify import AlertmanagerChannel
from services.watching.notices import Notice
from services.watching.watch import Watch

if TYPE_CHECKING:
    from services.profile import Profile

Say = Callable[[str], None]
Ring = Callable[[Notice], None]


class Outgoing:
    """Made when the watch has been restored: what was delivered before is known then."""

    def __init__(
        self, profile: Profile, clock: Clock, watch: Watch, say: Say, ring: Ring | None = None, carry: bool = True
    ) -> None:
        """`ring` hears of every notice at once; a terminal's bell is not worth a queue. `carry`: whether
        anybody else is told from here."""
        self._courier = Courier(profile, clock, watch.state, say, None if carry else {})
        self._ring = ring
        self._standing = [
            Standing(name, spec, profile, clock, lambda: watch.alerts, say)
            for name, spec in profile.notify.items()
            if carry and isinstance(spec, AlertmanagerChannel)
        ]
        watch.listen(self._hear)

    def _hear(self, notices: tuple[Notice, ...]) -> None:
        self._courier.tell(notices)
        if self._ring:
            for notice in notices:
                self._ring(notice)

    async def run(self) -> None:
        """Until it is cancelled; what is waiting then has a moment to go out."""
        delivering = asyncio.create_task(self._deliver())
        try:
            await asyncio.shield(delivering)
        finally:
            await self.drain()
            delivering.cancel()

    async def _deliver(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._courier.run())
            for standing in self._standing:
                group.create_task(standing.run())

    async def drain(self) -> None:
        """At the end, before what was delivered can be noted no more: what is waiting has a moment to go out."""
        await self._courier.drain()
