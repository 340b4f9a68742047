"""Analytics ETL in the demo: its morning is green, and each scenario leads to an alert, a section and a remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.demo import control
from services.demo.analytics.scenarios import SCENARIOS, STUCK_OLD, STUCK_YOUNG
from services.demo.background import Background
from services.demo.stack import Options
from services.profile import Profile, load
from services.readings import Figure, NamedValues
from tests.walked import Console, walking

FASTER = 12.0  # than real time
WINDOW_S = 30.0  # of the rules that look back: nobody waits for more than three polls here
GREEN = ("daily", "smoke", "pre-deploy")
Step = tuple[str, dict[str, str]]  # an action, and what it is about

# scenario -> the rule that fires, and what one does about it, in this order; the first or the last is the rule's remedy
AT_ONCE: dict[str, tuple[str, list[Step]]] = {
    "stuck-jobs": ("stuck-jobs", [("restart-unit", {"ids": "app-orchestrator"}), ("reset-stuck-jobs", {})]),
    "disk-filling": ("disk-full", [("clean-logs", {})]),
    "backup-missed": ("backup-overdue", [("backup-now", {}), ("verify-backup", {})]),
    "bad-deploy": ("error-rate", [("rollback-to", {"tag": "v5.3.0"})]),
}
ALONE: dict[str, tuple[str, list[Step]]] = {  # while the web application is down, nobody tells of errors
    "unit-down": ("unit-down", [("restart-unit", {"ids": "app-web"})]),
}


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    stack = Background(Options(system="analytics-etl"), say=lambda line: None)
    try:
        found = load(Path(stack.start().profile))
        rules = {
            name: rule.model_copy(update={"window": min(rule.window, WINDOW_S)}) for name, rule in found.rules.items()
        }
        yield found.model_copy(update={"rules": rules})
    finally:
        stack.stop()


async def test_the_morning_is_green_and_each_scenario_is_seen_and_put_right(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.effects.unit.effect.STEADY_S", 0.2)
    assert AT_ONCE.keys() | ALONE.keys() == SCENARIOS.keys()
    async with walking(profile, FASTER) as console:
        await console.until(lambda: not console.lacks(*GREEN), lambda: console.lacks(*GREEN))
        assert {name for name, count in processes(console).items() if count} == {*processes(console)} != set()
        for ways in (AT_ONCE, ALONE):
            await gone_through(console, ways)
        await console.until(lambda: not console.lacks(*GREEN), lambda: console.lacks(*GREEN))
        old = await console.preview("clean-backups")
        assert len(old.targets) == 2 and (await console.act("clean-backups")).word == "done"


def processes(console: Console) -> dict[str, Figure]:
    """How many run, by the names under which the profile looks for them."""
    host = console.watch.past.snapshot.get("host")
    assert host and host.good and isinstance(host.good.values, NamedValues)
    return {dict(one.labels)["name"]: one.value for one in host.good.values.figures if one.name == "processes"}


async def gone_through(console: Console, ways: dict[str, tuple[str, list[Step]]]) -> None:
    assert console.profile.demo
    there = console.profile.demo.control
    for name in ways:
        await asyncio.to_thread(control.start, there, name)
    awaited = {rule for rule, _ in ways.values()}
    await console.until(lambda: awaited <= console.firing, lambda: awaited - console.firing)
    assert console.judged("daily").state == "fails" and console.judged("pre-deploy").state == "fails"
    for rule, steps in ways.values():
        text = console.section(rule)
        for action, args in steps:
            assert f"`{action}`" in text, (rule, action)
            outcome = await console.act(action, **args)
            assert outcome.word == "done", outcome
    await console.until(lambda: not console.firing, lambda: console.firing)

    def stands() -> set[str]:
        return {one.state for one in control.scenarios(there) if one.name in ways}

    await console.until(lambda: stands() == {"repaired"}, stands)  # the demo looks once in a while


async def test_the_preview_of_a_reset_counts_both_and_takes_those_of_over_two_hours(profile: Profile) -> None:
    assert profile.demo
    there = profile.demo.control
    await asyncio.to_thread(control.start, there, "stuck-jobs")
    async with walking(profile, FASTER) as console:
        plan = await console.preview("reset-stuck-jobs")
        assert len(plan.targets) == STUCK_OLD
        said = f"{STUCK_OLD + STUCK_YOUNG} processing for over 1 h, {STUCK_OLD} for over 2 h"
        assert said in plan.warnings
    await asyncio.to_thread(control.repair, there, "stuck-jobs")
