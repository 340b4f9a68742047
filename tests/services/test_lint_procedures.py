"""What procedures refer to and is not there is told before anybody needs it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.errors import ConfigError
from services.lint.procedures import procedures
from tests.procedures import profile

STEP = '[checklists.more]\ntitle = "More"\n{head}\n[checklists.more.steps.one]\ntitle = "One"\n{step}\n'


def wrong(step: str = "", head: str = "", more: str = "") -> list[str]:
    return list(procedures(profile(STEP.format(step=step, head=head) + more)))


def test_the_small_profile_has_nothing_wrong() -> None:
    assert list(procedures(profile())) == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('holds = [{ rule = "nope" }]', "[checklists.more.steps.one] holds: no rule is named 'nope'"),
        ('shows = [{ rule = "nope" }]', "[checklists.more.steps.one] shows: no rule is named 'nope'"),
        ('holds = [{ check = "depth" }]\nshows = [{ check = "depth" }]', "shows: check: it is demanded in holds"),
        ('holds = [{ check = "nope" }]', "no check is named 'nope'"),
        ('holds = [{ record = "nope", within = "1d" }]', "no record is named 'nope'"),
        ('holds = [{ source = "app", figure = "depth", value = 0 }]', "have no figure 'depth'"),
        ('action = "nope"', "action: no action is named 'nope'"),
        ('args = { ids = "1" }', "args: of which action?"),
        ('action = "plain"\nargs = { who = "x" }', "args.who: its action has no such parameter"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_table(step: str, said: str) -> None:
    (line,) = wrong(step)
    assert said in line and line.startswith("[checklists.more")


def test_a_gate_cannot_wait_for_an_action_of_a_run_that_nobody_began() -> None:
    (line,) = wrong('holds = [{ action = "plain" }]', "gate = true")
    assert line.startswith("[checklists.more.steps.one] holds: within:")
    (line,) = wrong('holds = [{ check = "depth" }]\nshows = [{ action = "plain" }]', "gate = true")
    assert line.startswith("[checklists.more.steps.one] shows: within:")
    assert wrong('holds = [{ action = "plain", within = "1h" }]', "gate = true") == []


@pytest.mark.parametrize("gate", ["nope", "daily", "outage"])
def test_the_gate_of_an_action_is_a_checklist_that_is_one(gate: str) -> None:
    action = f'[actions.other]\ntitle = "O"\neffect = "command"\nargv = ["true"]\ngate = "{gate}"\n'
    assert list(procedures(profile(action))) == [
        f"[actions.other] gate: no checklist with `gate = true` is named {gate!r}"
    ]


@pytest.mark.parametrize(
    ("step", "head", "said"),
    [
        ('holds = [{ rule = "deep", check = "depth" }]', "", "a condition is about one of"),
        ('holds = [{ record = "daily" }]', "", "within: how old may the record be?"),
        ('holds = [{ source = "app", figure = "figures.depth" }]', "", "source, figure and value go together"),
        ("", "gate = true", "none of its steps has a condition"),
        ('shows = [{ rule = "deep" }]', "gate = true", "none of its steps has a condition"),
    ],
)
def test_what_makes_no_sense_is_refused_when_it_is_read(step: str, head: str, said: str) -> None:
    with pytest.raises((ConfigError, ValidationError), match=said):
        wrong(step, head)
