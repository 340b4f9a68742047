"""The tables under [releases]: the instances of a component, the version each says it is, and which it should be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.model import Model, Seconds
from services.profile.acting import Acting, Argv, Cap, Risk
from services.profile.procedures import Id


class Told(Model):
    """Where versions are told. Of an http source: by its answers to `path` (empty: to any path that names one). Of a
    source with figures under names: by the label `label` of the figures called `figure`, whose values say how many
    instances there are of each. The other labels name the instance, and `match` chooses among them."""

    source: str
    path: str = ""
    figure: str = ""
    label: str = "version"
    match: dict[str, str] = Field(default_factory=dict)


class Release(Model):
    """One thing that is released by itself: a web server, workers, a parser."""

    title: str
    instances: Annotated[tuple[Told, ...], Field(min_length=1)]
    pin: str = ""  # the version that all should be
    pinned: Told | None = None  # or where that is written down; neither: they should only be the same
    action: str = ""  # that rolls it back
    runbook: str = ""

    @model_validator(mode="after")
    def _pinned_once(self) -> Release:
        if self.pin and self.pinned:
            raise ValueError("pin: either the version itself, or `pinned`, where it is written down")
        return self


class Stage(Model):
    """One command, and the component that has its right version everywhere once it is done."""

    title: str
    argv: Argv
    release: str


class RolloutAction(Acting):
    """Puts another version in place, component by component: the next one's turn comes when every instance of the one
    before answers with its pinned version. The commands move the pins."""

    effect: Literal["rollout"]
    risk: Risk = "high"
    cap: Cap = 20
    stages: Annotated[dict[Id, Stage], Field(min_length=1)]
    timeout: Seconds = 300.0  # of one stage: its command, and then its instances

    @property
    def complete(self) -> bool:
        return True
