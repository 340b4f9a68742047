"""Records: which the profile knows and when they are due; drills, forms, windows and reports as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from services.model import spell_duration
from services.profile import DrillRecord, FormRecord, IncidentRecord, WindowRecord
from services.records.drill import KIND as DRILL
from services.records.drill import drill, next_scope
from services.records.listed import Listed
from tui.deck import Deck
from tui.recording import begin
from tui.screens.paged import PagedScreen, table_on
from tui.screens.view import Slot
from widgets import records
from widgets.lines import Segment
from widgets.pane import Content, Lines
from widgets.records import KindOf
from widgets.table import TablePane

if TYPE_CHECKING:
    from services.profile.records import Record

_PAGES = {"drills": "drill", "forms": "form", "windows": "window", "reports": "report"}
_TITLES = {
    "drills": "Drills",
    "forms": "Forms: launches, handovers",
    "windows": "Maintenance windows",
    "reports": "Reports",
}


class Records(PagedScreen):
    view, named = "records", "Records"
    reads_records = True
    pages = ("kinds", *_PAGES)
    hints = (("open", "open, begin"), ("turn", "page"), ("filter", "filter"), ("export", "export"))

    def make(self) -> Iterator[Slot]:
        self.kinds = table_on("kinds", "What can be recorded", "kinds")
        yield Slot(self.kinds, "", self._kinds)
        open_ = table_on("kinds", "Open or late", "open", "second")
        yield Slot(open_, "", lambda deck: self._listed(deck, lambda one: not one.over))
        for page, kind in _PAGES.items():
            yield Slot(
                table_on(page, _TITLES[page], page),
                "",
                lambda deck, kind=kind: self._listed(deck, lambda one: one.kind == kind),  # type: ignore[misc]
            )

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """Once a second is enough: no reading is shown."""
        if sources is None:
            super().show(deck)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _listed(self, deck: Deck, fits: Callable[[Listed], bool]) -> Content:
        book = self.console.book
        if book.problem:
            return Lines((((book.problem, "bad"),),))
        return records.listed([one for one in book.listed(deck.wall) if fits(one)], deck.wall)

    def _kinds(self, deck: Deck) -> Content:
        return records.kinds(
            [self._kind(deck, name, record) for name, record in deck.profile.records.items()], deck.wall
        )

    def _kind(self, deck: Deck, name: str, record: Record) -> KindOf:
        if isinstance(record, IncidentRecord):
            its = self.console.book.incidents
            last = max((one.opened_at for one in its), default=None)
            return KindOf(name, record.kind, record.title, "goes to the incidents", last)
        found = [one for one in self.console.book.listed(deck.wall) if one.of == name]
        last = max((one.at for one in found), default=None)
        under_way = next((one for one in found if not one.over), None)
        does = f"opens {under_way.id}" if under_way else "begins one"
        return KindOf(name, record.kind, record.title, does, last, self._about(deck, name, record))

    def _about(self, deck: Deck, name: str, record: Record) -> Segment:
        """Whose turn it is, and whether it is due: what was begun and given up does not count."""
        due = next((one for one in self.console.paperwork.dues(deck) if one.id == name), None)
        if due and due.when == "unknown":
            return "not known when it was done last", "unknown"
        if due and due.when in ("due now", "overdue"):
            return f"DUE: every {spell_duration(due.every)}", "warn"
        if isinstance(record, DrillRecord):
            done = [drill(events) for events in self.console.book.of(DRILL).values()]
            turn = next_scope(record, [one for one in done if one.of == name])
            return f"next in turn: {record.scopes.get(turn, turn)}", ""
        if isinstance(record, FormRecord):
            return f"{len(record.fields)} fields", "dim"
        longest = spell_duration(record.longest) if isinstance(record, WindowRecord) else ""
        return (f"{longest} at most", "dim") if longest else ("", "")

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if isinstance(event.row.data, Listed):
            self.console.record(event.row.data.id)
        elif isinstance(event.row.data, KindOf):
            begin(self.console, event.row.data.id)

    def runbook(self, deck: Deck) -> str:
        row = self.rows.selected if self.rows else None
        of = row.data.of if row and isinstance(row.data, Listed) else row.key if row else ""
        record = deck.profile.records.get(of)
        return record.runbook if record and record.runbook else super().runbook(deck)
