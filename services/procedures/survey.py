"""A look at everything from the command line: what conditions are judged by where no console is open."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.alerts import Alert, Alerts
from services.check import STALE_S
from services.clock import Clock
from services.poller import Poller
from services.procedures.kept import Kept, read
from services.procedures.seen import Seen
from services.sources import build, import_drivers
from services.state import path_of
from services.state.file import spans
from services.state.glance import glance
from services.state.spans import HOUR_S
from services.state.state import SUMMED_S
from services.status import close
from services.watching.watch import Watch

if TYPE_CHECKING:
    from services.profile import Profile

LOOK_S = 0.1  # between two looks at what has come


async def survey(
    profile: Profile,
    clock: Clock,
    timeout_s: float,
    wait_s: float = 0.0,
    enough: Callable[[Seen], bool] = lambda seen: True,
) -> Seen:
    """Every source's first answer or failure, for at most `timeout_s`; then, until `wait_s` are over, whatever comes
    until it is `enough`: windows fill. Rules that are judged by somebody on this machine are taken from there."""
    import_drivers(profile)
    kept = await asyncio.to_thread(read, profile)
    elsewhere = await asyncio.to_thread(_watched, profile, clock)
    built = build(profile, clock)
    watch = await asyncio.to_thread(_remembering, profile, clock)
    polling = asyncio.create_task(Poller(built.sources, clock).run(watch.take))
    begun = clock.mono()
    try:
        while not polling.done():
            await clock.sleep(LOOK_S)
            watch.tick()
            seen, spent = _seen(watch, clock, kept, elsewhere), clock.mono() - begun
            if spent >= max(timeout_s, wait_s) or (_answered(watch) and (spent >= wait_s or enough(seen))):
                break
    finally:
        polling.cancel()
        await asyncio.wait({polling})
        await close(built)
    return _seen(watch, clock, kept, elsewhere)


def _remembering(profile: Profile, clock: Clock) -> Watch:
    """A watch that knows what was usual, as the console that was here last has left it. The file is only read."""
    watch, path = Watch(profile, clock), path_of(profile)
    if path.exists():
        with contextlib.suppress(sqlite3.Error):
            watch.past.restore(*spans(path, int((clock.wall() - SUMMED_S) // HOUR_S) * HOUR_S))
    return watch


def _answered(watch: Watch) -> bool:
    states = (watch.past.state(name) for name in watch.profile.sources)
    return all(state and (state.good or state.failed) for state in states)


def _seen(watch: Watch, clock: Clock, kept: Kept, elsewhere: tuple[Alert, ...]) -> Seen:
    known = {alert.rule for alert in elsewhere if alert.state != "unknown"}
    ours = [alert for alert in watch.alerts if alert.rule not in known]
    theirs = [alert for alert in elsewhere if alert.rule in known]
    alerts = Alerts(MappingProxyType({alert.key: alert for alert in (*ours, *theirs)}))
    return Seen(watch.profile, watch.past.snapshot, alerts, clock.mono(), clock.wall(), kept)


def _watched(profile: Profile, clock: Clock) -> tuple[Alert, ...]:
    """What a console or a collector on this machine says of the rules; nothing, where none is at work."""
    try:
        found = glance(path_of(profile))
    except (OSError, sqlite3.Error):
        return ()
    return found.alerts if found and clock.wall() - found.at <= STALE_S else ()
