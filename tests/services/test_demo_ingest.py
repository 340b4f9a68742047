"""The ingest API in the demo: its day is green, and each scenario leads to an alert, a section and a remedy."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.clock import SystemClock
from services.demo import control
from services.demo.background import Background
from services.demo.ingest.scenarios import SCENARIOS
from services.demo.ingest.traffic import USUAL
from services.demo.stack import Addresses, Options
from services.profile import CommandSource, LogsSource, Profile, load
from services.profile.rules import BaselineRule
from services.readings import LogsValues, NamedValues
from services.rules.past import Span
from services.rules.rates import path
from services.rules.usual import HOUR_S, KEPT_S
from services.sources.command import Command
from services.sources.logs import Logs
from tests.walked import Console, walking

FASTER = 20.0  # than real time
DAY = ("daily", "change-policy")


@dataclass(frozen=True)
class Stack:
    profile: Profile
    addresses: Addresses

    @property
    def control(self) -> str:
        assert self.profile.demo
        return self.profile.demo.control

    async def start(self, scenario: str) -> None:
        await asyncio.to_thread(control.start, self.control, scenario)

    def state(self, scenario: str) -> str:
        return next(one.state for one in control.scenarios(self.control) if one.name == scenario)

    def ask(self, method: str, path: str, data: object = None, **headers: str) -> tuple[int, Any]:
        """The status and the document; the id of the request is in the answer's header, too."""
        api = http.client.HTTPConnection(urlsplit(self.addresses.api).netloc, timeout=10)
        body = data if data is None or isinstance(data, bytes) else json.dumps(data)
        api.request(method, path, body, headers)
        answer = api.getresponse()
        told = json.loads(answer.read())
        api.close()
        assert answer.getheader("X-Request-Id")
        return answer.status, told


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    background = Background(Options(system="ingest-api"), say=lambda line: None)
    try:
        addresses = background.start()
        yield Stack(_at_this_pace(load(Path(addresses.profile))), addresses)
    finally:
        background.stop()


def _at_this_pace(profile: Profile) -> Profile:
    """By a clock that runs faster eight scripts would be started all the time."""
    every = {"command": 80.0, "http": 10.0}
    sources = {
        name: source.model_copy(update={"interval": every.get(source.kind, source.interval)})
        for name, source in profile.sources.items()
    }
    return profile.model_copy(update={"sources": sources})


@contextmanager
def busy(stack: Stack) -> Iterator[None]:
    """More readers than the demo has, so that there is enough to judge in the seconds that a window has here."""
    over = threading.Event()

    def read() -> None:
        while not over.wait(0.1):
            with suppress(OSError, http.client.HTTPException):
                stack.ask("GET", "/api/events")

    readers = [threading.Thread(target=read, daemon=True) for _ in range(6)]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        over.set()
        for reader in readers:
            reader.join()


