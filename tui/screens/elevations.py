"""Elevations, by name: who sees what is restricted, until when, by whose approval, and what was read under each."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import ElevationsValues
from tui.deck import Deck
from tui.disclosed import left
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection, rows_of
from widgets import elevations
from widgets.pane import Content, Lines, Pane


class Elevations(ViewScreen):
    view, named = "elevations", "Elevations"
    hints = (("act.elevate", "ask for one"), ("act.all", "approve, end"), ("filter", "filter"), ("export", "export"))
    DEFAULT_CSS = """
    Elevations #elevations { height: 4fr; }
    Elevations #elevation { height: 4fr; max-height: 10; }
    Elevations #reads { height: 3fr; max-height: 8; }
    """

    def make(self) -> Iterator[Slot]:
        self.elevations = table("Elevations", "elevations")
        yield Slot(self.elevations, "elevation", self._all)
        yield Slot(Pane("This elevation", id="elevation", classes="second"), "elevation", self._one)
        self.reads = table("Read under it", "reads")
        self.reads.add_class("second")
        yield Slot(self.reads, "elevation", self._reads)

    def _all(self, deck: Deck) -> Content | None:
        values = deck.values("elevation", ElevationsValues)
        if values is None:
            return None
        lasting = {one.id: left(deck, one) for one in values.in_force}
        return elevations.elevations(values, lasting, deck.at("elevation"))

    def _one(self, deck: Deck) -> Content:
        row = self.elevations.selected
        return elevations.detail(row.data) if row else Lines(())

    def _reads(self, deck: Deck) -> Content | None:
        values, row = deck.values("elevation", ElevationsValues), self.elevations.selected
        if values is None:
            return None
        of = [read for read in values.reads if row and read.elevation == row.key]
        return elevations.reads(of, deck.at("elevation"))

    def tick(self, deck: Deck) -> None:
        super().tick(deck)
        if not deck.frozen:
            self.show(deck)

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def selection(self) -> Selection:
        return rows_of(self.elevations, "elevations")
