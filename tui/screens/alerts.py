"""0 Alerts: every rule and how it stands; Enter goes to where it is put right."""

from __future__ import annotations

from collections.abc import Iterator

from services.alerts import Alert
from tui.deck import Deck
from tui.keys import spot
from tui.places import key_of, kind_of, view_of
from tui.screens.view import Slot, ViewScreen, table
from widgets import alerts
from widgets.lines import Line
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane


class Alerts(ViewScreen):
    view, named = "alerts", "Alerts"
    hints = (("open", "to its cause"), ("act.release", "release"), ("act.all", "actions"))

    def make(self) -> Iterator[Slot]:
        self.rules = table("Rules", "rules")
        everything = ("queue", "http", "postgres", "s3", "runs", "flags", "reaper")
        yield Slot(self.rules, "", lambda deck: alerts.alerts(deck.alerts, deck.wall), everything)
        self.detail = Pane("Rule", id="rule", classes="second")
        yield Slot(self.detail, "", self._rule, everything)

    def _alert(self, deck: Deck) -> Alert | None:
        row = self.rules.selected
        return deck.alerts.get(row.key) if row else None

    def _rule(self, deck: Deck) -> Content:
        alert = self._alert(deck)
        if alert is None:
            return Lines(())
        action = deck.profile.actions.get(alert.remedy)
        return alerts.detail(alert, deck.wall, action.title if action else "", (self._go(deck, alert),))

    def _go(self, deck: Deck, alert: Alert) -> Line:
        """What to press now."""
        where = view_of(deck, alert)
        go: Line = (("Enter ", "accent"), (f"goes to {spot(where)}", "")) if where != self.view else ()
        action, key = deck.profile.actions.get(alert.remedy), key_of(deck, alert)
        return (*go, (f", {key} ", "accent"), (action.title.lower(), "")) if action and key.isupper() else go

    def runbook(self, deck: Deck) -> str:
        alert = self._alert(deck)
        return alert.runbook if alert else super().runbook(deck)

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        deck = self.console.deck
        alert = self._alert(deck)
        if alert is not None:
            self.console.lookout.look_at(kind_of(deck, alert), alert.source)
            self.console.view(view_of(deck, alert))
