"""One incident: what is known of it and what is missing, its timeline, messages, and whom to call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import work

from services.errors import WatchdeckError
from services.records.demands import missing
from services.records.incident import TEXTS
from services.records.incident import Incident as Found
from services.records.kinds import incident_record
from services.records.message import filled, lacking, templates
from services.records.run import Run
from services.records.story import Story
from services.records.timers import timers
from tui import walk
from tui.deck import Deck
from tui.recording import incident
from tui.screens.escalation import calls
from tui.screens.paged import PagedScreen, on_page, table_on
from tui.screens.view import Slot
from widgets import incidents
from widgets.escalation import escalation
from widgets.fields import in_full
from widgets.lines import flow
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane

RELOAD_S = 5.0


class Incident(PagedScreen):
    view, named = "incident", "Incident"
    reads_records = True
    pages = ("record", "timeline", "messages", "escalation")
    hints = (
        ("back", "back"),
        ("open", "write"),
        ("note", "note"),
        ("acknowledge", "mine"),
        ("turn", "page"),
        ("export", "export"),
    )
    DEFAULT_CSS = """
    Incident #head { height: 3; }
    Incident #message { height: 12; }
    Incident #moment { height: 6; }
    Incident #field { height: 4; }
    """

    def __init__(self, id: str) -> None:
        self.record = id
        self.told: Story | None = None
        self.problem = ""
        self.loaded_at: float | None = None
        super().__init__()

    def make(self) -> Iterator[Slot]:
        yield Slot(Pane(f"Incident {self.record}", id="head", classes="second"), "", self._head)
        self.fields = table_on("record", "What is known of it", "fields")
        yield Slot(self.fields, "", self._fields)
        yield Slot(on_page("record", Pane("This field", id="field", classes="second")), "", self._field)
        yield Slot(table_on("record", "Timeline", "course", "roomy"), "", self._moments)
        self.moments = table_on("timeline", "Timeline", "timeline")
        yield Slot(self.moments, "", self._moments)
        yield Slot(on_page("timeline", Pane("This moment", id="moment", classes="second")), "", self._moment)
        self.messages = table_on("messages", "Messages", "messages")
        yield Slot(self.messages, "", self._messages)
        yield Slot(on_page("messages", Pane("As it would be sent now", id="message")), "", self._message)
        calling = table_on("escalation", "Whom to call", "calls")
        yield Slot(calling, "", lambda deck: escalation(calls(deck.profile)))

    # -- what is shown -----------------------------------------------------------------------------------------------

    @property
    def found(self) -> Found | None:
        return self.console.book.incident(self.record)

    def _head(self, deck: Deck) -> Content:
        it = self.found
        if it is None:
            return Lines((((self.console.book.problem or "it is not read yet", "dim"),),))
        record = incident_record(deck.profile, it.of)
        return incidents.head(it, timers(it, record.severities), len(missing(it, record)), deck.wall)

    def _fields(self, deck: Deck) -> Content:
        it = self.found
        if it is None:
            return Lines(())
        lacks = missing(it, incident_record(deck.profile, it.of)) if it.state != "closed" else ()
        runs = {id_: run for id_ in it.runs if (run := self.console.paperwork.run(id_))}
        return incidents.fields(it, lacks, deck.wall, runs, self._follow(deck, it, runs.values()))

    def _follow(self, deck: Deck, it: Found, runs: Iterable[Run]) -> str:
        """The title of the procedure that goes with it, until that is gone through."""
        name = incident_record(deck.profile, it.of).checklist
        begun = it.state == "closed" or any(run.of == name for run in runs)
        return deck.profile.procedures[name].title if name and not begun else ""

    def _field(self, deck: Deck) -> Content:
        row = self.fields.selected
        return in_full(row) if row else Lines(())

    def _moments(self, deck: Deck) -> Content:
        if self.told is None:
            return Lines((((self.problem or "it is being read …", "bad" if self.problem else "dim"),),))
        return incidents.timeline(self.told.moments)

    def _moment(self, deck: Deck) -> Content:
        row = self.moments.selected
        return incidents.told(row.data) if row else Lines(())

    def _filled(self, deck: Deck) -> list[tuple[str, str]]:
        it = self.found
        if it is None:
            return []
        record = incident_record(deck.profile, it.of)
        return [(name, filled(text, it, record, deck.wall)) for name, text in templates(record).items()]

    def _messages(self, deck: Deck) -> Content:
        return incidents.messages(self._filled(deck))

    def _message(self, deck: Deck) -> Content:
        it, row = self.found, self.messages.selected
        if it is None or row is None:
            return Lines(())
        said = lacking(templates(incident_record(deck.profile, it.of))[row.key], it)
        return Lines(
            tuple(part for one in incidents.message(row.data, said) for part in flow(one, self.size.width or 80))
        )

    # -- the timeline is read from the disk --------------------------------------------------------------------------

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        if sources is None:  # it is opened, or something was recorded; no reading is shown
            self.load()
            super().show(deck)

    def tick(self, deck: Deck) -> None:
        it = self.found
        late = self.loaded_at is None or deck.mono - self.loaded_at >= RELOAD_S
        if late and not deck.frozen and it and it.state != "closed":
            self.load()
        super().tick(deck)

    @work(group="story", exclusive=True)
    async def load(self) -> None:
        self.loaded_at = self.console.deck.mono
        try:
            self.told = await incident.tell(self.console, self.record)
        except WatchdeckError as error:
            self.problem = error.message
        else:
            self.problem = f"could not be read: {'; '.join(self.told.unread)}" if self.told.unread else ""
            if self.problem:
                self.console.say(self.problem, "unknown")
        super().show(self.console.deck)

    # -- keys --------------------------------------------------------------------------------------------------------

    def _begin(self, key: str) -> None:
        if it := self.found:
            self.console.book.begin(incident.edit(self.console, it, key), "an incident")

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if event.pane is self.fields and event.row.key.startswith(incidents.RUN):
            walk.go_through(self.console, event.row.key.removeprefix(incidents.RUN))
        elif event.pane is self.fields and event.row.key == incidents.FOLLOW and self.found:
            walk.enter(self.console, incident_record(self.console.deck.profile, self.found.of).checklist)
        elif event.pane is self.fields:
            self._begin(event.row.key)
        elif event.pane is self.messages:
            self.action_copy()

    def on_table_pane_moved(self, event: TablePane.Moved) -> None:
        if event.pane in (self.fields, self.messages, self.moments):
            super().show(self.console.deck)

    def action_acknowledge(self) -> None:
        self._begin("acknowledged")

    def action_note(self) -> None:
        self._begin("note")

    def action_incident(self) -> None:
        self.turn_to(self.pages[0])

    def action_copy(self) -> None:
        it, row = self.found, self.messages.selected
        if self.page == "messages" and it and row:
            work = incident.send(self.console, it, row.key, row.data)
            self.console.book.begin(work, "a message")
        else:
            super().action_copy()

    def action_export(self) -> None:
        self.console.background(incident.export(self.console, self.record), "export", "the export")

    def runbook(self, deck: Deck) -> str:
        """What to do stands in the section of what it is about, and how it is written up in its own."""
        it, row = self.found, self.fields.selected
        key = row.key if row and self.page == "record" else ""
        own = incident_record(deck.profile, it.of if it else "").runbook
        about = [alert.key for alert in it.alerts] if it and it.under_way and not _is_written(key) else []
        if key.startswith(incidents.ALERT):
            about = [key.removeprefix(incidents.ALERT)]
        return next(filter(None, (_section(deck, one) for one in about)), "") or own or super().runbook(deck)


def _is_written(key: str) -> bool:
    return key in (*TEXTS, "close") or key.startswith("prevention")


def _section(deck: Deck, alert: str) -> str:
    """Of the alert as it stands, or of its rule when that is all there is left of it."""
    known = deck.alerts.get(alert) or deck.profile.rules.get(alert.partition("{")[0])
    return known.runbook if known else ""
