"""Backups, by name: the dumps that there are, what is known of each, and what backups and restore tests reported."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import BackupReport, BackupsValues, Dump
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection, rows_of
from widgets import backups
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane


class Backups(ViewScreen):
    view, named = "backups", "Backups"
    effects = ("backup", "restore-test")
    hints = (("act.all", "back up, test"), ("mark", "this one"), ("open", "its report"))
    DEFAULT_CSS = """
    Backups #dump { height: 6; }
    Backups.-tall #dump { height: 9; }
    Backups #reports { height: 5; }
    Backups.-tall #reports { height: 8; }
    """

    def make(self) -> Iterator[Slot]:
        self.dumps = table("Dumps", "dumps")
        yield Slot(self.dumps, "backups", lambda deck: self._made(deck, backups.dumps))
        yield Slot(Pane("This dump", id="dump", classes="second"), "backups", self._dump)
        self.reports = table("Reports of backups and restore tests", "reports")
        self.reports.add_class("second")
        yield Slot(self.reports, "backups", lambda deck: self._made(deck, backups.reports))

    def _made(self, deck: Deck, how: backups.Drawing) -> Content | None:
        return deck.made("backups", BackupsValues, lambda values: how(values, deck.at("backups")))

    def _dump(self, deck: Deck) -> Content:
        row, values = self.dumps.selected, deck.values("backups", BackupsValues)
        return backups.detail(values, row.data, deck.at("backups")) if row and values else Lines(())

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        """A report, or the newest one on a dump."""
        found, values = event.row.data, self.console.deck.values("backups", BackupsValues)
        if isinstance(found, Dump) and values:
            found = next((one for one in values.reports if one.title.endswith(f" {found.key}")), None)
        if isinstance(found, BackupReport):
            self.console.record(found.record)
        else:
            self.console.hint("nothing is reported of it on this machine")

    def selection(self) -> Selection:
        return rows_of(self.dumps, "dumps")
