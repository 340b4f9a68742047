"""0 Alerts: every rule and how it stands; R and the other capitals act on what they always act on."""

from __future__ import annotations

from collections.abc import Iterator

from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from widgets import alerts
from widgets.pane import Content, Lines, Pane


class Alerts(ViewScreen):
    view, named = "alerts", "Alerts"

    def make(self) -> Iterator[Slot]:
        self.rules = table("Rules", "rules")
        everything = ("queue", "http", "postgres", "s3", "runs", "flags")
        yield Slot(self.rules, "", lambda deck: alerts.alerts(deck.alerts, deck.wall), everything)
        self.detail = Pane("Rule", id="rule", classes="second")
        yield Slot(self.detail, "", self._rule, everything)

    def _rule(self, deck: Deck) -> Content:
        row = self.rules.selected
        alert = deck.alerts.get(row.key) if row else None
        if alert is None:
            return Lines(())
        rows = alerts.detail(alert, deck.wall).rows
        action = deck.profile.actions.get(alert.remedy)
        key = (((f"{action.key} ", "accent"), (action.title, "")),) if action and action.key else ()
        return Lines((*rows, *key))

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)
