"""Treazr Island in the demo: its checklists are green, and each scenario leads to an alert, a section and a remedy."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from services.actions.journal import Journal
from services.actions.plan import Outcome, Request
from services.actions.preview import preview, previewing
from services.actions.runner import Runner
from services.clock import SystemClock
from services.demo import control
from services.demo.background import Background
from services.demo.stack import Options
from services.demo.treazr.system import TreazrIsland
from services.errors import ActionError
from services.poller import Poller
from services.procedures.judged import judge
from services.procedures.kept import read
from services.procedures.seen import Seen
from services.procedures.verdict import Judged
from services.profile import Profile, load
from services.runbook import load as runbook
from services.runbook import reference
from services.sources import build, import_drivers
from services.status import close
from services.watching.watch import Watch
from tests.demo import eventually

FASTER = 10.0  # than real time: a window of a minute is over in six seconds
CHECKLISTS = ("daily", "weekly-hygiene")
LAG_S = 2.0  # the replica's is measured by the database's clock, which nobody turns


@dataclass(frozen=True)
class Way:
    """From a scenario to its alert, and what the profile offers against it."""

    rule: str
    action: str
    args: dict[str, str]


WAYS = {  # in the order in which one would do it: room for pods comes before more pods
    "unschedulable-pods": Way("unschedulable-pods", "uncordon-node", {"node": "node-3"}),
    "node-pressure": Way("node-pressure", "drain-node", {"node": "node-2"}),
    "storage-node-down": Way("storage-node-health", "restart-node", {"node": "minio-2"}),
    "replica-lag": Way("replication-lag", "restart-replica", {}),
    "idle-connections": Way("db-connections", "kill-idle-connections", {}),
    "certificate-expiring": Way("tls-expiry", "renew-certificate", {"certificate": "edge-tls"}),
    "api-errors": Way("api-5xx-ratio", "roll-back-api", {}),
    "queue-flood": Way("queue-depth", "scale-workers", {"replicas": "15"}),
}


class Fast(SystemClock):
    def mono(self) -> float:
        return super().mono() * FASTER

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / FASTER)


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    """Of a stack that runs, and that in the end is killed: of its two servers nothing may be left then."""
    stack = Background(Options(system="treazr-island"), say=lambda line: None)
    try:
        addresses = stack.start()
        found = load(Path(addresses.profile))
        lag = found.rules["replication-lag"].model_copy(update={"value": LAG_S})
        yield found.model_copy(update={"rules": {**found.rules, "replication-lag": lag}})
        everything = psutil.Process(addresses.pid).children(recursive=True)
        assert len([one for one in everything if "postgres" in one.name()]) > 2
        os.kill(addresses.pid, signal.SIGKILL)
        eventually(lambda: not any(one.is_running() for one in everything), 12)
        eventually(lambda: not Path(addresses.profile).parent.exists())
    finally:
        stack.stop()


@dataclass
class Console:
    profile: Profile
    watch: Watch
    clock: Fast

    def judged(self, checklist: str) -> Judged:
        watch, clock = self.watch, self.clock
        seen = Seen(self.profile, watch.past.snapshot, watch.alerts, clock.mono(), clock.wall(), read(self.profile))
        return judge(checklist, seen)

    def lacks(self) -> list[str]:
        return [
            f"{name}: {step.id}: {one}"
            for name in CHECKLISTS
            for step in self.judged(name).steps
            for one in step.conditions
            if one.state != "holds"
        ]

    def all_green(self) -> bool:
        """What is live holds; the rest is for people."""
        return not self.lacks()

    @property
    def firing(self) -> set[str]:
        """Of the profile's rules: a source may be late for a clock that is in such a hurry."""
        return {alert.rule for alert in self.watch.alerts.firing} & self.profile.rules.keys()

    async def until(self, seen: Callable[[], object], told: Callable[[], object], wait: float = 20.0) -> None:
        deadline = time.monotonic() + wait
        while not seen():
            assert time.monotonic() < deadline, f"not within {wait:.0f} s: {told()}"
            await asyncio.sleep(0.1)
            self.watch.tick()

    async def act(self, way: Way) -> Outcome:
        profile = self.profile
        async with previewing(profile, way.action) as prospect:
            request = Request(action=way.action, args=way.args, way="cli")
            plan = await preview(profile, request, prospect, actor="tester", role="admin", read_only=False)
        return await Runner(profile, plan, "as the runbook says", "tester", Journal.of(profile)).carry_out()


@asynccontextmanager
async def watching(profile: Profile) -> AsyncIterator[Console]:
    import_drivers(profile)
    clock = Fast()
    built, watch = build(profile, clock), Watch(profile, clock)
    polling = asyncio.create_task(Poller(built.sources, clock).run(watch.take))
    try:
        yield Console(profile, watch, clock)
    finally:
        polling.cancel()
        await asyncio.wait({polling})
        await close(built)


async def test_checklists_are_green_and_each_scenario_is_seen_and_put_right(profile: Profile) -> None:
    assert profile.demo and WAYS.keys() == TreazrIsland.scenarios.keys() == profile.demo.scenarios.keys()
    there = profile.demo.control
    async with watching(profile) as console:
        await console.until(console.all_green, console.lacks)
        for name in WAYS:
            await asyncio.to_thread(control.start, there, name)
        awaited = {way.rule for way in WAYS.values()}
        await console.until(lambda: awaited <= console.firing, lambda: awaited - console.firing)
        assert [console.judged(name).state for name in CHECKLISTS] == ["fails", "fails"]
        for way in WAYS.values():
            assert (await remedied(console, way)).word == "done", way
        await console.until(lambda: not console.firing, lambda: console.firing)
        await console.until(lambda: {one.state for one in control.scenarios(there)} == {"repaired"}, lambda: None)
        await console.until(console.all_green, console.lacks)


async def remedied(console: Console, way: Way) -> Outcome:
    """As the section of the alert says, which names the action."""
    rule = console.profile.rules[way.rule]
    text = runbook(console.profile.name)
    section = text.section(reference(rule.runbook)[1])
    assert section and f"`{way.action}`" in text.text(section)
    assert rule.remedy == way.action
    while True:
        try:
            return await console.act(way)
        except ActionError as error:
            assert "nothing matches" in error.message, error  # not idle for long enough yet
            await asyncio.sleep(0.5)
