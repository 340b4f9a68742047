"""What `watchdeck checklist` prints for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.procedures.kept import Kept
from services.procedures.merged import merged
from services.procedures.plain import of_due
from services.procedures.timer import Due
from services.procedures.verdict import Judged, State
from services.records.markdown import moment
from services.records.run import Run
from services.rules.words import duration
from services.units import told

if TYPE_CHECKING:
    from services.profile import Profile

_SHAPES: dict[State, str] = {"holds": "●", "manual": "○", "fails": "✖", "unknown": "?"}
_WORDS: dict[State, str] = {
    "holds": "everything that can be checked holds",
    "manual": "nothing in it can be checked from here",
    "fails": "NOT as it should be",
    "unknown": "NOT KNOWN",
}


def lines(judged: Judged) -> Iterator[str]:
    yield f"{_SHAPES[judged.state]} {judged.title} ({judged.id}): {_WORDS[judged.state]}"
    for step in judged.steps:
        yield f"  {_SHAPES[step.state]} {step.title}{' (manual)' if step.state == 'manual' else ''}"
        for one in step.conditions:
            shown = " (shown only)" if one.shown else ""
            yield f"      {_SHAPES[one.state]} {one.title}: {one.state}: {one.said}{shown}"


@dataclass(frozen=True)
class Listed:
    text: str
    plain: dict[str, Any]


def listed(profile: Profile, kept: Kept, dues: Sequence[Due], wall: float) -> list[Listed]:
    """Procedures in the profile's order, then the records and actions that come round."""
    by_id = {due.id: due for due in dues}
    kinds = {
        **dict.fromkeys(profile.checklists, "checklist"),
        **dict.fromkeys(profile.playbooks, "playbook"),
        **{id_: "record" for id_ in profile.records if id_ in by_id},
        **{id_: "action" for id_ in profile.actions if id_ in by_id},
    }
    return [_listed(profile, kept, id_, kind, by_id.get(id_), wall) for id_, kind in kinds.items()]


def _listed(profile: Profile, kept: Kept, id_: str, kind: str, due: Due | None, wall: float) -> Listed:
    procedure = profile.procedures.get(id_)
    entry = procedure or profile.records.get(id_) or profile.actions[id_]
    gate = bool(procedure and procedure.gate)
    run = kept.under_way(id_)
    run = merged(run, procedure) if run else None
    under_way = {"run": run.id, "decided": run.decided, "steps": run.asked} if run else None
    words = [f"{run.id}: {run.decided} of {run.asked} steps" if run else "", due_words(due, wall)]
    said = ", ".join(filter(None, words))
    text = f"{id_:<24} {'gate' if gate else kind:<10} {entry.title}{f' · {said}' if said else ''}"
    plain = {"id": id_, "kind": kind, "title": entry.title, "gate": gate, "due": of_due(due), "run": under_way}
    return Listed(text, plain)


def due_words(due: Due | None, wall: float) -> str:
    """ "overdue since 3 d, last 2026-01-02 by ana"."""
    if due is None:
        return ""
    every = f"every {duration(due.every)}"
    if due.at is None or due.last is None:
        return f"{due.when}, never done ({every})" if due.when == "due now" else f"due: {due.when} ({every})"
    last = f"last {moment(due.last.at)[:10]} by {due.last.by}"
    if due.when == "overdue":
        return f"overdue since {told(wall - due.at, 's')}, {last}"
    return f"{'due soon' if due.when == 'due soon' else 'due'} in {told(due.at - wall, 's')}, {last}"


def run_line(run: Run) -> str:
    state = run.ended or f"under way, {run.decided} of {run.asked} steps"
    ended = f" {moment(run.ended_at)} by {run.ended_by}" if run.ended_at else ""
    drill = "drill, " if run.drill else ""
    return f"{run.id}  {moment(run.at)}  {run.by}  {run.of}: {drill}{state}{ended}"
