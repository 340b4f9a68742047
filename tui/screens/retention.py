"""Retention, by name: what is due for deletion, what is known of requests and tombstones, and the last runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from textual import events

from services.profile import PurgeAction, VerifyAction
from services.readings import AuditValues, NamedFigure, NamedValues, SourceState
from tui.deck import Deck
from tui.judged import firing
from tui.screens.gathered import Gathered
from tui.screens.view import Slot, ViewScreen, table
from widgets import audit, due, named
from widgets.pane import Content, Lines, Pane

TALL = 34  # rows


def _due(deck: Deck) -> Content | None:
    source, actions = deck.source("due"), deck.profile.actions

    def title(action: str) -> str:
        return actions[action].title if action in actions else action

    return deck.made(
        "due", NamedValues, lambda v: due.due(v, title, lambda name: firing(deck, source, f"figures.{name}"))
    )


def _known(deck: Deck) -> list[SourceState]:
    """The profile's queries whose runbook sections are those of its purges; how many rows they bring is nobody's
    question here."""
    purges = [action for action in deck.profile.actions.values() if isinstance(action, PurgeAction)]
    sections = {action.runbook for action in purges if action.runbook}
    found = []
    for name, source in deck.profile.sources.items():
        state = deck.snapshot.get(name)
        if source.kind == "sql" and source.runbook in sections and state is not None:
            found.append(_without_rows(state))
    return found


def _without_rows(state: SourceState) -> SourceState:
    values = state.good.values if state.good else None
    if state.good is None or not isinstance(values, NamedValues):
        return state
    kept = tuple(one for one in values.figures if one.name != "rows")
    return replace(state, good=replace(state.good, values=replace(values, figures=kept)))


def _figures(deck: Deck) -> Content:
    def trend(source: str, path: str) -> list[float | None]:
        return [value for _, value in deck.history.series(source, path)[-60:]]

    def about(source: str, figure: NamedFigure) -> str:
        return firing(deck, source, f"figures.{figure.key}")

    return named.figures(_known(deck), deck.mono, deck.wall, trend, about)


def _runs(deck: Deck) -> Content | None:
    """The audit's entries of purges and verifications."""
    ours = {name for name, action in deck.profile.actions.items() if isinstance(action, PurgeAction | VerifyAction)}

    def drawn(values: AuditValues) -> Content:
        kept = tuple(entry for entry in values.entries if entry.action in ours)
        return audit.entries(replace(values, entries=kept), deck.at("audit"))

    return deck.made("audit", AuditValues, drawn)


class Retention(ViewScreen):
    view, named = "retention", "Retention"
    effects = ("purge", "verify")
    hints = (("act.all", "run, verify, resume"), ("move.right", "next pane"), ("filter", "filter"), ("copy", "copy"))
    DEFAULT_CSS = """
    Retention #due { height: 8; }
    Retention #run { display: none; }
    Retention.-tall #run { display: block; height: 8; }
    """

    def make(self) -> Iterator[Slot]:
        yield Slot(table("Due for deletion", "due"), "due", _due)
        known = table("Requests, tombstones, runs", "known")
        known.add_class("second")
        yield Gathered(known, "", _figures, kinds=("sql",))
        self.runs = table("Runs and verifications, as recorded on this machine", "runs")
        yield Slot(self.runs, "audit", _runs)
        yield Slot(Pane("This one", id="run", classes="second"), "audit", self._run)

    def _run(self, deck: Deck) -> Content:
        row = self.runs.selected
        return audit.detail(row.data) if row else Lines(())

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height >= TALL, "-tall")
