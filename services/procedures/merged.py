"""A run with the steps that the profile has now: it goes on when the profile is edited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.records.run import Run, StepRun
from services.text import safe

if TYPE_CHECKING:
    from services.profile import Procedure


def merged(run: Run, procedure: Procedure | None) -> Run:
    """New steps are still to be done, and what went stays as it was. What has ended stays as it ended."""
    if procedure is None or run.ended:
        return run
    known = {step.id: step for step in run.steps}
    now = tuple(
        replace(known.pop(id_, StepRun(id_, "")), title=safe(step.title, 200), optional=step.optional, due_s=step.by)
        for id_, step in procedure.steps.items()
    )
    return replace(run, steps=(*now, *(replace(step, gone=True) for step in known.values())))
