"""A run of a checklist or playbook: the sum of what people said about its steps, in the order in which they said it.

Events, beside `opened` (whose body has `steps`, as the profile had them then, and `drill`):

    ticked     step, title, note, against, evidence     skipped, failed    step, title, note
    undone     step                                     noted              step ("" is the run), note
    acted      step, action, word, said                 marked             mark: of a drill, what was reached
    completed  note, waived                             abandoned          note

`waived`: the steps that were left, and that the profile did not ask for (any more) when it was completed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from services.procedures.verdict import Verdict
from services.records.completion import Completion
from services.records.event import Event
from services.text import safe

StepState: TypeAlias = Literal["todo", "done", "skipped", "failed"]
Ended: TypeAlias = Literal["", "completed", "abandoned"]
KIND = "run"
_NOTE = 2000  # characters of a note


@dataclass(frozen=True, slots=True)
class Note:
    at: float
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Acted:
    """An action that was started from a step, and how it ended."""

    at: float
    by: str
    action: str
    word: str
    said: str


@dataclass(frozen=True, slots=True)
class StepRun:
    """`evidence` is what its conditions said when it was ticked. Every text is safe to show."""

    id: str
    title: str
    optional: bool = False
    state: StepState = "todo"
    at: float | None = None  # unix seconds: when that was said
    by: str = ""
    note: str = ""
    against: str = ""  # why it was ticked although its conditions did not hold, or were not known
    evidence: tuple[Verdict, ...] = ()
    notes: tuple[Note, ...] = ()
    acted: tuple[Acted, ...] = ()
    late_s: float | None = None  # done so long after it should have been; None where it was not, or nobody said when
    due_s: float | None = None  # it should be done so long after the run began
    gone: bool = False  # the profile does not have it any more


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    of: str
    title: str
    at: float  # unix seconds: when it was begun
    by: str
    steps: tuple[StepRun, ...] = ()
    notes: tuple[Note, ...] = ()
    ended: Ended = ""
    ended_at: float | None = None
    ended_by: str = ""
    ended_note: str = ""
    drill: bool = False  # played, not meant: it counts for nothing that is due
    marks: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def step(self, id_: str) -> StepRun | None:
        return next((step for step in self.steps if step.id == id_), None)

    @property
    def open_steps(self) -> tuple[StepRun, ...]:
        """Those that it cannot be completed without."""
        return tuple(step for step in self.steps if step.state == "todo" and not step.optional and not step.gone)

    @property
    def decided(self) -> int:
        return sum(step.state != "todo" for step in self.steps if not step.gone)

    @property
    def asked(self) -> int:
        return sum(not step.gone for step in self.steps)


def folded(events: Sequence[Event]) -> Run:
    """What a run has come to. Nothing that is said twice, late, or of a step that is decided, does any harm."""
    first, *later = events
    body = first.body
    run = Run(
        first.record,
        safe(body.get("of"), 80),
        safe(body.get("title"), 200),
        first.at,
        safe(first.by, 80),
        tuple(_step(told) for told in body.get("steps", ())),
        drill=bool(body.get("drill")),
    )
    for event in later:
        change = _CHANGES.get(event.what)
        if change and not run.ended:
            run = change(run, event)
    return run


def completion(events: Sequence[Event]) -> Completion | None:
    run = folded(events)
    if run.ended != "completed" or run.drill or run.ended_at is None:
        return None
    return Completion(run.id, run.of, run.ended_at, run.ended_by)


# ---- one event at a time --------------------------------------------------------------------------------------------


def _step(told: Mapping[str, Any]) -> StepRun:
    due = told.get("by")
    return StepRun(safe(told.get("id"), 80), safe(told.get("title"), 200), bool(told.get("optional")), due_s=due)


def _changed(run: Run, event: Event, change: Callable[[StepRun], StepRun]) -> Run:
    """The step as it is after this; one that came into the profile since the start is added."""
    id_ = safe(event.body.get("step"), 80)
    if run.step(id_) is None and id_:
        run = replace(run, steps=(*run.steps, StepRun(id_, safe(event.body.get("title"), 200))))
    return replace(run, steps=tuple(change(step) if step.id == id_ else step for step in run.steps))


def _decided(state: StepState) -> Callable[[Run, Event], Run]:
    """A step that is done stays so until that is undone: of two people who tick it, the first did."""

    def decided(step: StepRun, event: Event, begun: float) -> StepRun:
        late = None if step.due_s is None else event.at - begun - step.due_s
        return replace(
            step,
            state=state,
            late_s=late if late is not None and late > 0 else None,
            at=event.at,
            by=safe(event.by, 80),
            note=safe(event.body.get("note"), _NOTE),
            against=safe(event.body.get("against"), _NOTE),
            evidence=tuple(_verdict(one) for one in event.body.get("evidence", ())),
        )

    return lambda run, event: _changed(
        run, event, lambda step: step if step.state == "done" else decided(step, event, run.at)
    )


def _undone(run: Run, event: Event) -> Run:
    return _changed(
        run,
        event,
        lambda step: replace(step, state="todo", at=None, by="", note="", against="", evidence=(), late_s=None),
    )


def _noted(run: Run, event: Event) -> Run:
    note = Note(event.at, safe(event.by, 80), safe(event.body.get("note"), _NOTE))
    if not event.body.get("step"):
        return replace(run, notes=(*run.notes, note))
    return _changed(run, event, lambda step: replace(step, notes=(*step.notes, note)))


def _acted(run: Run, event: Event) -> Run:
    action, word, said = (safe(event.body.get(key), 400) for key in ("action", "word", "said"))
    acted = Acted(event.at, safe(event.by, 80), action, word, said)
    return _changed(run, event, lambda step: replace(step, acted=(*step.acted, acted)))


def _marked(run: Run, event: Event) -> Run:
    """The last time counts: what had recovered may fire again, and recover again."""
    return replace(run, marks=MappingProxyType({**run.marks, safe(event.body.get("mark"), 80): event.at}))


def _end(word: Ended) -> Callable[[Run, Event], Run]:
    def change(run: Run, event: Event) -> Run:
        waived = event.body.get("waived") or ()
        if word == "completed" and any(step.id not in waived for step in run.open_steps):
            return run  # somebody undid a step while another closed the run: it is not complete
        note = safe(event.body.get("note"), _NOTE)
        return replace(run, ended=word, ended_at=event.at, ended_by=safe(event.by, 80), ended_note=note)

    return change


def _verdict(told: Mapping[str, Any]) -> Verdict:
    state = told.get("state")
    return Verdict(
        safe(told.get("title"), 200),
        state if state in ("holds", "fails", "manual") else "unknown",
        safe(told.get("said"), 400),
        told.get("value"),
        told.get("at"),
        bool(told.get("shown")),
    )


_CHANGES: Mapping[str, Callable[[Run, Event], Run]] = MappingProxyType(
    {
        "ticked": _decided("done"),
        "skipped": _decided("skipped"),
        "failed": _decided("failed"),
        "undone": _undone,
        "noted": _noted,
        "acted": _acted,
        "marked": _marked,
        "completed": _end("completed"),
        "abandoned": _end("abandoned"),
    }
)
