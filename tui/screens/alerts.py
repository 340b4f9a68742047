"""0 Alerts: every rule and how it stands, what was, what is silenced, and what others judge."""

from __future__ import annotations

from collections.abc import Iterator

from services.alerts import Alert
from services.readings import PromqlValues, Unknown
from services.silence import Silence
from tui import hush
from tui.deck import Deck
from tui.keys import spot
from tui.places import key_of, kind_of, section_on, view_of
from tui.screens.paged import PagedScreen
from tui.screens.view import Slot, table
from tui.selection import Selection
from widgets import alerts
from widgets.lines import Line
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane

TURNS = 200  # changes that are shown


class Alerts(PagedScreen):
    view, named = "alerts", "Alerts"
    pages = ("rules", "history", "silences", "elsewhere")
    hints = (
        ("open", "to its cause"),
        ("runbook", "runbook"),
        ("acknowledge", "have it in hand"),
        ("silence", "silence"),
        ("turn", "next page"),
        ("act.all", "remedy"),
    )
    DEFAULT_CSS = """
    Alerts #rule { height: 10; }
    Alerts.-tall #rule { height: 13; }
    """

    def make(self) -> Iterator[Slot]:
        self.rules = _page("rules", "Rules", "rules")
        yield Slot(self.rules, "", self._rules)
        self.detail = Pane("Rule", id="rule", classes="second page-rules")
        yield Slot(self.detail, "", self._rule)
        yield Slot(_page("history", "What changed", "turns"), "", self._turns)
        self.silences = _page("silences", "Silences", "silences")
        yield Slot(self.silences, "", self._silences)
        yield Slot(_page("elsewhere", "Alerts that a Prometheus judges", "remote"), "", _remote)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _rules(self, deck: Deck) -> Content:
        return alerts.alerts(
            deck.alerts, deck.wall, lambda alert: self.console.lookout.trends.of(alert.key), deck.early
        )

    def _turns(self, deck: Deck) -> Content:
        return alerts.turns(self.console.lookout.transitions("", TURNS))

    def _silences(self, deck: Deck) -> Content:
        return alerts.silences(self.console.lookout.silences(), deck.wall)

    def _alert(self, deck: Deck) -> Alert | None:
        row = self.rules.selected
        return deck.alerts.get(row.key) if row else None

    def _rule(self, deck: Deck) -> Content:
        alert = self._alert(deck)
        if alert is None:
            return Lines(())
        action = deck.profile.actions.get(alert.remedy)
        return alerts.detail(alert, deck.wall, action.title if action else "", (self._go(deck, alert),))

    def _go(self, deck: Deck, alert: Alert) -> Line:
        """What to press now."""
        where = view_of(deck, alert)
        go: Line = (("Enter ", "accent"), (f"goes to {spot(where)}", "")) if where != self.view else ()
        action, key = deck.profile.actions.get(alert.remedy), key_of(deck, alert)
        if action is None:
            return go
        return (*go, (f", {key if key.isupper() else 'X Enter'} ", "accent"), (action.title.lower(), ""))

    # -- what is selected --------------------------------------------------------------------------------------------

    @property
    def remedy(self) -> str:
        alert = self._alert(self.console.deck) if self.page == "rules" else None
        return alert.remedy if alert else ""

    def runbook(self, deck: Deck) -> str:
        alert = self._alert(deck) if self.page == "rules" else None
        return (alert.runbook or section_on(deck, alert.source)) if alert else super().runbook(deck)

    def selection(self) -> Selection:
        """What the alert's own labels name: its job type."""
        alert = self._alert(self.console.deck) if self.page == "rules" else None
        type_ = dict(alert.labels).get("type", "") if alert else ""
        return Selection("types", type=type_) if type_ else Selection()

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_table_pane_moved(self, event: TablePane.Moved) -> None:
        if event.pane is self.rules:
            self.show(self.console.deck)

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        deck = self.console.deck
        alert = self._alert(deck) if event.pane is self.rules else None
        if alert is not None:
            self.console.lookout.look_at(kind_of(deck, alert), alert.source)
            self.console.view(view_of(deck, alert))

    def action_acknowledge(self) -> None:
        if alert := self._alert(self.console.deck):
            self.console.background(hush.acknowledge(self.console, alert), "hush", "acknowledging", exclusive=True)

    def action_silence(self) -> None:
        app = self.console
        row = self.silences.selected if self.page == "silences" else None
        if row and isinstance(row.data, Silence):
            app.background(hush.lift(app, row.data), "hush", "lifting a silence", exclusive=True)
        elif self.page == "rules" and (alert := self._alert(app.deck)):
            app.background(hush.silence(app, alert), "hush", "silencing", exclusive=True)


def _page(page: str, title: str, id: str) -> TablePane:
    found = table(title, id)
    found.add_class(f"page-{page}")
    return found


def _remote(deck: Deck) -> Content:
    found = []
    for name in deck.profile.of_kind("promql"):
        state = deck.snapshot.get(name)
        values = state.good.values if state and state.good else None
        if isinstance(values, PromqlValues) and not isinstance(values.alerts, Unknown):
            found += [(name, alert) for alert in values.alerts]
    return alerts.elsewhere(found, deck.wall)
