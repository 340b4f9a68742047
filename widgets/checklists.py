"""Checklists and playbooks: which there are, how each stands by live checks, when it is due, what is under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.procedures.timer import Due
from services.procedures.verdict import Judged, State
from services.records.run import Run
from widgets.columns import Column, Row
from widgets.figures import ago, duration
from widgets.lines import Line, Segment, wrap
from widgets.table import Table

SHAPES: dict[State, str] = {"holds": "●", "fails": "✖", "unknown": "?", "manual": "○"}
INKS: dict[State, str] = {"holds": "good", "fails": "bad", "unknown": "unknown", "manual": "dim"}
_AT_GATE: dict[State, str] = {"holds": "green", "fails": "RED", "unknown": "unknown", "manual": "by hand"}
_WORDS: dict[State, str] = {"holds": "holds", "fails": "fails", "unknown": "unknown", "manual": "by hand"}
_DUE_INKS = {"ok": "", "due soon": "warn", "due now": "warn", "overdue": "bad", "unknown": "unknown"}
_COLUMNS = (
    Column("state", "Stands", 10),
    Column("title", "Procedure", "1fr", least=24),
    Column("kind", "Kind", 9, drop=3),
    Column("due", "Due", 14, drop=1),
    Column("run", "Under way", 9, drop=2),
    Column("last", "Completed last", 22, drop=4),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One procedure, or a record that comes round. `judged` is None for a record: nothing in it can be checked."""

    id: str
    title: str
    kind: str  # gate, checklist, playbook, record, action
    judged: Judged | None = None
    due: Due | None = None
    run: Run | None = None
    last_at: float | None = None
    last_by: str = ""


def procedures(listed: Sequence[Listed], now: float) -> Table:
    return Table(_COLUMNS, tuple(_row(one, now) for one in listed), "this profile has no checklists and no playbooks")


def _row(one: Listed, now: float) -> Row:
    due = due_words(one.due, now)
    run = f"{one.run.decided} of {one.run.asked}" if one.run else ""
    last = f"{ago(one.last_at, now)}, {one.last_by}" if one.last_at is not None else ""
    cells = (_state(one), one.title, one.kind, due, (run, "accent"), last)
    fields = {"id": one.id, "title": one.title, "kind": one.kind, "state": _state(one)[0], "due": due[0]}
    at = one.due.at if one.due else None
    order = (_state(one)[0], one.title, one.kind, at, run, -one.last_at if one.last_at is not None else None)
    return Row(one.id, cells, order, fields, one)


def _state(one: Listed) -> Segment:
    if one.judged is None:
        return "", "dim"
    state = one.judged.state
    words = _AT_GATE if one.kind == "gate" else _WORDS
    ink = INKS[state] if one.kind == "gate" or state != "fails" else "warn"
    return f"{SHAPES[state]} {words[state]}", ink


def due_words(due: Due | None, now: float) -> Segment:
    """ "in 3 d", "overdue 2 h"; "" for what does not come round."""
    if due is None:
        return "", ""
    if due.at is None:
        return "never done" if due.when == "due now" else due.when, _DUE_INKS[due.when]
    words = f"overdue {duration(now - due.at)}" if due.when == "overdue" else f"in {duration(due.at - now)}"
    return words, _DUE_INKS[due.when]


@dataclass(frozen=True, slots=True)
class Below:
    """Content: what the selected procedure is for, and its steps with what speaks against them now."""

    listed: Listed
    help: str = ""

    def lines(self, width: int, height: int) -> Sequence[Line]:
        rows = wrap(self.help, width, "dim") if self.help else []
        for step in self.listed.judged.steps if self.listed.judged else ():
            rows.append(((f"{SHAPES[step.state]} ", INKS[step.state]), (step.title, "")))
            for one in step.against:
                rows += [(("    ", ""), *line) for line in wrap(f"{one.title}: {one.said}", width - 4, INKS[one.state])]
        return rows[:height]
