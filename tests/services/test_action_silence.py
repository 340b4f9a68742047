"""Silencing an alert in a real Alertmanager: what is covered, who and why, read back; and a link that dies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from services.actions.settle import settle
from services.errors import ActionError, ConfigError
from services.lint import check
from services.readings import AlertmanagerValues
from services.sources.alertmanager import Alertmanager
from tests.actions import until
from tests.alertmanager import Manager, alertmanager
from tests.outside import WHY, Bench, bench
from tests.proxy import Proxy

FULL = {"alertname": "Full", "disk": 'a", b="\x1b[2J'}


@pytest.fixture(scope="module")
def server() -> Iterator[Manager]:
    with alertmanager() as found:
        yield found


@pytest.fixture
def manager(server: Manager) -> Iterator[Manager]:
    server.tell(FULL, {"alertname": "Slow"}, {"alertname": "Slow", "db": "x"})
    yield server
    server.lift()


def table(url: str, more: str = "") -> str:
    return f"""
[sources.am]
kind = "alertmanager"
url = "{url}"
[actions.hush]
title = "Silence there"
effect = "silence"
source = "am"
{more}
"""


async def read(mine: Bench) -> AlertmanagerValues:
    source = Alertmanager("am", mine.profile.of_kind("alertmanager")["am"])
    try:
        return await source.fetch()
    finally:
        await source.close()


async def test_an_alert_is_silenced_by_all_its_labels_and_read_as_suppressed(tmp_path: Path, manager: Manager) -> None:
    mine = bench(tmp_path, table(manager.url))
    assert check(mine.profile) == []
    (full,) = (alert for alert in (await read(mine)).alerts if alert.name == "Full")
    assert full.state == "firing"
    plan = await mine.plan("hush", ids=full.fingerprint, **{"for": "90m"})
    assert [target.id for target in plan.targets] == [full.fingerprint]
    assert plan.changes == (r'silences alertname="Full" disk="a\", b=\"\x1b[2J" for 1h30m',)
    assert (plan.server, plan.confirm.kind, plan.confirm.reason_required) == (manager.url, "count", True)

    outcome = await mine.act(plan)

    assert (outcome.word, outcome.applied) == ("done", 1), outcome.message
    (there,) = (one for one in manager.silences() if one["status"]["state"] == "active")
    assert {one["name"]: one["value"] for one in there["matchers"]} == FULL
    assert all(one["isEqual"] and not one["isRegex"] for one in there["matchers"])
    assert there["createdBy"] == "alice" and there["comment"] == f"{WHY} (watchdeck action {outcome.id})"
    lasts = datetime.fromisoformat(there["endsAt"]) - datetime.fromisoformat(there["startsAt"])
    assert abs(lasts.total_seconds() - 5400) < 5 and there["id"] in outcome.message
    (full,) = (alert for alert in (await read(mine)).alerts if alert.name == "Full")
    assert (full.state, full.silenced_by) == ("suppressed", (there["id"],))
    assert [record["kind"] for record in mine.journal.records()] == ["intent", "outcome"]
    assert "it is silenced already" in (await mine.plan("hush", ids=full.fingerprint)).warnings


async def test_the_preview_tells_whatever_else_has_its_labels(tmp_path: Path, manager: Manager) -> None:
    mine = bench(tmp_path, table(manager.url))
    slow = next(a for a in (await read(mine)).alerts if a.name == "Slow" and not a.labels)
    plan = await mine.plan("hush", ids=slow.fingerprint)
    assert (plan.matching, plan.targets[0].id, plan.noun) == (2, slow.fingerprint, "alert")
    assert "1 other alert has these labels and more" in plan.warnings
    manager.tell({"alertname": "Slow", "db": "y"})  # since the preview
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "about 3 alerts, not the 2" in outcome.message, outcome.message
    assert len(outcome.differing) == 1 and "is new" in outcome.differing[0]
    narrow = bench(tmp_path, table(manager.url, "cap = 2"))
    with pytest.raises(ActionError, match="3 alerts have its labels; the cap is 2"):
        await narrow.plan("hush", ids=slow.fingerprint)


async def test_a_clock_ahead_of_its_own_does_not_put_it_off_and_without_a_reason_it_is_denied(
    tmp_path: Path, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = time.time
    monkeypatch.setattr("time.time", lambda: ours() + 600)
    mine = bench(tmp_path, table(manager.url))
    runner = mine.runner(await mine.plan("hush", ids=manager.fingerprint("Full")))
    runner.reason = " "
    outcome = await runner.carry_out()
    assert (outcome.word, manager.alerts()["Full"]["status"]["state"]) == ("denied", "active"), outcome.message
    assert (await mine.do("hush", ids=manager.fingerprint("Full"))).word == "done"
    assert manager.alerts()["Full"]["status"]["state"] == "suppressed"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({}, "which alert"),
        ({"ids": "a,b"}, "one at a time"),
        ({"ids": "gone"}, "has no alert gone now"),
        ({"ids": "gone", "for": "2d"}, "for: 2d is not possible"),
        ({"ids": "gone", "for": "5s"}, "for: 5s is not possible"),
        ({"ids": "gone", "for": "soon"}, "not a duration"),
        ({"ids": "gone", "until": "x"}, "unknown setting 'until'"),
    ],
)
async def test_a_wrong_setting_is_told(tmp_path: Path, manager: Manager, args: dict[str, str], words: str) -> None:
    with pytest.raises(ActionError, match=words):
        await bench(tmp_path, table(manager.url)).plan("hush", **args)


async def test_a_link_that_dies_after_it_was_sent_leaves_it_unknown_until_its_comment_is_found(
    tmp_path: Path, manager: Manager
) -> None:
    proxy = Proxy(manager.port)
    try:
        mine = bench(tmp_path, table(f"http://127.0.0.1:{proxy.port}"))
        plan = await mine.plan("hush", ids=manager.fingerprint("Full"))
        before = len(manager.silences())
        proxy.delay(0.2)
        acting = asyncio.create_task(mine.act(plan))
        await until(lambda: len(manager.silences()) > before, "the silence")
        proxy.reset()
        outcome = await acting
        assert outcome.word == "unknown" and outcome.id in outcome.remedy, outcome.message
        (settled,) = await settle(mine.profile, mine.journal, "bob")
        assert settled.word == "unknown" and len(mine.journal.unsettled()) == 1  # nobody answers yet
        proxy.pass_()
        (settled,) = await settle(mine.profile, mine.journal, "bob")
        assert settled.word == "done" and settled.applied == 1, settled.message
        assert mine.journal.unsettled() == () and len(manager.silences()) == before + 1
    finally:
        proxy.close()


async def test_what_never_arrived_is_not_applied_once_it_is_late_enough(
    tmp_path: Path, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(manager.port)
    try:
        mine = bench(tmp_path, table(f"http://127.0.0.1:{proxy.port}", 'timeout = "300ms"'))
        runner = mine.runner(await mine.plan("hush", ids=manager.fingerprint("Full")))
        monkeypatch.setattr("services.actions.effects.silence.alertmanager.Api.add", swallowed(proxy))
        before = len(manager.silences())
        assert (await runner.carry_out()).word == "unknown"
        proxy.pass_()
        (settled,) = await settle(mine.profile, mine.journal, "bob")
        assert settled.word == "unknown" and "no silence of it is there yet" in settled.message
        monkeypatch.setattr("services.actions.effects.silence.effect.ARRIVES_S", 0.0)
        (settled,) = await settle(mine.profile, mine.journal, "bob")
        assert settled.word == "not applied" and len(manager.silences()) == before, settled.message
    finally:
        proxy.close()


def swallowed(proxy: Proxy) -> object:
    """The link goes just before the request is sent."""
    from services.actions.effects.silence.alertmanager import Api

    add = Api.add

    async def cut(self: Api, *given: object) -> object:
        proxy.blackhole()
        return await add(self, *given)  # type: ignore[arg-type]

    return cut


def test_its_source_must_be_an_alertmanager_and_its_time_within_bounds(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"actions.hush.source: no alertmanager source is named 'api'"):
        bench(tmp_path, table("http://127.0.0.1:1").replace('source = "am"', 'source = "api"'))
    with pytest.raises(ConfigError, match="no longer than `max`"):
        bench(tmp_path, table("http://127.0.0.1:1", 'for = "2d"'))
