"""A procedure as its conditions say it stands: per step, and all together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.procedures import conditions
from services.procedures.seen import Seen
from services.procedures.verdict import Judged, JudgedStep, worst

if TYPE_CHECKING:
    from services.profile import Step


def judge(id_: str, seen: Seen) -> Judged:
    """A checklist or playbook of the profile, by its run that is under way where there is one."""
    procedure = seen.profile.procedures[id_]
    run = seen.kept.under_way(id_)
    if seen.began is None and run:
        seen = replace(seen, began=run.at)
    steps = tuple(judge_step(name, step, seen) for name, step in procedure.steps.items())
    return Judged(id_, procedure.title, worst(step.state for step in steps), steps)


def judge_step(id_: str, step: Step, seen: Seen) -> JudgedStep:
    held = tuple(conditions.judge(condition, seen) for condition in step.holds)
    shown = (replace(conditions.judge(condition, seen), shown=True) for condition in step.shows)
    return JudgedStep(id_, step.title, worst(one.state for one in held), (*held, *shown))
