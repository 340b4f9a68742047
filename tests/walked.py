"""A running demo, watched as a console watches it but faster, and acted on as its keys do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.actions.journal import Journal
from services.actions.plan import Outcome, Plan, Request
from services.actions.preview import preview, previewing
from services.actions.runner import Runner
from services.clock import SystemClock
from services.poller import Poller
from services.procedures.judged import judge
from services.procedures.kept import read
from services.procedures.seen import Seen
from services.procedures.verdict import Judged
from services.profile import Profile
from services.runbook import load as runbook
from services.runbook import reference
from services.sources import build, import_drivers
from services.status import close
from services.watching.watch import Watch


class Fast(SystemClock):
    """So much faster than real time: a window of a minute is over in seconds."""

    def __init__(self, faster: float) -> None:
        super().__init__()
        self._faster = faster

    def mono(self) -> float:
        return super().mono() * self._faster

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._faster)


@dataclass
class Console:
    profile: Profile
    watch: Watch
    clock: Fast

    def judged(self, checklist: str) -> Judged:
        watch, clock = self.watch, self.clock
        seen = Seen(self.profile, watch.past.snapshot, watch.alerts, clock.mono(), clock.wall(), read(self.profile))
        return judge(checklist, seen)

    def lacks(self, *checklists: str) -> list[str]:
        """The live conditions that do not hold, or are not known yet; the rest is for people."""
        return [
            f"{name}: {step.id}: {one}"
            for name in checklists
            for step in self.judged(name).steps
            for one in step.conditions
            if one.state != "holds"
        ]

    @property
    def firing(self) -> set[str]:
        return {alert.rule for alert in self.watch.alerts.firing}

    async def until(self, seen: Callable[[], object], told: Callable[[], object], wait: float = 20.0) -> None:
        deadline = time.monotonic() + wait
        while not seen():
            assert time.monotonic() < deadline, f"not within {wait:.0f} s: {told()}"
            await asyncio.sleep(0.1)
            self.watch.tick()

    async def preview(self, action: str, **args: str) -> Plan:
        async with previewing(self.profile, action) as prospect:
            request = Request(action=action, args=args, way="cli")
            return await preview(self.profile, request, prospect, actor="tester", role="admin", read_only=False)

    async def act(self, action: str, **args: str) -> Outcome:
        plan = await self.preview(action, **args)
        return await Runner(self.profile, plan, "as the runbook says", "tester", Journal.of(self.profile)).carry_out()

    def section(self, rule: str) -> str:
        """The runbook's text on it."""
        text = runbook(self.profile.name)
        found = text.section(reference(self.profile.rules[rule].runbook)[1])
        assert found, rule
        return text.text(found)


@asynccontextmanager
async def walking(profile: Profile, faster: float) -> AsyncIterator[Console]:
    # by the fast clock what answers in time would seem to be late
    patient = {name: one.model_copy(update={"timeout": one.timeout * faster}) for name, one in profile.sources.items()}
    profile = profile.model_copy(update={"sources": patient})
    import_drivers(profile)
    clock = Fast(faster)
    built, watch = build(profile, clock), Watch(profile, clock)
    polling = asyncio.create_task(Poller(built.sources, clock).run(watch.take))
    try:
        yield Console(profile, watch, clock)
    finally:
        polling.cancel()
        await asyncio.wait({polling})
        await close(built)
