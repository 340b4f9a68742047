"""A run that is gone through step by step: what is to be done, what its conditions say now, what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.procedures.verdict import JudgedStep, Verdict
from services.records.run import Run, StepRun, StepState
from widgets.checklists import INKS, SHAPES
from widgets.columns import Column, Row
from widgets.figures import ago, duration, moment
from widgets.lines import Line, Segment, wrap
from widgets.table import Table

STATES: dict[StepState, Segment] = {
    "todo": ("○ to do", ""),
    "done": ("● done", "good"),
    "skipped": ("- skipped", "dim"),
    "failed": ("✖ failed", "bad"),
}
_SAYS = {"holds": "holds", "fails": "fails", "unknown": "unknown", "manual": "look"}
_COLUMNS = (
    Column("state", "Step", 9),
    Column("title", "", "1fr", least=34),
    Column("live", "Checks", 10),
    Column("by", "Who, when", 20, drop=1),
)


@dataclass(frozen=True, slots=True)
class Guide:
    """What the profile says of a step beside its conditions, with the keys as they are mapped."""

    help: str = ""
    action: str = ""  # its title
    look: str = ""
    runbook: str = ""
    confirm: str = ""
    evidence: bool = False
    keys: tuple[str, str, str] = ("X", "Enter", "o")


def steps(run: Run, judged: dict[str, JudgedStep], now: float) -> Table:
    rows = tuple(_row(at, step, judged.get(step.id), now) for at, step in enumerate(run.steps))
    return Table(_COLUMNS, rows, "this procedure has no steps")


def _row(at: int, step: StepRun, judged: JudgedStep | None, now: float) -> Row:
    live: Segment = ("", "")
    if judged and judged.conditions and step.state != "done":
        live = (f"{SHAPES[judged.state]} {_SAYS[judged.state]}", INKS[judged.state])
    title = f"{step.title}{' (optional)' if step.optional else ''}{' (not in the profile now)' if step.gone else ''}"
    who = f"{step.by}, {ago(step.at, now)}" if step.at is not None else ""
    state = STATES[step.state]
    ink = "dim" if step.state in ("done", "skipped") else ""
    against: Segment = (" !", "warn") if step.against else ("", "")
    cells = (state, ((title, ink), against), live, who)
    return Row(step.id, cells, (state[0], at, live[0], step.at), {"title": title, "state": step.state, "by": step.by})


@dataclass(frozen=True, slots=True)
class OneStep:
    """Content: everything about one step; what is needed next stands first."""

    run: Run
    step: StepRun
    judged: JudgedStep | None
    guide: Guide
    now: float

    def lines(self, width: int, height: int) -> Sequence[Line]:
        parts = (*wrap(self.step.title, width, "bold"), *wrap(self.guide.help, width))
        return [*parts, *self._live(width), *self._keys(width), *self._said(width)][:height]

    def _live(self, width: int) -> list[Line]:
        if self.judged is None or not self.judged.conditions:
            return [(("○ only you can tell", "dim"),)] if self.step.state == "todo" else []
        demanded = [one for one in self.judged.conditions if not one.shown]
        shown = [one for one in self.judged.conditions if one.shown]
        head: list[Line] = [(("to look at; ticked as it stands", "dim"),)] if shown else []
        return [
            *(line for one in demanded for line in self._condition(one, width)),
            *head,
            *(line for one in shown for line in self._condition(one, width)),
        ]

    def _condition(self, one: Verdict, width: int) -> list[Line]:
        read = f", read {ago(one.at, self.now)}" if one.at is not None and one.value is not None else ""
        words = wrap(f"{one.title}: {one.said}{read}", width - 2)
        first: Line = ((f"{SHAPES[one.state]} ", INKS[one.state]), *(words[0] if words else ()))
        return [first, *((("  ", ""), *line) for line in words[1:])]

    def _keys(self, width: int) -> list[Line]:
        act, look, book = self.guide.keys
        offers = ((act, self.guide.action), (look, self.guide.look), (book, self.guide.runbook))
        rows: list[Line] = [((f"{key:<6}", "accent"), (words, "")) for key, words in offers if words]
        if self.step.state == "todo":
            rows += wrap(self._asks(), width, "dim")
        return rows

    def _asks(self) -> str:
        """What ticking it takes, and until when."""
        asks = [f"the words “{self.guide.confirm}”"] if self.guide.confirm else []
        asks += ["a note of what was seen"] if self.guide.evidence else []
        takes = f"ticking it takes {' and '.join(asks)}" if asks else ""
        due = self.step.due_s
        left = "" if due is None else _until(self.run.at + due - self.now, due)
        return "; ".join(filter(None, (takes, left)))

    def _said(self, width: int) -> list[Line]:
        step = self.step
        rows: list[Line] = []
        if step.at is not None:
            late = f", {duration(step.late_s)} late" if step.late_s else ""
            rows += wrap(f"{step.state} by {step.by}, {moment(step.at)}{late}", width, STATES[step.state][1])
        rows += wrap(step.note, width)
        rows += wrap(f"against its condition: {step.against}", width, "warn") if step.against else []
        for one in step.evidence:
            rows += wrap(f"then: {one.title}: {one.state}: {one.said}", width, "dim")
        for acted in step.acted:
            rows += wrap(f"{acted.action}: {acted.word}: {acted.said} ({acted.by}, {moment(acted.at)})", width)
        for note in step.notes:
            rows += wrap(f"{note.by}, {moment(note.at)}: {note.text}", width)
        return rows


def _until(left: float, due: float) -> str:
    return f"{duration(left)} left of {duration(due)}" if left >= 0 else f"late by {duration(-left)}"
