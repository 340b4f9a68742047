"""systemd units: restarted, started and stopped, and believed by their state alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.errors import ActionError
from tests.outside import bench, program

SYSTEMCTL = """
state = {state!r}
told = json.load(open(state))
with open(state + ".calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:2]) + "\\n")
unit = sys.argv[2]
if sys.argv[1] == "show":
    told["LoadState"] = "loaded" if unit == "shop.service" else "not-found"
    print("\\n".join(f"{{key}}={{value}}" for key, value in told.items() if not key.startswith("on_")))
    sys.exit()
print("working on", unit, flush=True)
change = told.get("on_" + sys.argv[1], {{}})
code, wait = change.pop("exit", 0), change.pop("wait", 0)
json.dump({{**told, **change}}, open(state, "w"))
time.sleep(wait)
if code:
    sys.exit("Failed: Access denied")
"""
UNITS = """
[actions.restart]
title = "Restart the shop"
effect = "unit"
do = "restart"
units = ["shop.service", "lost.service"]
timeout = "700ms"
[actions.stop]
title = "Stop the shop"
effect = "unit"
do = "stop"
units = ["shop.service"]
"""
UP = {"ActiveState": "active", "SubState": "running", "InvocationID": "a1", "ActiveEnterTimestamp": "Sat 2026-11-21"}


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A systemctl that does what it is told to do, and remembers being asked."""
    monkeypatch.setattr("services.actions.effects.unit.effect.STEADY_S", 0.01)
    monkeypatch.setattr("services.actions.effects.unit.effect.WITHIN_S", 0.2)
    state = tmp_path / "unit.json"
    program(tmp_path, "systemctl", SYSTEMCTL.format(state=str(state)))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    def told(**does: dict[str, Any]) -> list[str]:
        state.write_text(json.dumps({**UP, **{f"on_{verb}": change for verb, change in does.items()}}))
        calls = Path(f"{state}.calls")
        return calls.read_text().split() if calls.exists() else []

    return told


NEW = {"InvocationID": "b2"}


@pytest.mark.parametrize(
    ("does", "word", "said"),
    [
        (NEW, "done", "shop.service is active (running)"),
        ({}, "partial", "asked for: working on shop.service, but shop.service is active"),  # it never took place
        ({**NEW, "ActiveState": "failed", "SubState": "failed"}, "partial", "shop.service is failed (failed)"),
        ({"exit": 1}, "not applied", "Failed: Access denied; shop.service is active (running) as before"),
        ({**NEW, "exit": 1}, "done", "shop.service is active"),  # its state is believed, not the reply
        ({"wait": 30}, "unknown", "did not answer in time"),
        ({**NEW, "wait": 30}, "done", "shop.service is active"),
    ],
)
async def test_a_unit_is_restarted_when_its_invocation_is_another(
    tmp_path: Path, systemctl: Any, does: dict[str, Any], word: str, said: str
) -> None:
    mine = bench(tmp_path, UNITS)
    systemctl(restart=does)
    plan = await mine.plan("restart", ids="shop.service")
    assert plan.confirm.expected == "shop.service" and plan.changes == ("systemctl restart shop.service",)
    assert plan.targets[0].state == "active (running)" and plan.system_identifier == ""
    outcome = await mine.act(plan)
    assert (outcome.word, outcome.action) == (word, "restart") and said in outcome.message, outcome.message
    assert next(mine.journal.records())["kind"] == "intent" and mine.journal.unsettled() == ()


async def test_a_unit_that_was_restarted_since_the_preview_is_left_alone(tmp_path: Path, systemctl: Any) -> None:
    mine = bench(tmp_path, UNITS)
    systemctl()
    plan = await mine.plan("restart", ids="shop.service")
    (tmp_path / "unit.json").write_text(json.dumps({**UP, **NEW}))
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "not as it was seen" in outcome.message
    assert "restart" not in systemctl()


@pytest.mark.parametrize(
    ("before", "after"), [('do = "restart"', 'do = "stop"'), ("timeout =", 'systemctl = ["/bin/systemctl"]\ntimeout =')]
)
async def test_another_command_than_the_previewed_one_is_not_run(
    tmp_path: Path, systemctl: Any, before: str, after: str
) -> None:
    systemctl(restart=NEW, stop=NEW)
    plan = await bench(tmp_path, UNITS).plan("restart", ids="shop.service")
    outcome = await bench(tmp_path, UNITS.replace(before, after, 1)).act(plan)
    assert outcome.word == "not applied" and "no longer the previewed one" in outcome.message
    assert set(systemctl()) == {"show"}


@pytest.mark.parametrize("ids", ["", "ssh.service", "shop.service,lost.service", "--force", "lost.service"])
async def test_only_the_profiles_own_units_that_are_there_can_be_named(
    tmp_path: Path, systemctl: Any, ids: str
) -> None:
    systemctl()
    with pytest.raises(ActionError):
        await bench(tmp_path, UNITS).plan("restart", ids=ids)


async def test_a_unit_is_stopped_and_one_that_is_stopped_needs_nothing(tmp_path: Path, systemctl: Any) -> None:
    mine = bench(tmp_path, UNITS)
    systemctl(stop={"ActiveState": "inactive", "SubState": "dead", "InvocationID": ""})
    assert (await mine.do("stop")).word == "done"
    with pytest.raises(ActionError, match="is inactive already"):
        await mine.plan("stop")
