"""One drill, form, window or report: its fields, each with Enter to write it, and its course."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.errors import WatchdeckError
from services.records import report
from services.records.event import Event
from services.records.listing import course, exported
from services.records.store import Records
from services.text import safe
from tui import recording
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from widgets import records
from widgets.fields import field, fields_table, in_full
from widgets.footer import Hint
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane

if TYPE_CHECKING:
    from services.profile.records import Record as Spec

_WORDS = {"ok": "good", "failed": "bad", "unknown": "unknown"}


class Record(ViewScreen):
    view, named = "record", "Record"
    hints = (
        ("back", "back"),
        ("open", "write, start, stop"),
        ("note", "note"),
        ("export", "export"),
        ("runbook", "runbook"),
    )
    DEFAULT_CSS = """
    Record #field { height: 5; }
    Record #course { height: 12; }
    """

    def __init__(self, id: str) -> None:
        self.record = id
        self.is_report = id.startswith(f"{report.KIND}-")
        super().__init__()

    def make(self) -> Iterator[Slot]:
        self.fields = table(self.record, "fields")
        yield Slot(self.fields, "", self._fields)
        yield Slot(Pane("This field", id="field", classes="second"), "", self._field)
        pane = table("What happened", "course")
        pane.add_class("roomy")
        yield Slot(pane, "", lambda deck: records.course(course(self.events)))

    def _hints(self) -> Iterator[Hint]:
        """A report is written once, whole: nothing is added to it."""
        adds = ("write, start, stop", "note") if self.is_report else ()
        return (hint for hint in super()._hints() if hint.does not in adds)

    @property
    def events(self) -> Sequence[Event]:
        return self.console.book.events.get(self.record, ())

    @property
    def spec(self) -> Spec | None:
        of = str(self.events[0].body.get("of")) if self.events else ""
        return self.console.deck.profile.records.get(of)

    def _fields(self, deck: Deck) -> Content:
        if not self.events:
            return fields_table(())
        if self.is_report:
            found = report.fold(self.events)
            self.fields.retitle(f"{self.record}: {safe(found.title, 200)}")
            return _report(found)
        title = str(records.course(course(self.events[:1])).rows[0].fields["what"]).removeprefix("opened: ")
        self.fields.retitle(f"{self.record}: {title}")
        return fields_table(recording.rows(self.console, self.events, self.spec))

    def _field(self, deck: Deck) -> Content:
        row = self.fields.selected
        return in_full(row) if row else Lines(())

    # -- keys --------------------------------------------------------------------------------------------------------

    def _begin(self, key: str) -> None:
        if work := recording.edit(self.console, self.events, self.spec, key):
            self.console.book.begin(work, "a record")

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if event.pane is self.fields:
            self._begin(event.row.key)

    def on_table_pane_moved(self, event: TablePane.Moved) -> None:
        if event.pane is self.fields:
            self.show(self.console.deck)

    def action_note(self) -> None:
        if self.fields.go_to("note"):
            self._begin("note")
        else:
            self.console.hint("it has no notes: Enter on a field writes it")

    def action_export(self) -> None:
        self.console.background(self._export(), "export", "the export")

    async def _export(self) -> None:
        from tui.export import shown, written

        app, profile = self.console, self.console.deck.profile
        try:
            text = await asyncio.to_thread(exported, profile, Records.of(profile), self.record)
            path = await asyncio.to_thread(written, self.record, text)
        except (OSError, WatchdeckError) as error:
            app.say(f"not exported: {error}".replace("\n  ->", ":"), "bad")
        else:
            app.say(f"{path.name}, in {shown(path.parent)}", "good")

    def runbook(self, deck: Deck) -> str:
        spec = self.spec
        return spec.runbook if spec and spec.runbook else super().runbook(deck)


def _report(found: report.Report) -> Content:
    rows = [field("passed", "Passed", ("● passed", "good") if found.passed else ("✖ NOT PASSED", "bad"))]
    rows += [
        field(f"figure:{name}", safe(name, 40), safe(report.told(value), 200)) for name, value in found.figures.items()
    ]
    rows += [
        field(f"line:{at}", one.word, (safe(one.what, 200), _WORDS[one.word]), safe(one.said, 200))
        for at, one in enumerate(found.lines)
    ]
    return fields_table(rows)
