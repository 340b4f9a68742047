"""A view with more than fits on a screen: pages, one of which is shown, and a key that turns to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui.screens.view import ViewScreen, table
from widgets.pane import Pane
from widgets.table import TablePane

if TYPE_CHECKING:
    from services.profile import Profile


def on_page(page: str, pane: Pane, *more: str) -> Pane:
    """The pane, on this page; `more` are further classes."""
    pane.add_class(f"page-{page}", *more)
    return pane


def table_on(page: str, title: str, id: str, *more: str) -> TablePane:
    found = table(title, id)
    on_page(page, found, *more)
    return found


class PagedScreen(ViewScreen):
    """Panes have the class of their page, `page-NAME`. A pane without one is on every page."""

    pages: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        super().__init__()
        self._page = 0
        self._lay_out()

    @property
    def page(self) -> str:
        return self.pages[self._page]

    def leave_out(self, profile: Profile) -> None:
        """Nothing: a page that would be empty says why."""

    def turn_to(self, page: str) -> None:
        self._page = self.pages.index(page)
        self._lay_out()
        if not self.is_mounted:
            return
        self.take_focus()
        after = self.pages[(self._page + 1) % len(self.pages)]
        self.console.hint(f"page {self._page + 1} of {len(self.pages)}: {self.page}; v turns to {after}", "")
        self.show(self.console.deck)

    def action_turn(self) -> None:
        self.turn_to(self.pages[(self._page + 1) % len(self.pages)])

    def _lay_out(self) -> None:
        for slot in self.slots:
            pages = [name for name in self.pages if slot.pane.has_class(f"page-{name}")]
            slot.pane.set_class(bool(pages) and self.page not in pages, "away")
