"""What a person says about a run, step by step: each word is checked, and on the disk before the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.errors import RecordError
from services.procedures.merged import merged
from services.procedures.plain import of_verdict
from services.procedures.verdict import JudgedStep
from services.records.run import KIND, Run, folded
from services.records.store import Records

if TYPE_CHECKING:
    from services.actions.plan import Outcome
    from services.profile import Procedure, Profile, Step


@dataclass(frozen=True)
class Running:
    """One person at the runs of one profile. Every method waits for the disk. RecordError where it may not be said so;
    then nothing was written."""

    profile: Profile
    records: Records
    by: str
    wall: Callable[[], float]

    def start(self, procedure: str, drill: bool = False) -> str:
        """A new run; its id."""
        found = self.profile.procedures[procedure]
        steps = [
            {"id": id_, "title": step.title, "optional": step.optional, "by": step.by}
            for id_, step in found.steps.items()
        ]
        return self.records.open(KIND, procedure, found.title, self.by, self.wall(), steps=steps, drill=drill)

    def run(self, record: str) -> Run:
        """As it is now, with the steps that the profile has now."""
        events = self.records.events(record)
        if not events:
            raise RecordError(f"there is no run {record!r}", "`watchdeck checklist runs` lists them")
        run = folded(events)
        return merged(run, self.profile.procedures.get(run.of))

    # ---- about a step

    def tick(self, record: str, judged: JudgedStep, note: str = "", typed: str = "", against: str = "") -> None:
        """Done, with what its conditions say at this moment as evidence. A second time is no error, and changes
        nothing. `against`: why, where they do not hold or are not known."""
        run, step = self._open(record), self._step(record, judged.id)
        found = run.step(judged.id)
        if found and found.state == "done":
            return
        if step.confirm and typed.strip() != step.confirm:
            raise RecordError(f"{step.title}: not ticked: it takes the words {step.confirm!r}", "type them as they are")
        if step.evidence and not note.strip():
            raise RecordError(f"{step.title}: not ticked: it needs a note", "say what was seen, or where it can be")
        if judged.against and not against.strip():
            raise RecordError(
                f"{step.title}: not ticked: {judged.against[0].title} {judged.against[0].state}",
                "say why it counts as done all the same, or skip it",
            )
        evidence = [of_verdict(one) for one in judged.conditions]
        said = against.strip() if judged.against else ""
        self._say(record, "ticked", step=judged.id, title=step.title, note=note, against=said, evidence=evidence)

    def skip(self, record: str, step: str, note: str = "") -> None:
        """What is not optional needs a reason."""
        found = self._step(record, step)
        if not found.optional and not note.strip():
            raise RecordError(f"{found.title}: not skipped: it is not optional", "say why it is left out")
        self._said_of(record, "skipped", step, note)

    def fail(self, record: str, step: str, note: str) -> None:
        found = self._step(record, step)
        if not note.strip():
            raise RecordError(f"{found.title}: not marked failed: it needs a note", "say what happened")
        self._said_of(record, "failed", step, note)

    def undo(self, record: str, step: str) -> None:
        self._open(record)
        self._say(record, "undone", step=step)

    def note(self, record: str, text: str, step: str = "") -> None:
        """To a step, or to the run as a whole."""
        self._open(record)
        if text.strip():
            self._say(record, "noted", step=step, note=text.strip())

    def acted(self, record: str, step: str, outcome: Outcome) -> None:
        """How an action ended that was started from a step."""
        self._open(record)
        self._say(record, "acted", step=step, action=outcome.action, word=outcome.word, said=outcome.message)

    def mark(self, record: str, mark: str) -> None:
        """Of a drill: something was reached, now."""
        self._open(record)
        self._say(record, "marked", mark=mark)

    # ---- about the whole

    def complete(self, record: str, note: str = "") -> None:
        run = self._open(record)
        if left := run.open_steps:
            titles = ", ".join(step.title for step in left[:3]) + (f" and {len(left) - 3} more" if left[3:] else "")
            raise RecordError(
                f"{run.title}: not complete: {titles} still to do", "tick them, or skip them with a reason"
            )
        waived = [step.id for step in run.steps if step.state == "todo"]  # gone from the profile, or optional
        self._say(record, "completed", note=note, waived=waived)

    def abandon(self, record: str, note: str) -> None:
        run = self._open(record)
        if not note.strip():
            raise RecordError(f"{run.title}: not abandoned: it needs a reason", "others will read it")
        self._say(record, "abandoned", note=note)

    # ---- between the two

    def _open(self, record: str) -> Run:
        run = self.run(record)
        if run.ended:
            raise RecordError(f"{run.title}: this run was {run.ended} by {run.ended_by}", "begin a new one")
        return run

    def _step(self, record: str, step: str) -> Step:
        procedure: Procedure | None = self.profile.procedures.get(self._open(record).of)
        if procedure is None or step not in procedure.steps:
            raise RecordError(f"the profile {self.profile.name} does not have the step {step!r} any more")
        return procedure.steps[step]

    def _said_of(self, record: str, what: str, step: str, note: str) -> None:
        title = self._step(record, step).title
        self._say(record, what, step=step, title=title, note=note.strip())

    def _say(self, record: str, what: str, **body: Any) -> None:
        self.records.append(record, what, self.by, self.wall(), body)
