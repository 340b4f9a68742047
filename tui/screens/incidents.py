"""Incidents: those under way first, with what is due and what is late, and one in full below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.records.demands import missing
from services.records.incident import Incident
from services.records.kinds import incident_record
from services.records.timer import Timer
from services.records.timers import timers
from services.records.urgency import by_urgency
from tui.deck import Deck
from tui.recording import opening
from tui.screens.view import Slot, ViewScreen, table
from widgets import incidents
from widgets.facts import Facts
from widgets.lines import Line
from widgets.pane import Content, Lines, Pane


class Incidents(ViewScreen):
    view, named = "incidents", "Incidents"
    hints = (("open", "open"), ("note", "note"), ("export", "export"), ("filter", "filter"))
    DEFAULT_CSS = """
    Incidents #incident { height: 10; }
    """

    def make(self) -> Iterator[Slot]:
        self.found = table("Incidents", "incidents")
        yield Slot(self.found, "", self._found)
        yield Slot(Pane("Incident", id="incident", classes="second"), "", self._one)

    def _timed(self, it: Incident) -> Sequence[Timer]:
        return timers(it, incident_record(self.console.deck.profile, it.of).severities)

    def _found(self, deck: Deck) -> Content:
        book = self.console.book
        if book.problem:
            return Lines((((book.problem, "bad"),),))
        profile = deck.profile
        found = by_urgency(book.incidents, lambda it: incident_record(profile, it.of), profile.severities, deck.wall)
        return incidents.incidents(found, self._timed, deck.wall)

    @property
    def selected(self) -> Incident | None:
        row = self.found.selected
        return row.data if row and isinstance(row.data, Incident) else None

    def _one(self, deck: Deck) -> Content:
        it = self.selected
        if it is None:
            return Lines(((("i on an alert opens one about it; Enter here opens one by hand", "dim"),),))
        lacks = missing(it, incident_record(deck.profile, it.of)) if it.state != "closed" else ()
        told: Line = tuple(
            part for timer in self._timed(it) for part in (incidents.clock(timer, deck.wall), ("  ", ""))
        )
        facts = (
            ("scope", it.texts.get("scope", "").replace("\n", " ")),
            ("impacted", it.texts.get("impact", "").replace("\n", " ")),
            ("alerts", ", ".join(one.title for one in it.alerts)),
            ("said", it.notes[-1].text.replace("\n", " ") if it.notes else ""),
            ("missing", ("; ".join(lacks), "warn")),
        )
        return Facts((((f"{it.severity} ", "bold"), (it.title, "title")), told), facts)

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """Once a second is enough: no reading is shown. The cursor is not left on the row for a new one when there are
        some now."""
        if sources is not None:
            return
        lonely = self.found.table is not None and len(self.found.table.rows) == 1
        super().show(deck, sources)
        if lonely and self.console.book.incidents:
            self.found.top()

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self) -> None:
        self.action_incident()

    def action_incident(self) -> None:
        if it := self.selected:
            self.console.record(it.id)
        else:
            self.console.book.begin(opening.by_hand(self.console), "opening an incident")

    def runbook(self, deck: Deck) -> str:
        it = self.selected
        return incident_record(deck.profile, it.of if it else "").runbook or super().runbook(deck)
