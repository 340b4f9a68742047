"""Logs, by name: every log source of the profile in one list, and the lines of one request among all of them."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import LogLine
from tui.deck import Deck
from tui.screens.gathered import Gathered, states
from tui.screens.view import Slot, ViewScreen, matches
from widgets import logs
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane

KINDS = ("logs",)


class Logs(ViewScreen):
    view, named = "logs", "Logs"
    hints = (("open", "its request"), ("filter", "filter"), ("move.bottom", "follow"), ("freeze", "freeze"))
    DEFAULT_CSS = """
    Logs #line { height: 7; }
    Logs #sources { height: 4; }
    """

    def make(self) -> Iterator[Slot]:
        self.merged = logs.Merged()
        above = Pane("Sources", id="sources", classes="second")
        yield Gathered(above, "", lambda deck: logs.sources(states(deck, *KINDS), deck.mono), kinds=KINDS)
        self.lines = logs.LogPane("Lines", matches=matches, id="lines")
        yield Gathered(self.lines, "", lambda deck: self.merged.table(states(deck, *KINDS)), kinds=KINDS)
        self.line = Pane("This line", id="line", classes="second")
        yield Gathered(self.line, "", self._line, kinds=KINDS)

    def _line(self, deck: Deck) -> Content:
        row = self.lines.selected
        if row is None or not isinstance(row.data, LogLine):
            return Lines(())
        return logs.detail(row.data, row.key.rpartition("/")[0])

    def find(self, filter: str) -> None:
        """Only the lines that match."""
        self.lines.set_filter(filter)
        self.lines.bottom()

    def action_edge(self, end: int) -> None:
        super().action_edge(end)
        if end > 0:
            self.lines.repaint()

    def on_table_pane_moved(self) -> None:
        if self.console.ready:
            self.line.show(self._line(self.console.deck), self.lines.vitals)

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        line = event.row.data
        if isinstance(line, LogLine) and line.request:
            self.find(f'request:"{line.request}"')
        else:
            self.status.say("no request id in this line: `request` in the source's table says how to find one", "warn")
