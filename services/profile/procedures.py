"""The tables [checks], [checklists] and [playbooks]: steps that people take, and the conditions that are seen live."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.model import Model, Seconds

ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
Id = Annotated[str, Field(pattern=ID)]
ConditionOp = Literal[">", ">=", "<", "<=", "==", "!="]


class Condition(Model):
    """Something that is true, false or unknown now. It is about exactly one of: a rule, a check, a figure of a source
    (or, without a figure, whether the source answers), an action, a record, a release.

    - `rule`: no instance of it is firing.
    - `check`: that one of [checks] holds.
    - `source`, `figure`, `op`, `value`: the figure compares so. `*` in it stands for all that there are: each must.
    - `source` alone: its last reading is fresh.
    - `action`: it was done, within `within` or, without that, since this run of the procedure began.
    - `record`: a checklist, playbook or record of this id was completed within `within`.
    - `release`: every instance of this component answers, and has the version that it should have.
    """

    title: str = ""
    rule: str = ""
    check: str = ""
    source: str = ""
    figure: str = ""
    op: ConditionOp = "=="
    value: float | None = None
    action: str = ""
    record: str = ""
    release: str = ""
    within: Seconds | None = None

    @property
    def about(self) -> Literal["rule", "check", "source", "action", "record", "release"]:
        if self.rule:
            return "rule"
        if self.check:
            return "check"
        if self.source:
            return "source"
        if self.release:
            return "release"
        return "action" if self.action else "record"

    @model_validator(mode="after")
    def _about_one_thing(self) -> Condition:
        named = [key for key in ("rule", "check", "source", "action", "record", "release") if getattr(self, key)]
        if len(named) != 1:
            known = "rule, check, source, action, record, release"
            raise ValueError(f"a condition is about one of {known}; here are {named}")
        if bool(self.figure) != (self.value is not None) or (self.figure and not self.source):
            raise ValueError("source, figure and value go together")
        if self.record and self.within is None:
            raise ValueError("within: how old may the record be?")
        return self


class Check(Condition):
    """A condition with a name of its own, that steps refer to and `watchdeck checklist` shows."""

    help: str = ""
    runbook: str = ""


class Step(Model):
    """One thing to do or to see. Where it has conditions the console says whether they hold; a person ticks it.

    What `holds` names is demanded: ticking against it takes a reason. What `shows` names is seen live and kept as
    evidence, and nothing more: a step that finds out how bad it is, is done whatever comes out.
    """

    title: str
    help: str = ""
    holds: tuple[Condition, ...] = ()
    shows: tuple[Condition, ...] = ()
    action: str = ""  # action id, one key away
    args: dict[str, str] = Field(default_factory=dict)  # for its parameters, or for what it is about
    view: str = ""  # where to look: a view, or "view/page"
    runbook: str = ""
    optional: bool = False  # may be skipped without a reason
    evidence: bool = False  # a note must be given when it is ticked
    confirm: str = ""  # words that must be typed to tick it: for what cannot be taken back
    by: Seconds | None = None  # since the start of the run it should be done by then


class Procedure(Model):
    """A checklist or a playbook: carried out step by step as a run, which is kept and can be gone on with."""

    title: str
    help: str = ""
    runbook: str = ""
    steps: dict[Id, Step]
    every: Seconds | None = None  # it is due so long after it was completed last
    gate: bool = False  # its conditions are judged all the time, and it is red when one does not hold
    severity: str = ""  # of the incident that it is usually part of

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Procedure:
        if not self.steps:
            raise ValueError("steps: it needs at least one")
        if self.gate and not any(step.holds for step in self.steps.values()):
            raise ValueError("gate: none of its steps has a condition (`holds`)")
        return self
