"""Services, by name: units and timers, what is tried by command, port and certificate, and the machine's figures."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import Timer, Unit
from tui.deck import Deck
from tui.screens.gathered import Gathered, states
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import checks, named, units
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane

UNITS = ("systemd",)
CHECKS = ("command", "tls", "tcp", "redis", "files")
FIGURES = ("host", "disk", "files", "command")


def _units(deck: Deck) -> Content:
    return units.units(states(deck, *UNITS), deck.mono)


def _checks(deck: Deck) -> Content:
    kinds = {name: source.kind for name, source in deck.profile.sources.items()}
    return checks.checks(states(deck, *CHECKS), kinds, deck.mono)


def _figures(deck: Deck) -> Content:
    def trend(source: str, path: str) -> list[float | None]:
        return [value for _, value in deck.history.series(source, path)[-60:]]

    return named.figures(states(deck, *FIGURES), deck.mono, trend)


class Services(ViewScreen):
    view, named = "services", "Services"
    hints = (("open", "its log"), ("act.all", "restart …"), ("filter", "filter"), ("move.right", "next pane"))
    DEFAULT_CSS = """
    Services #unit { height: 6; display: none; }
    Services.-tall #unit { display: block; }
    """

    def make(self) -> Iterator[Slot]:
        self.units = table("Units and timers", "units")
        yield Gathered(self.units, "", _units, kinds=UNITS)
        self.unit = Pane("This unit", id="unit")
        yield Gathered(self.unit, "", self._unit, kinds=UNITS)
        yield Gathered(table("Checks", "checks"), "", _checks, kinds=CHECKS)
        figures = table("Figures", "figures")
        figures.add_class("second")
        yield Gathered(figures, "", _figures, kinds=FIGURES)

    def _unit(self, deck: Deck) -> Content:
        row = self.units.selected
        return units.detail(row.data) if row and isinstance(row.data, Unit | Timer) else Lines(())

    def selection(self) -> Selection:
        """The units that are marked, else the one under the cursor."""
        marked = self.units.marked
        rows = marked or ((self.units.selected,) if self.units.selected else ())
        ids = tuple(_name(row.data) for row in rows if row and isinstance(row.data, Unit | Timer))
        return Selection("units", ids, bool(marked)) if ids else Selection()

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if isinstance(event.row.data, Unit | Timer):
            self.console.logs(f"from:{_name(event.row.data).removesuffix('.timer')}")


def _name(found: Unit | Timer) -> str:
    return found.name if isinstance(found, Unit) else found.unit
