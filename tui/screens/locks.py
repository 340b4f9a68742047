"""4 Locks: stale locks with their two signs of death, and what the reaper last did."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import QueueValues, ReaperValues
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection, rows_of
from widgets import locks
from widgets.pane import Content
from widgets.table import TablePane


def held(deck: Deck) -> Content | None:
    return deck.made("queue", QueueValues, lambda values: locks.locks(values))


def reaper(deck: Deck) -> Content | None:
    return deck.made("reaper", ReaperValues, lambda values: locks.reaper_runs(values, deck.at("reaper")))


class Locks(ViewScreen):
    view, named = "locks", "Locks"
    hints = (("act.release", "release"), ("mark", "mark"), ("open", "job"), ("act.fail", "fail"))
    DEFAULT_CSS = """
    Locks #locks { height: 2fr; }
    """

    def make(self) -> Iterator[Slot]:
        self.locks = table("Stale locks and stuck jobs", "locks")
        yield Slot(self.locks, "queue", held)
        second = table("Reaper", "reaper")
        second.add_class("second")
        yield Slot(second, "reaper", reaper)

    def selection(self) -> Selection:
        return rows_of(self.locks, "locks")

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if event.pane is self.locks:
            self.console.job(event.row.key)
