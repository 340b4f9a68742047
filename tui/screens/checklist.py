"""Checklist: one run, gone through step by step. Its keys change the record and nothing else; only `X` acts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from services.procedures.verdict import JudgedStep
from services.records.run import Run, StepRun
from tui import walk
from tui.deck import Deck
from tui.keys import KEYS, spot
from tui.screens.view import Slot, ViewScreen, table
from tui.sought import sources_of
from widgets import guided
from widgets.pane import Content, Lines, Pane

if TYPE_CHECKING:
    from services.profile import Step

WIDE = 100  # from here on the step stands beside the list of steps


class Checklist(ViewScreen):
    view, named = "checklist", "Checklist"
    reads_records = True
    hints = (
        ("mark", "tick"),
        ("note", "note"),
        ("step.skip", "skip"),
        ("act.all", "act"),
        ("step.complete", "complete"),
    )
    DEFAULT_CSS = """
    Checklist #both { layout: vertical; height: 1fr; width: 100%; }
    Checklist.-wide #both { layout: horizontal; }
    Checklist.-wide #step { width: 1fr; }
    Checklist.-wide #steps { width: 1fr; margin-right: 1; }
    """

    def __init__(self) -> None:
        self.record = ""  # of the run that is gone through; "" before the first
        super().__init__()

    def make(self) -> Iterator[Slot]:
        self.steps = table("Steps", "steps")
        yield Slot(self.steps, "", self._steps)
        self.one = Pane("Step", id="step")
        yield Slot(self.one, "", self._step)

    def body(self) -> ComposeResult:
        with Container(id="both"):
            yield from (slot.pane for slot in self.slots)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width >= WIDE, "-wide")

    def go_through(self, record: str) -> None:
        """This run, from its first step that is still to be done."""
        self.record = record
        self.to_next()

    def to_next(self) -> None:
        """The cursor on the next step that is to be done."""
        if not self.is_mounted or not self.console.ready:
            return
        self.show(self.console.deck)
        run = self.run
        todo = next((step for step in run.steps if step.state == "todo" and not step.gone), None) if run else None
        if todo:
            self.steps.go_to(todo.id)

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self.to_next)

    # -- what is shown -----------------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        return self.console.paperwork.run(self.record) if self.record else None

    @property
    def step(self) -> StepRun | None:
        """The one under the cursor."""
        row, run = self.steps.selected, self.run
        return run.step(row.key) if row and run else None

    def judged(self, deck: Deck, run: Run, step: str) -> JudgedStep | None:
        """None for a step that the profile does not have any more."""
        procedure = deck.profile.procedures.get(run.of)
        found = procedure and procedure.steps.get(step)
        return self.console.paperwork.judged_step(deck, run, step) if found else None

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """Once a second is enough: all of it is judged anew."""
        if sources is None:
            super().show(deck)

    def _steps(self, deck: Deck) -> Content:
        run = self.run
        if run is None:
            self.steps.retitle("No run is open")
            return Lines(((("`:checklists` has them all; Enter on one begins a run of it", "dim"),),))
        drill = "drill, " if run.drill else ""
        state = run.ended or f"{run.decided} of {run.asked}"
        self.steps.retitle(f"{run.title} · {drill}{state} · begun by {run.by}")
        judged = {step.id: found for step in run.steps if (found := self.judged(deck, run, step.id))}
        return guided.steps(run, judged, deck.wall)

    def _step(self, deck: Deck) -> Content:
        run, step = self.run, self.step
        if run is None or step is None:
            return Lines(())
        return guided.OneStep(run, step, self.judged(deck, run, step.id), self._guide(deck, run, step), deck.wall)

    def _guide(self, deck: Deck, run: Run, step: StepRun) -> guided.Guide:
        procedure = deck.profile.procedures.get(run.of)
        found = procedure.steps.get(step.id) if procedure else None
        if found is None:
            return guided.Guide("The profile does not have this step any more.")
        action = deck.profile.actions.get(found.action)
        known = {key.id: self.console.keymap.get(key.id, key.shown) for key in KEYS}
        return guided.Guide(
            found.help,
            f"{action.title}{_about(found)}" if action else "",
            f"look: {spot(found.view.partition('/')[0])}" if found.view else "",
            f"runbook: {self.runbook(deck)}" if self.runbook(deck) else "",
            found.confirm,
            found.evidence,
            (known["act.all"], known["open"], known["runbook"]),
        )

    def runbook(self, deck: Deck) -> str:
        """Of the step, or of the whole."""
        run, step = self.run, self.step
        procedure = deck.profile.procedures.get(run.of) if run else None
        found = procedure.steps.get(step.id) if procedure and step else None
        return (found.runbook if found else "") or (procedure.runbook if procedure else "")

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self) -> None:
        """Where the step says to look; `-` comes back."""
        deck, run, step = self.console.deck, self.run, self.step
        procedure = deck.profile.procedures.get(run.of) if run else None
        found = procedure.steps.get(step.id) if procedure and step else None
        if found is None or not found.view:
            self.console.hint("this step says nothing of where to look", "")
            return
        view, _, page = found.view.partition("/")
        self.console.view(view, page, of=sources_of(deck.profile, found))

    def action_mark(self) -> None:
        walk.say(self, "tick")

    def action_unmark(self) -> None:
        walk.say(self, "undo")

    def action_note(self) -> None:
        walk.say(self, "note")

    def action_step(self, what: str) -> None:
        walk.say(self, what)

    def action_export(self) -> None:
        walk.export(self)

    def action_act_menu(self) -> None:
        if not walk.act(self):
            super().action_act_menu()

    def action_back(self) -> None:
        if self.steps.filter:
            self.steps.set_filter("")
        else:
            self.console.view("checklists")


def _about(step: Step) -> str:
    """What its action is told by the profile."""
    return f" ({', '.join(step.args.values())})" if step.args else ""
