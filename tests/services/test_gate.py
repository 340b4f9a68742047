"""An action that waits for a gate: red or unknown, it is confirmed as what it is, and nobody can say otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.actions.plan import Plan, Request
from services.actions.preview import preview, previewing
from services.actions.runner import Runner
from services.actions.terms import problem
from services.procedures.verdict import Judged, JudgedStep, Verdict
from tests.outside import Bench, bench, program

GATED = """
[actions.deploy]
title = "Deploy"
effect = "command"
argv = ["mydeploy"]
risk = "medium"
gate = "ready"
[checklists.ready]
title = "Ready"
gate = true
[checklists.ready.steps.up]
title = "It is up"
holds = [{ source = "api" }]
"""
GREEN = Judged("ready", "Ready", "holds", ())
RED = Judged(
    "ready", "Ready", "fails", (JudgedStep("up", "Up", "fails", (Verdict("API answers", "fails", "refused"),)),)
)
UNKNOWN = Judged("ready", "Ready", "unknown", (JudgedStep("up", "Up", "unknown", (Verdict("API", "unknown", "?"),)),))


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = program(tmp_path, "mydeploy", "print('deployed')")
    monkeypatch.setenv("PATH", str(made.parent), prepend=":")
    return bench(tmp_path, GATED)


async def planned(mine: Bench, gate: Judged | None) -> Plan:
    async with previewing(mine.profile, "deploy") as prospect:
        return await preview(
            mine.profile, Request(action="deploy"), prospect, actor="alice", role="operator", gate=gate
        )


async def test_a_green_gate_leaves_the_action_as_it_is(mine: Bench) -> None:
    plan = await planned(mine, GREEN)
    assert (plan.gate, plan.risk, plan.confirm.kind) == ("holds", "medium", "count")
    assert not any("gate" in warning for warning in plan.warnings)
    assert (await mine.act(plan)).word == "done"


@pytest.mark.parametrize(
    ("gate", "stands", "warning"),
    [
        (RED, "fails", "gate ready: API answers fails: refused"),
        (UNKNOWN, "unknown", "gate ready: API unknown: ?"),
        (None, "unknown", "gate ready: unknown: nobody has judged it here"),
    ],
)
async def test_any_other_makes_it_high_risk_with_a_reason(
    mine: Bench, gate: Judged | None, stands: str, warning: str
) -> None:
    plan = await planned(mine, gate)
    assert (plan.gate, plan.risk, plan.confirm.kind) == (stands, "high", "name")
    assert plan.confirm.reason_required
    assert warning in plan.warnings
    outcome = await Runner(mine.profile, plan, " ", "alice", mine.journal).carry_out()
    assert outcome.word == "denied" and "it needs a reason" in outcome.message
    assert (await mine.act(plan)).word == "done"


async def test_a_plan_that_was_made_without_the_gate_does_not_pass_as_green(mine: Bench) -> None:
    green = await planned(mine, GREEN)
    for edited in (green.model_copy(update={"gate": ""}), green.model_copy(update={"gate": "fails"})):
        assert problem(mine.profile, edited, "why").startswith("it was confirmed on other terms")
