"""Everything that a profile needs, tried: its form, every source, and what each action may do. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from services import lint
from services.action_trial import trials
from services.clock import Clock
from services.errors import ConfigError
from services.findings import Finding, Word, of_reading
from services.profile import Profile
from services.sources import build, import_drivers
from services.status import close, poll_once

__all__ = ["Finding", "Word", "examine"]


async def examine(profile: Profile, clock: Clock, timeout_s: float, read_only: bool = False) -> list[Finding]:
    """What was found, in the profile's order. Sources are tried at the same time, actions after them."""
    found = list(_form(profile))
    try:
        built = build(profile, clock)
    except ConfigError as error:
        return [*found, Finding("profile", "failed", error.message, error.remedy)]
    import_drivers(profile)
    try:
        readings = await poll_once(built.sources, clock, timeout_s)
    finally:
        await close(built)
    for reading in readings.values():
        found += of_reading(reading)
    return [*found, *await trials(profile, read_only)]


def _form(profile: Profile) -> Iterator[Finding]:
    problems = lint.check(profile)
    for problem in problems:
        yield Finding("profile", "failed", problem, "`watchdeck profile check` says the same without any network")
    if not problems:
        yield Finding("profile", "ok", f"{profile.name}: {len(profile.sources)} sources, {len(profile.rules)} rules")
