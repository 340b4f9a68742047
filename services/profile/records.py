"""The tables [records] and [escalation]: what people write down about incidents, drills, launches and shifts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.model import Model, Seconds
from services.profile.procedures import Id

Demand = Literal["timeline", "root-cause", "prevention", "owners", "due-dates", "severity", "scope"]


class Severity(Model):
    """What one of the profile's severity words means, and how soon people must be told. None: not demanded."""

    help: str
    acknowledge: Seconds | None = None  # somebody has it in hand by then
    update: Seconds | None = None  # between two updates to those who wait
    close: Seconds | None = None  # after it was resolved: the write-up is finished by then


class _Record(Model):
    title: str
    help: str = ""
    runbook: str = ""
    every: Seconds | None = None  # it is due so long after the last one


class IncidentRecord(_Record):
    """`severities` is by the profile's words; `templates` are messages in which {title}, {severity}, {state}, {scope},
    {started}, {impact}, {unaffected}, {workaround}, {next_update} are filled in."""

    kind: Literal["incident"]
    severities: dict[str, Severity] = Field(default_factory=dict)
    demands: tuple[Demand, ...] = ("timeline", "root-cause", "prevention")  # before it can be closed
    templates: dict[Id, str] = Field(default_factory=dict)
    checklist: str = ""  # the procedure that goes with it


class DrillRecord(_Record):
    """A disaster that is played: what is timed by stopwatch, and in which order the scopes take turns."""

    kind: Literal["drill"]
    scopes: dict[Id, str]  # id -> title, in the order of their turns
    timings: tuple[Id, ...] = ("detection", "failover", "validation", "cutover")
    announce: Seconds | None = None  # so long before
    retrospective: Seconds | None = None  # so long after
    procedures: dict[Id, str] = Field(default_factory=dict)  # scope -> checklist or playbook to follow


class FormField(Model):
    title: str
    help: str = ""
    kind: Literal["text", "lines", "log"] = "text"  # log: lines, each with the time at which it was added
    required: bool = False


class FormRecord(_Record):
    """A sheet that is filled in over time: a launch logbook, the handover of a shift."""

    kind: Literal["form"]
    fields: dict[Id, FormField]


class WindowRecord(_Record):
    """Planned work: opens a silence, and closes on a smoke test."""

    kind: Literal["window"]
    match: dict[str, str] = Field(default_factory=dict)  # alerts that are expected, as in [maintenance]
    longest: Annotated[Seconds, Field(gt=0)] = 4 * 3600.0
    smoke: str = ""  # the checklist whose conditions must hold before it closes
    checklist: str = ""  # the procedure that goes with it


Record = Annotated[IncidentRecord | DrillRecord | FormRecord | WindowRecord, Field(discriminator="kind")]


class Escalation(Model):
    """Whom to call about what: functions or channels, never people's names."""

    title: str
    first: str
    then: str
    contact: str = ""
