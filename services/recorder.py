"""Asks every source again and again, and writes down what it brings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from services.clock import Clock
from services.poller import Poller
from services.readings import Reading
from services.recording import FORMAT, Header, write, write_header
from services.sources import build, import_drivers

if TYPE_CHECKING:
    from services.profile import Profile

CLOSE_S = 1.0


async def record(
    profile: Profile, clock: Clock, file: TextIO, seconds: float | None, wrote: Callable[[Reading], None]
) -> None:
    """For so long, or until it is cancelled. Each line is out before the next: who is stopped has what there was."""
    import_drivers(profile)
    built = build(profile, clock)

    def take(reading: Reading) -> None:
        write(file, reading)
        file.flush()
        wrote(reading)

    write_header(file, Header(FORMAT, profile.name, clock.wall()))
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(Poller(built.sources, clock, built.later).run(take), seconds)
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(built.close(), CLOSE_S)
