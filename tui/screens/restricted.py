"""What was read under an elevation: shown here alone, and gone when the elevation is."""

from __future__ import annotations

from collections.abc import Iterator

from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen
from widgets.elevations import Opened
from widgets.pane import Content, Lines, Pane

GONE = "restricted: the elevation is over, and what was read under it is gone"


class Restricted(ViewScreen):
    """No table: what is here is neither copied nor exported."""

    view, named = "restricted", "Restricted"
    hints = (("move.down", "down"), ("move.up", "up"), ("back", "back"))

    def __init__(self) -> None:
        self.first = 0
        super().__init__()

    def make(self) -> Iterator[Slot]:
        self.opened = Pane("Restricted", id="opened")
        yield Slot(self.opened, "elevation", self._opened)

    def _opened(self, deck: Deck) -> Content:
        answer = self.console.disclosed.answer
        if answer is None:
            return Lines((((GONE, "warn"),),))
        return Opened(answer.title, answer.rows, self.first)

    def action_move(self, by: int) -> None:
        self._go(self.first + by)

    def action_page(self, direction: int) -> None:
        self._go(self.first + direction * max(1, self.opened.size.height - 2))

    def action_edge(self, end: int) -> None:
        self._go(0)

    def _go(self, first: int) -> None:
        self.first = max(0, first)
        self.show(self.console.deck)

    def action_back(self) -> None:
        self.console.disclosed.forget()
        super().action_back()
