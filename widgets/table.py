"""Rows with a cursor, marks, an order and a filter, of which only the visible ones are ever drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from textual import events
from textual.message import Message

from widgets import columns
from widgets.columns import Column, Row
from widgets.drawn import Painted
from widgets.lines import Line, Segment, fit, flow
from widgets.pane import Content, Pane
from widgets.vitals import Vitals

__all__ = ["Column", "Row", "Table", "TablePane"]

Matches: TypeAlias = Callable[[Mapping[str, str], str], bool]
_WHEEL = 3
_GUTTER = 2  # the cursor's and the mark's cell


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows, the words for having none, and lines that stand below when there is room."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str = "nothing here"
    foot: tuple[Line, ...] = ()
    gap: int = 2  # cells between columns

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """As a plain listing, for a pane without a cursor."""
        if not self.rows:
            return [((self.empty, "dim"),), *self.below(width)][:height]
        placed = columns.place(self.columns, width, self.gap)
        foot = self.below(width)[: max(0, height - 1 - len(self.rows))]
        room = max(0, height - 1 - len(foot))
        drawn = [columns.cells(self.columns, placed, self.gap, row) for row in self.rows[:room]]
        if len(self.rows) > room > 0:
            drawn[-1] = ((f"… and {len(self.rows) - room + 1:,} more", "dim"),)
        return [columns.heads(self.columns, placed, self.gap), *drawn, *foot]

    def below(self, width: int) -> list[Line]:
        """The foot, broken into as many rows as it needs."""
        return [row for line in self.foot for row in flow(line, width)]


def _contains(fields: Mapping[str, str], text: str) -> bool:
    return any(text.lower() in value.lower() for value in fields.values())


class TablePane(Pane):
    """A pane whose content is a Table. Keys belong to the screen: it calls the methods."""

    @dataclass
    class Opened(Message):
        """Enter, or a double click."""

        pane: TablePane
        row: Row

        @property
        def control(self) -> TablePane:
            return self.pane

    @dataclass
    class Moved(Message):
        """Another row is under the cursor; None when there is none any more."""

        pane: TablePane
        row: Row | None

        @property
        def control(self) -> TablePane:
            return self.pane

    def __init__(self, title: str, *, matches: Matches = _contains, id: str | None = None) -> None:
        super().__init__(title, id=id)
        self.matches = matches
        self.filter = ""
        self.sort_by: int | None = None
        self.reverse = False
        self._marks: set[str] = set()
        self._rows: list[Row] = []  # filtered and in order
        self._at = 0  # the cursor, an index into _rows
        self._key: str | None = None  # the key under the cursor: the row keeps the cursor wherever it goes
        self._top = 0

    # -- what is in it -----------------------------------------------------------------------------------------------

    @property
    def table(self) -> Table | None:
        return self.content if isinstance(self.content, Table) else None

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that the filter lets through, in the order shown."""
        return self._rows

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._at] if self._rows else None

    @property
    def marked(self) -> tuple[Row, ...]:
        """The marked rows that can be seen; one that the filter hides is never among them."""
        return tuple(row for row in self._rows if row.key in self._marks)

    @property
    def marks_hidden(self) -> int:
        return len(self._marks) - len(self.marked)

    def show(self, content: Content | None, vitals: Vitals) -> None:
        if content is not None:
            self.content = content
            self._arrange()
        super().show(None, vitals)

    def _arrange(self) -> None:
        """Filter and order the rows, and keep the cursor on the row it was on."""
        rows = self.table.rows if self.table else ()
        self._marks &= {row.key for row in rows}
        if self.filter:
            rows = tuple(row for row in rows if self.matches(row.fields, self.filter))
        self._rows = columns.ordered(rows, self.sort_by, self.reverse)
        found = next((at for at, row in enumerate(self._rows) if row.key == self._key), None)
        self._at = found if found is not None else max(0, min(self._at, len(self._rows) - 1))
        self._follow(found is None)

    def _follow(self, moved: bool) -> None:
        """Bring the cursor's row into view, and tell the screen when it is another row."""
        room = self._room
        if room > 0:
            self._top = max(min(self._top, self._at), self._at - room + 1)
            self._top = max(0, min(self._top, len(self._rows) - room))
        row = self.selected
        if moved and (row.key if row else None) != self._key:
            self._key = row.key if row else None
            if self.is_attached:
                self.post_message(self.Moved(self, row))

    @property
    def _room(self) -> int:
        """How many rows fit: the pane less its header and the row of titles."""
        return self.size.height - 2

    # -- what keys do ------------------------------------------------------------------------------------------------

    def move(self, delta: int) -> None:
        if self._rows:
            self._at = max(0, min(self._at + delta, len(self._rows) - 1))
            self._follow(True)
            self.repaint()

    def top(self) -> None:
        self.move(-len(self._rows))

    def bottom(self) -> None:
        self.move(len(self._rows))

    def page(self, direction: int = 1) -> None:
        self.move(direction * max(1, self._room - 1))

    def go_to(self, key: str) -> bool:
        """Put the cursor on a row; False when it is not among those shown."""
        at = next((at for at, row in enumerate(self._rows) if row.key == key), None)
        if at is not None:
            self.move(at - self._at)
        return at is not None

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go on to the next."""
        if row := self.selected:
            self._marks ^= {row.key}
            self.move(1)

    def clear_marks(self) -> None:
        self._marks.clear()
        self.repaint()

    def sort_next(self) -> None:
        """Sort by the next column; after the last comes the order in which the rows arrived."""
        if self.table:
            after = 0 if self.sort_by is None else self.sort_by + 1
            self.sort_by = after if after < len(self.table.columns) else None
            self._arrange()
            self.repaint()

    def sort_reverse(self) -> None:
        self.reverse = not self.reverse
        self._arrange()
        self.repaint()

    def set_filter(self, text: str) -> None:
        self.filter = text.strip()
        self._arrange()
        self.repaint()

    def open(self) -> None:
        if row := self.selected:
            self.post_message(self.Opened(self, row))

    # -- what leaves it ----------------------------------------------------------------------------------------------

    def copy_text(self, row: Row) -> str:
        """A row for the clipboard: its cells, separated by tabs."""
        return "\t".join(columns.cell_text(cell) for cell in row.cells)

    def export_rows(self) -> list[dict[str, str]]:
        """The rows shown, as a reader of a CSV file would want them: by column key, as on the screen."""
        table = self.table
        if table is None:
            return []
        keys = [column.key for column in table.columns]
        return [dict(zip(keys, map(columns.cell_text, row.cells), strict=False)) for row in self._rows]

    # -- drawing -----------------------------------------------------------------------------------------------------

    def note(self) -> Line:
        parts: list[Segment] = []
        if self.table and self.vitals.state not in ("loading", "failed", "not configured"):
            total = len(self.table.rows)
            shown = f"{len(self._rows):,} of {total:,}" if self.filter else f"{total:,}"
            parts.append((shown, "dim"))
        if self.filter:
            parts.append((f"/{self.filter}", "accent"))
        if self._marks:
            hidden = f", {self.marks_hidden} hidden by the filter" if self.marks_hidden else ""
            parts.append((f"{len(self._marks)} marked{hidden}", "mark"))
        return tuple(piece for part in parts for piece in (("· ", "dim"), part, (" ", "")))

    def _body(self, width: int, height: int) -> list[Painted]:
        table = self.table
        if table is None or self.vitals.state in ("loading", "failed", "not configured"):
            return super()._body(width, height)
        over = "dim" if self.vitals.state == "stale" else ""
        if not self._rows:
            words = f"none of {len(table.rows):,} rows matches /{self.filter}" if self.filter else table.empty
            return [(((words, "dim"),), over), *((row, over) for row in table.below(width))]
        placed = columns.place(table.columns, width - _GUTTER, table.gap)
        head = ((" " * _GUTTER, ""), *columns.heads(table.columns, placed, table.gap, self.sort_by, self.reverse))
        room = max(0, height - 1)
        visible = range(self._top, min(self._top + room, len(self._rows)))
        drawn = [self._draw_row(table, placed, at, width, over) for at in visible]
        free = room - len(drawn)
        foot = [(row, over) for row in table.below(width)]
        foot = foot if free >= len(foot) else []
        gap = [((), "")] if foot and free > len(foot) else []
        return [(head, over), *drawn, *gap, *foot]

    def _draw_row(self, table: Table, placed: columns.Placed, at: int, width: int, over: str) -> Painted:
        row = self._rows[at]
        here = at == self._at
        gutter = (("▸" if here else " ", "accent"), ("●" if row.key in self._marks else " ", "mark"))
        drawn = fit((*gutter, *columns.cells(table.columns, placed, table.gap, row)), width)
        return drawn, "cursor" if here and self.has_focus else over

    # -- mouse -------------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._follow(False)

    def on_click(self, event: events.Click) -> None:
        at = self._top + event.y - 2
        if event.y >= 2 and at < len(self._rows):
            self.move(at - self._at)
            if event.chain == 2:
                self.open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(_WHEEL)
        event.stop()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(-_WHEEL)
        event.stop()

    def _scroll(self, by: int) -> None:
        """Look further up or down; the cursor stays where it is."""
        self._top = max(0, min(self._top + by, len(self._rows) - self._room))
        self.repaint()
