"""Job Sheet QA in the demo: its morning is green, and each scenario leads to an alert, a section and a remedy."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from services.demo import control
from services.demo.background import Background
from services.demo.jobsheet.scenarios import SCENARIOS
from services.demo.jobsheet.tokens import issued
from services.demo.stack import Addresses, Options
from services.profile import Profile, load
from tests.walked import Console, walking

FASTER = 10.0  # than real time
MORNING = ("morning", "troubleshooting", "provider-healthy")
REFUSED = 25  # tokens: the profile's line is 20

# scenario -> the rules that fire, and the action that puts it right; they do not get into each other's way
AT_ONCE = {
    "worker-stuck": ({"stuck-documents", "queue-depth"}, "restart-worker"),
    "idle-connections": ({"connections"}, "kill-idle-connections"),
    "slow-api": ({"api-latency"}, "end-idle-transactions"),
    "clock-skew": ({"clock-sync", "auth-failures"}, "step-clock"),
}


@dataclass(frozen=True)
class Stack:
    profile: Profile
    addresses: Addresses

    async def start(self, scenario: str) -> None:
        assert self.profile.demo
        await asyncio.to_thread(control.start, self.profile.demo.control, scenario)

    async def repair(self, scenario: str) -> None:
        assert self.profile.demo
        await asyncio.to_thread(control.repair, self.profile.demo.control, scenario)

    def state(self, scenario: str) -> str:
        assert self.profile.demo
        return next(one.state for one in control.scenarios(self.profile.demo.control) if one.name == scenario)

    def sign_in(self, times: int) -> set[int]:
        """Calls with a fresh token; the statuses."""
        api = http.client.HTTPConnection(urlsplit(self.addresses.api).netloc, timeout=5)
        found = set()
        for _ in range(times):
            api.request("POST", "/api/trpc/audits", "{}", {"Authorization": f"Bearer {issued(time.time())}"})
            answer = api.getresponse()
            answer.read()
            found.add(answer.status)
        api.close()
        return found

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.addresses.dsn, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    background = Background(Options(system="jobsheet-qa"), say=lambda line: None)
    try:
        addresses = background.start()
        yield Stack(_at_this_pace(load(Path(addresses.profile))), addresses)
    finally:
        background.stop()


def _at_this_pace(profile: Profile) -> Profile:
    """By a clock that runs faster an answer takes longer, and while a page takes seconds there is one in a window."""
    slow = profile.rules["api-latency"]
    levels: dict[str, Any] = {
        name: level.model_copy(update={"value": level.value * FASTER}) for name, level in slow.levels
    }
    api = profile.sources["api"]
    rules = {"api-latency": {**levels, "over": "last"}, "dlq-growth": {"window": 30.0, "part": 10.0}}
    sources = {"api": {"timeout": api.timeout * FASTER}, "uploads": {"interval": 5.0}}
    return profile.model_copy(
        update={"rules": _changed(profile.rules, rules), "sources": _changed(profile.sources, sources)}
    )


def _changed(table: Mapping[str, Any], updates: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    found = dict(table)
    for name, update in updates.items():
        found[name] = table[name].model_copy(update=update)
        found[name].__dict__.pop("levels", None)  # which may have been worked out before
    return found


async def fires(console: Console, *rules: str) -> None:
    await console.until(lambda: set(rules) <= console.firing, lambda: set(rules) - console.firing)


async def is_over(console: Console) -> None:
    await console.until(lambda: not console.firing, lambda: console.firing)


async def done(console: Console, rule: str, action: str) -> None:
    assert f"`{action}`" in console.section(rule)
    outcome = await console.act(action)
    assert outcome.word == "done", outcome


async def test_the_morning_is_green_and_each_scenario_is_seen_and_put_right(stack: Stack) -> None:
    assert AT_ONCE.keys() | {"ocr-down"} == SCENARIOS.keys()
    async with walking(stack.profile, FASTER) as console:
        await console.until(lambda: not console.lacks(*MORNING), lambda: console.lacks(*MORNING))
        await through_those_at_once(stack, console)
        await through_the_dead_letters(stack, console)
        await console.until(lambda: not console.lacks(*MORNING), lambda: console.lacks(*MORNING))


async def through_those_at_once(stack: Stack, console: Console) -> None:
    for name in AT_ONCE:
        await stack.start(name)
    await console.until(lambda: stack.sign_in(1) == {401}, lambda: "fresh tokens are let in")
    await asyncio.to_thread(stack.sign_in, REFUSED)
    await fires(console, *set().union(*(rules for rules, _ in AT_ONCE.values())))
    assert console.judged("morning").state == "fails" and console.judged("troubleshooting").state == "fails"
    for rules, action in AT_ONCE.values():
        for rule in rules:
            assert console.section(rule)
        await done(console, next(iter(sorted(rules, reverse=True))), action)
    await console.until(lambda: stack.sign_in(1) == {200}, lambda: "fresh tokens are refused")
    stack.execute("""UPDATE "AuthEvent" SET at = at - interval '2 minutes'""")  # nobody waits for it here
    await is_over(console)
    assert {stack.state(name) for name in AT_ONCE} == {"repaired"}


async def through_the_dead_letters(stack: Stack, console: Console) -> None:
    await stack.start("ocr-down")
    await fires(console, "ocr-provider", "dlq-growth")
    assert console.judged("provider-healthy").state == "fails"  # the gate of what would make it worse
    await stack.repair("ocr-down")
    await console.until(lambda: not console.lacks("provider-healthy"), lambda: console.lacks("provider-healthy"))
    dead = int(str(stack.execute("""SELECT count(*) FROM "ProcessingJob" WHERE status = 'dead'""")[0][0]))
    transient = await console.preview("clear-transient")
    assert len(transient.targets) == dead > 0
    await done(console, "dlq-growth", "retry-dlq")
    await is_over(console)
    left = (
        """SELECT 1 FROM "Document" WHERE status IN ('Failed', 'Processing') AND "createdAt" < now() - interval '9 s'"""
    )
    await console.until(lambda: not stack.execute(left), lambda: "documents that were retried are not audited")


async def test_what_a_refused_upload_is_told(stack: Stack) -> None:
    api = http.client.HTTPConnection(urlsplit(stack.addresses.api).netloc, timeout=5)
    told = {}
    for name, size in (("a.pdf", 1), ("a.docx", 1), ("a.pdf", 50_000_001)):
        api.request("POST", "/api/upload", json.dumps({"fileName": name, "bytes": size}))
        answer = api.getresponse()
        answer.read()
        told[name, size] = answer.status
    api.close()
    assert list(told.values()) == [201, 415, 413]


async def test_maintenance_mode_is_seen_by_users_and_spares_health(stack: Stack) -> None:
    async with walking(stack.profile, FASTER) as console:
        assert (await console.act("maintenance-mode")).word == "done"
        await console.until(lambda: _status(stack, "/") == 503, lambda: "users see nothing of it")
        assert _status(stack, "/api/health") == 200
        assert (await console.act("end-maintenance-mode")).word == "done"
        await console.until(lambda: _status(stack, "/") == 200, lambda: "users are still kept out")


async def test_old_logs_are_listed_before_they_are_deleted_and_tables_with_capitals_can_be_maintained(
    stack: Stack,
) -> None:
    async with walking(stack.profile, FASTER) as console:
        old = await console.preview("clean-logs")
        assert sorted(target.id for target in old.targets) == ["app-0.log", "app-1.log", "app-2.log"]
        assert (await console.act("clean-logs")).word == "done"
        for action in ("analyze", "vacuum-analyze"):
            assert (await console.act(action, ids="public.ProcessingJob,public.Document")).word == "done"
        assert (await console.act("reindex", ids="public.Document_pkey")).word == "done"


def _status(stack: Stack, path: str) -> int:
    api = http.client.HTTPConnection(urlsplit(stack.addresses.api).netloc, timeout=5)
    api.request("GET", path)
    status = api.getresponse().status
    api.close()
    return status
