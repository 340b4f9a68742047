"""Retention, by name: what is due for deletion, what is known of requests and tombstones, and the last runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from services.profile import PurgeAction, VerifyAction
from services.readings import AuditValues, NamedFigure, SourceState
from tui.deck import Deck
from tui.judged import firing
from tui.screens.gathered import Gathered, states
from tui.screens.view import Slot, ViewScreen, table
from widgets import audit, named
from widgets.pane import Content, Lines, Pane

DUE = ("due",)


def _states(deck: Deck) -> list[SourceState]:
    """What is due; then the profile's queries whose runbook sections are those of its purges."""
    purges = [action for action in deck.profile.actions.values() if isinstance(action, PurgeAction)]
    sections = {action.runbook for action in purges if action.runbook}
    beside = [
        state
        for name, source in deck.profile.sources.items()
        if source.kind == "sql" and source.runbook in sections and (state := deck.snapshot.get(name))
    ]
    return [*states(deck, *DUE), *beside]


def _due(deck: Deck) -> Content:
    def trend(source: str, path: str) -> list[float | None]:
        return [value for _, value in deck.history.series(source, path)[-60:]]

    def about(source: str, figure: NamedFigure) -> str:
        return firing(deck, source, f"figures.{figure.key}")

    return named.figures(_states(deck), deck.mono, trend, about)


def _runs(deck: Deck) -> Content | None:
    """The audit's entries of purges and verifications."""
    ours = {name for name, action in deck.profile.actions.items() if isinstance(action, PurgeAction | VerifyAction)}

    def drawn(values: AuditValues) -> Content:
        kept = tuple(entry for entry in values.entries if entry.action in ours)
        return audit.entries(replace(values, entries=kept), deck.at("audit"))

    return deck.made("audit", AuditValues, drawn)


class Retention(ViewScreen):
    view, named = "retention", "Retention"
    hints = (("act.all", "run, verify, resume"), ("move.right", "next pane"), ("filter", "filter"), ("copy", "copy"))
    DEFAULT_CSS = """
    Retention #runs { height: 9; }
    Retention #run { height: 7; }
    """

    def make(self) -> Iterator[Slot]:
        yield Gathered(table("What is due, and what is known of it", "due"), "", _due, kinds=DUE)
        self.runs = table("Runs and verifications, as recorded on this machine", "runs")
        yield Slot(self.runs, "audit", _runs)
        yield Slot(Pane("This one", id="run", classes="second"), "audit", self._run)

    def _run(self, deck: Deck) -> Content:
        row = self.runs.selected
        return audit.detail(row.data) if row else Lines(())

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)
