"""Whether it is this machine's own network that is down: references are asked when several sources fail at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from services.clock import Clock
from services.readings import Snapshot

if TYPE_CHECKING:
    from services.profile.maintenance import References

SEVERAL = 2
EVERY_S = 5.0
LOOK_S = 0.5
PATIENCE_S = 60.0  # after it has come back, for sources that are asked again late


class Network:
    """`cut_off` says why the network is taken to be down; "" when it is not. `run` keeps that true."""

    def __init__(self, references: References, clock: Clock, snapshot: Callable[[], Snapshot]) -> None:
        self.cut_off = ""
        self._references = references
        self._clock = clock
        self._snapshot = snapshot
        self._asked_at: float | None = None  # since when the answer is true; None: not asked in this trouble
        self._back_at: float | None = None

    @property
    def undecided(self) -> bool:
        """Several sources fail, and the references have not said yet whose fault that is."""
        return bool(self._references.tcp) and self._trouble and self._asked_at is None

    async def run(self) -> None:
        """Until it is cancelled; without references there is nobody to ask."""
        while self._references.tcp:
            await self.look()
            await self._clock.sleep(LOOK_S if not self.cut_off else EVERY_S)

    async def look(self) -> None:
        """Ask, if there is reason to."""
        if not self._trouble:
            self.cut_off, self._asked_at, self._back_at = "", None, None
        elif self._asked_at is None or self.cut_off or self._clock.mono() - self._asked_at > EVERY_S:
            self._judge(await self._answers())

    def _judge(self, answers: bool) -> None:
        now = self._asked_at = self._clock.mono()
        if not answers:
            self.cut_off, self._back_at = f"none of {', '.join(self._references.tcp)} answers", None
        elif self.cut_off:
            self._back_at = now if self._back_at is None else self._back_at
            if now - self._back_at > PATIENCE_S or self._all_asked_since(self._back_at):
                self.cut_off, self._back_at = "", None

    @property
    def _trouble(self) -> bool:
        states = [state for state in self._snapshot() if state.good or state.failed]
        failing = sum(state.failed is not None for state in states)
        return failing >= min(SEVERAL, len(states)) > 0

    def _all_asked_since(self, mono: float) -> bool:
        """Whether every source that fails has failed again since: then it is not the network."""
        return all(state.failed is None or state.failed.mono > mono for state in self._snapshot())

    async def _answers(self) -> bool:
        """Whether any reference can be reached."""
        tasks = [asyncio.create_task(self._reached(address)) for address in self._references.tcp]
        try:
            for done in asyncio.as_completed(tasks):
                if await done:
                    return True
            return False
        finally:
            for task in tasks:
                task.cancel()

    async def _reached(self, address: str) -> bool:
        """A refused connection comes from somebody who is there."""
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(self._references.timeout):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except ConnectionRefusedError:
            return True
        except (OSError, TimeoutError):
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True
