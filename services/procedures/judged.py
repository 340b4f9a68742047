"""A procedure as its conditions say it stands: per step, and all together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.procedures import conditions
from services.procedures.seen import Seen
from services.procedures.verdict import State, Verdict, worst

if TYPE_CHECKING:
    from services.profile import Step


@dataclass(frozen=True, slots=True)
class JudgedStep:
    id: str
    title: str
    state: State
    conditions: tuple[Verdict, ...] = ()

    @property
    def against(self) -> tuple[Verdict, ...]:
        """What speaks against taking it for done: what fails, and what nobody can tell."""
        return tuple(one for one in self.conditions if one.state in ("fails", "unknown"))


@dataclass(frozen=True, slots=True)
class Judged:
    """`state` is that of its worst step; steps that only a person can tell of do not count."""

    id: str
    title: str
    state: State
    steps: tuple[JudgedStep, ...]

    def step(self, id_: str) -> JudgedStep | None:
        return next((step for step in self.steps if step.id == id_), None)

    @property
    def against(self) -> tuple[str, ...]:
        """One line per condition that does not hold: "Queue depth fails: 120 (<= 50)"."""
        return tuple(f"{one.title} {one.state}: {one.said}" for step in self.steps for one in step.against)


def judge(id_: str, seen: Seen) -> Judged:
    """A checklist or playbook of the profile, by its run that is under way where there is one."""
    procedure = seen.profile.procedures[id_]
    run = seen.kept.under_way(id_)
    if seen.began is None and run:
        seen = replace(seen, began=run.at)
    steps = tuple(judge_step(name, step, seen) for name, step in procedure.steps.items())
    return Judged(id_, procedure.title, worst(step.state for step in steps), steps)


def judge_step(id_: str, step: Step, seen: Seen) -> JudgedStep:
    found = tuple(conditions.judge(condition, seen) for condition in step.holds)
    return JudgedStep(id_, step.title, worst(one.state for one in found), found)
