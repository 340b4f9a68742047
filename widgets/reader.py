"""A table of one column without titles: text that is read line by line, searched, and acted on where it says so."""

from __future__ import annotations

from widgets import columns
from widgets.columns import Column
from widgets.drawn import Painted
from widgets.lines import Line
from widgets.table import Table, TablePane

TEXT = (Column("text", "", "1fr"),)


class Reader(TablePane):
    """The cursor stands on a line; a search shows the lines that match, and Enter goes to where one stands."""

    @property
    def _room(self) -> int:
        return self.size.height - 1

    @property
    def text_width(self) -> int:
        """Cells that a line may have."""
        return max(0, self.size.width - 2)

    def note(self) -> Line:
        """How many lines a search finds; how many there are is nobody's question."""
        return super().note() if self.filter else ()

    def put_first(self, key: str) -> None:
        """The row with this key at the upper edge: a section is read from its heading on."""
        if self.go_to(key):
            self._top = max(0, min(self._at, len(self._rows) - self._room))
            self.repaint()

    def _body(self, width: int, height: int) -> list[Painted]:
        table = self.table
        if table is None or not self._rows:
            return super()._body(width, height)
        placed = columns.place(TEXT, width - 2, table.gap)
        visible = range(self._top, min(self._top + height, len(self._rows)))
        return [self._draw_row(table, placed, at, width, "") for at in visible]


def text_table(rows: tuple[columns.Row, ...], empty: str) -> Table:
    return Table(TEXT, rows, empty)
