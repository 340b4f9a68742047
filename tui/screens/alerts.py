"""0 Alerts: every rule and how it stands, what was, what is silenced, and what others judge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import events

from services.alerts import Alert
from services.readings import HeldAlert, PrometheusAlert
from services.silence import Silence
from tui import hush
from tui.deck import Deck
from tui.keys import spot
from tui.places import key_of, place_of, section_on, view_of
from tui.screens.gathered import Gathered, states
from tui.screens.paged import PagedScreen, table_on
from tui.screens.view import Slot
from tui.selection import Selection
from widgets import alerts, elsewhere
from widgets.lines import Line
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane

if TYPE_CHECKING:
    from services.profile import Profile

TURNS = 200  # changes that are shown
TELLS = ("promql", "alertmanager")
SILENCES = ("alertmanager",)


class Alerts(PagedScreen):
    view, named = "alerts", "Alerts"
    pages = ("rules", "history", "silences", "elsewhere")
    hints = (
        ("runbook", "runbook"),
        ("acknowledge", "mine"),
        ("silence", "quiet"),
        ("incident", "incident"),
        ("turn", "page"),
        ("act.all", "fix"),
    )
    DEFAULT_CSS = """
    Alerts #rule { height: 10; }
    Alerts.-tall #rule { height: 13; }
    """

    def make(self) -> Iterator[Slot]:
        self.rules = table_on("rules", "Rules", "rules")
        yield Slot(self.rules, "", self._rules)
        self.detail = Pane("Rule", id="rule", classes="second page-rules")
        yield Slot(self.detail, "", self._rule)
        yield Slot(table_on("history", "What changed", "turns"), "", self._turns)
        self.silences = table_on("silences", "Silences", "silences")
        yield Slot(self.silences, "", self._silences)
        self.remote = table_on("elsewhere", "Alerts that others judge", "remote")
        yield Gathered(self.remote, "", _there, kinds=TELLS)
        silenced = table_on("elsewhere", "Silenced there", "remote-silences", "second")
        yield Gathered(silenced, "", _silenced_there, kinds=SILENCES)

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

    def action_runbook(self) -> None:
        row = self.remote.selected if self.page == "elsewhere" else None
        link = row.data.runbook if row and isinstance(row.data, HeldAlert | PrometheusAlert) else ""
        if "://" in link:
            self.console.say(f"its runbook: {link}")
        else:
            super().action_runbook()

    def runbook(self, deck: Deck) -> str:
        alert = self._alert(deck) if self.page == "rules" else None
        return (alert.runbook or section_on(deck, alert.source)) if alert else super().runbook(deck)

    def selection(self) -> Selection:
        """What the alert's own labels name, its job type above all; or the alert itself, where an Alertmanager tells of
        it."""
        if self.page == "elsewhere":
            source, held = self._held()
            return Selection("remote", (held.fingerprint,), source=source) if held else Selection()
        alert = self._alert(self.console.deck) if self.page == "rules" else None
        labels = alert.labels if alert else ()
        type_ = dict(labels).get("type", "")
        return Selection("types", type=type_, labels=labels) if type_ else Selection(labels=labels)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        super().on_screen_resume(event)
        here = self._alert(self.console.deck) if self.console.ready else None
        if here and here.state != "firing" and self.console.deck.alerts.loud:
            self.rules.top()  # the cursor had stayed at what was worst before something fired

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_table_pane_moved(self, event: TablePane.Moved) -> None:
        if event.pane is self.rules:
            self.show(self.console.deck)

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        deck = self.console.deck
        alert = self._alert(deck) if event.pane is self.rules else None
        if alert is not None:
            self.console.view(*place_of(deck, alert), of=(alert.source,))

    def action_acknowledge(self) -> None:
        alert = self._alert(self.console.deck) if self.page == "rules" else None
        if alert:
            self.console.background(hush.acknowledge(self.console, alert), "hush", "acknowledging", exclusive=True)
        elif self.page != "rules":
            self.console.say("it is on the page rules that one has an alert in hand: v turns to it", "warn")

    def action_incident(self) -> None:
        from tui.recording import opening

        alert = self._alert(self.console.deck) if self.page == "rules" else None
        if alert and alert.active:
            self.console.book.begin(opening.from_alert(self.console, alert), "opening an incident")
        else:
            super().action_incident()

    def action_silence(self) -> None:
        app = self.console
        row = self.silences.selected if self.page == "silences" else None
        if row and isinstance(row.data, Silence):
            app.background(hush.lift(app, row.data), "hush", "lifting a silence", exclusive=True)
        elif self.page == "rules" and (alert := self._alert(app.deck)):
            app.background(hush.silence(app, alert), "hush", "silencing", exclusive=True)
        elif self.page == "elsewhere":
            self._silence_there()

    def _silence_there(self) -> None:
        """By the profile's action for it: it is another system that is changed."""
        app = self.console
        source, held = self._held()
        if held is None:
            app.say("select an alert that an Alertmanager tells of: what a Prometheus judges is silenced there", "warn")
        elif action := silencing(app.deck.profile, source):
            app.remedies.start(action, self.selection(), "key")
        else:
            app.say(f'the profile has no action with effect = "silence" and source = "{source}"', "warn")

    def _held(self) -> tuple[str, HeldAlert | None]:
        """The alert under the cursor, and the source that tells of it."""
        row = self.remote.selected
        return (row.fields["source"], row.data) if row and isinstance(row.data, HeldAlert) else ("", None)


def silencing(profile: Profile, source: str) -> str:
    """The action that silences alerts of this source; "" when there is none."""
    from services.profile import SilenceAction

    found = (name for name, one in profile.actions.items() if isinstance(one, SilenceAction) and one.source == source)
    return next(found, "")


def _there(deck: Deck) -> Content:
    """Of those that are asked for alerts."""
    asked = [state for state in states(deck, *TELLS) if getattr(deck.profile.sources[state.source], "alerts", True)]
    return elsewhere.alerts(asked, deck.mono, deck.wall)


def _silenced_there(deck: Deck) -> Content:
    return elsewhere.silences(states(deck, *SILENCES), deck.mono, deck.wall)
