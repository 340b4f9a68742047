"""Treazr Island in the demo: its checklists are green, and each scenario leads to an alert, a section and a remedy."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from services.actions.plan import Outcome
from services.demo import control
from services.demo.background import Background
from services.demo.stack import Options
from services.demo.treazr.system import TreazrIsland
from services.errors import ActionError
from services.profile import Profile, load
from tests.demo import eventually
from tests.walked import Console, walking

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


def firing(console: Console) -> set[str]:
    """Of the profile's rules: a source may be late for a clock that is in such a hurry."""
    return console.firing & console.profile.rules.keys()


async def test_checklists_are_green_and_each_scenario_is_seen_and_put_right(profile: Profile) -> None:
    assert profile.demo and WAYS.keys() == TreazrIsland.scenarios.keys() == profile.demo.scenarios.keys()
    there = profile.demo.control
    async with walking(profile, FASTER) as console:
        await console.until(lambda: not console.lacks(*CHECKLISTS), lambda: console.lacks(*CHECKLISTS))
        for name in WAYS:
            await asyncio.to_thread(control.start, there, name)
        awaited = {way.rule for way in WAYS.values()}
        await console.until(lambda: awaited <= firing(console), lambda: awaited - firing(console))
        assert [console.judged(name).state for name in CHECKLISTS] == ["fails", "fails"]
        for way in WAYS.values():
            assert (await remedied(console, way)).word == "done", way
        await console.until(lambda: not firing(console), lambda: firing(console))
        await console.until(lambda: {one.state for one in control.scenarios(there)} == {"repaired"}, lambda: None)
        await console.until(lambda: not console.lacks(*CHECKLISTS), lambda: console.lacks(*CHECKLISTS))


async def remedied(console: Console, way: Way) -> Outcome:
    """As the section of the alert says, which names the action."""
    rule = console.profile.rules[way.rule]
    assert f"`{way.action}`" in console.section(way.rule)
    assert rule.remedy == way.action
    while True:
        try:
            return await console.act(way.action, **way.args)
        except ActionError as error:
            assert "nothing matches" in error.message, error  # not idle for long enough yet
            await asyncio.sleep(0.5)
