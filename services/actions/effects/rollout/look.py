"""How releases stand at this moment, asked of their sources and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.clock import SystemClock
from services.fetch import Fetch
from services.readings import Snapshot, SourceState
from services.releases import rollout
from services.rollout import Rollout
from services.sources import Source, build
from services.status import close

if TYPE_CHECKING:
    from services.profile import Profile


async def looked(profile: Profile, names: Iterable[str]) -> dict[str, Rollout]:
    """Component -> how its release stands; what does not answer is unknown."""
    wanted = {name: profile.releases[name] for name in names}
    told = [one for release in wanted.values() for one in (*release.instances, *filter(None, (release.pinned,)))]
    clock, asked = SystemClock(), {one.source for one in told}
    built = build(profile, clock)
    try:
        asking = (_asked(name, source, clock) for name, source in built.sources.items() if name in asked)
        readings = await asyncio.gather(*asking)
    finally:
        await close(built)
    snapshot = Snapshot(MappingProxyType({one.source: one for one in readings}))
    return {name: rollout(name, release, snapshot, clock.mono()) for name, release in wanted.items()}


async def _asked(name: str, source: Source, clock: SystemClock) -> SourceState:
    found = (await Fetch(source, clock).once()).reading(name, clock, source.interval_s)
    return SourceState(name, source.interval_s).with_reading(found)
