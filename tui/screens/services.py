"""Services, by name: units and timers, what is tried by command, port and certificate, and the machine's figures."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events

from services.profile import UnitAction
from services.readings import Fault, NamedFigure, Timer, Unit
from tui.deck import Deck
from tui.judged import firing
from tui.screens.gathered import Gathered, states
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import checks, named, silent, units
from widgets.pane import Content, Lines, Pane
from widgets.table import Table, TablePane

UNITS = ("systemd",)
CHECKS = ("command", "tls", "tcp", "redis", "files")
TALL = 34  # rows
FIGURES = ("host", "disk", "sql", "files", "command", "clocks", "json", "promql")


def _units(deck: Deck) -> Table:
    return units.units(states(deck, *UNITS), deck.mono)


def _checks(deck: Deck) -> Table:
    firing = {alert.source: alert.title for alert in deck.alerts.firing}
    tried = {
        name: checks.Tried(source.kind, source.title, firing.get(name, ""))
        for name, source in deck.profile.sources.items()
    }
    return checks.checks(states(deck, *CHECKS), tried, deck.mono)


def tables(deck: Deck) -> tuple[Table, ...]:
    """What runs, and what is tried."""
    return _units(deck), _checks(deck)


def _figures(deck: Deck) -> Content:
    def trend(source: str, path: str) -> list[float | None]:
        return [value for _, value in deck.history.series(source, path)[-60:]]

    def about(source: str, figure: NamedFigure) -> str:
        return firing(deck, source, f"figures.{figure.key}")

    found = [state for kind in FIGURES for state in states(deck, kind)]  # the machine before what is tried on it
    return named.figures(found, deck.mono, deck.wall, trend, about)


class Services(ViewScreen):
    view, named = "services", "Services"
    hints = (("open", "its log"), ("act.all", "actions"), ("filter", "filter"), ("move.right", "next pane"))
    DEFAULT_CSS = """
    Services TablePane:focus { height: 2fr; }
    Services #this { height: 5; }
    Services.-tall #this { height: 7; }
    """

    def make(self) -> Iterator[Slot]:
        self.units = table("Units and timers", "units")
        yield Gathered(self.units, "", _units, kinds=UNITS)
        yield Gathered(table("Checks", "checks"), "", _checks, kinds=CHECKS)
        figures = table("Figures", "figures")
        figures.add_class("second")
        yield Gathered(figures, "", _figures, kinds=FIGURES)
        self.this = Pane("This one", id="this", classes="second")
        yield Slot(self.this, "", self._this)

    def _this(self, deck: Deck) -> Content:
        """The row under the cursor of the table that has the focus."""
        row = self.rows.selected if self.rows else None
        source = row.fields.get("source", "") if row else ""
        match row.data if row else None:
            case Unit() | Timer() as found:
                return units.detail(found)
            case checks.Check() as found:
                return checks.detail(found, source)
            case NamedFigure() as found:
                return named.detail(found, source)
            case Fault() as found:
                return silent.detail(found)
        return Lines(())

    def selection(self) -> Selection:
        """The units that are marked, else the one under the cursor; each as the profile's actions write it."""
        actions = self.console.deck.profile.actions.values() if self.console.ready else ()
        written = {unit for action in actions if isinstance(action, UnitAction) for unit in action.units}
        marked = self.units.marked
        rows = marked or ((self.units.selected,) if self.units.selected else ())
        found = [row.data for row in rows if row and isinstance(row.data, Unit | Timer)]
        ids = tuple(each.unit if each.unit in written else _name(each) for each in found)
        return Selection("units", ids, bool(marked)) if ids else Selection()

    def on_table_pane_moved(self) -> None:
        self._tell()

    def on_descendant_focus(self) -> None:
        self._tell()

    def _tell(self) -> None:
        if self.console.ready:
            self.this.show(self._this(self.console.deck), self.this.vitals)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height >= TALL, "-tall")

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if isinstance(event.row.data, Unit | Timer):
            self.console.logs(f"from:{_name(event.row.data).removesuffix('.timer')}")


def _name(found: Unit | Timer) -> str:
    return found.name if isinstance(found, Unit) else found.unit