def teach(console: Console, rate: float) -> None:
    """Four weeks of it, by a clock that runs faster."""
    rule = console.profile.rules["volume"]
    assert isinstance(rule, BaselineRule) and rule.selector
    wall = console.clock.wall()
    hours = range(int((wall - KEPT_S) // HOUR_S), int(wall // HOUR_S))
    signal = path(rule.selector, ())
    console.watch.past.learn(Span(rule.source, signal, hour * HOUR_S, rate / FASTER) for hour in hours)


async def fires(console: Console, *rules: str) -> None:
    await console.until(lambda: set(rules) <= console.firing, lambda: set(rules) - console.firing)


async def is_over(console: Console) -> None:
    await console.until(lambda: not console.firing, lambda: console.firing)


async def are_repaired(stack: Stack, console: Console, *scenarios: str) -> None:
    """As the demo sees it, which looks once a second."""
    await console.until(lambda: {stack.state(one) for one in scenarios} == {"repaired"}, lambda: scenarios)


async def done(console: Console, rule: str, action: str, **args: str) -> None:
    assert f"`{action}`" in console.section(rule)
    outcome = await console.act(action, **args)
    assert outcome.word == "done", outcome


async def test_the_day_is_green_and_each_scenario_is_seen_and_put_right(stack: Stack) -> None:
    assert SCENARIOS.keys() == {"bad-release", "redis-down", "ingest-surge", "config-broken"}
    async with walking(stack.profile, FASTER) as console:
        teach(console, USUAL)
        await console.until(lambda: not console.lacks(*DAY), lambda: console.lacks(*DAY))
        await through_a_release_without_redis(stack, console)
        await through_a_flood_without_limits(stack, console)
        await console.until(lambda: not console.lacks(*DAY), lambda: console.lacks(*DAY))


async def through_a_release_without_redis(stack: Stack, console: Console) -> None:
    await stack.start("bad-release")
    await stack.start("redis-down")
    with busy(stack):
        await fires(console, "error-ratio", "error-budget", "redis-down", "service-down")
    assert console.judged("daily").state == "fails" and console.judged("change-policy").state == "fails"
    await done(console, "redis-down", "degrade-mode")
    await console.until(lambda: stack.ask("GET", "/health/ready")[0] == 200, lambda: "not ready without Redis")
    await done(console, "error-ratio", "pause-rollout")
    await done(console, "error-ratio", "rollback-image")
    assert stack.ask("GET", "/health/live")[1]["version"] == "1.8.3"
    await is_over(console)
    await done(console, "redis-down", "end-degrade-mode")
    await are_repaired(stack, console, "bad-release", "redis-down")


async def through_a_flood_without_limits(stack: Stack, console: Console) -> None:
    await stack.start("config-broken")
    await stack.start("ingest-surge")
    await fires(console, "payload-guard", "volume")
    await done(console, "payload-guard", "revert-config")
    await done(console, "volume", "lower-ingest-limits", items="100", bytes="100000")
    status, told = stack.ask("POST", "/api/ingest/batch", {"items": [{"source": "a"}] * 101})
    assert (status, told["code"]) == (413, "BATCH_TOO_LARGE")
    await is_over(console)
    await are_repaired(stack, console, "config-broken", "ingest-surge")
    assert (await console.act("revert-config")).word == "done"


async def test_a_request_is_found_in_the_logs_of_all_that_had_to_do_with_it(stack: Stack) -> None:
    status, told = stack.ask("POST", "/api/ingest", {"source": "a"}, **{"X-Request-Id": "find-me-1"})
    assert status == 202 and told["request_id"] == "find-me-1"
    profile, found = stack.profile, set[str]()
    logs = [Logs(name, spec, SystemClock()) for name, spec in profile.sources.items() if isinstance(spec, LogsSource)]

    async def look() -> set[str]:
        for log in logs:
            values: LogsValues = await log.fetch()
            found.update(log.name for line in values.lines if line.request == "find-me-1")
        return found

    for _ in range(50):
        if await look() == {"api-log", "worker-log"}:
            break
        await asyncio.sleep(0.1)
    assert found == {"api-log", "worker-log"}
    for log in logs:
        await log.close()


async def test_a_benchmark_fails_by_its_thresholds_and_tells_its_figures_all_the_same(stack: Stack) -> None:
    spec = stack.profile.sources["query-benchmark"]
    assert isinstance(spec, CommandSource)
    good: NamedValues = await Command("bench", spec).fetch()
    strict = spec.model_copy(update={"env": {"BENCH_FAIL_THRESHOLD_MS": "0.0001"}})
    bad: NamedValues = await Command("bench", strict).fetch()
    assert (good.get("exit_code"), bad.get("exit_code")) == (0, 1)
    for values in (good, bad):
        assert all(isinstance(values.get(name), float) for name in ("mean_ms", "p95_ms")), values


async def test_the_schema_goes_one_revision_back_and_the_policy_notices(stack: Stack) -> None:
    """The last test here: nothing takes it forward again."""
    async with walking(stack.profile, FASTER) as console:
        assert console.profile.actions["downgrade-schema"].confirm == "reversible and data-safe"
        assert (await console.act("downgrade-schema")).word == "done"
        again = await console.act("downgrade-schema")
        assert again.word == "partial" and "no way back" in again.message
        await console.until(lambda: "keeps its policy" in str(console.lacks("daily")), lambda: "the check is green")
