"""The views that are one or two panes and nothing else: runs, flags, audit."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import AuditValues, FlagsValues, RunsValues
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection, rows_of
from widgets import audit, flags, runs
from widgets.pane import Content, Lines, Pane


class Runs(ViewScreen):
    view, named = "runs", "Runs"
    hints = (("mark", "mark"), ("act.all", "actions"), ("filter", "filter"), ("sort", "sort"))
    DEFAULT_CSS = """
    Runs #distribution { height: 8; }
    """

    def make(self) -> Iterator[Slot]:
        above = Pane("Runs by status", id="distribution", classes="second")
        yield Slot(above, "runs", lambda deck: deck.made("runs", RunsValues, lambda v: runs.Distribution(v)))
        self.recent = table("Recent runs", "recent")
        yield Slot(
            self.recent, "runs", lambda deck: deck.made("runs", RunsValues, lambda v: runs.recent(v, deck.at("runs")))
        )

    def selection(self) -> Selection:
        return rows_of(self.recent, "runs")


class Flags(ViewScreen):
    view, named = "flags", "Flags"
    hints = (("act.pause", "pause/resume"), ("act.all", "switch, limit"), ("filter", "filter"))
    DEFAULT_CSS = """
    Flags #flag { height: 7; }
    """

    def make(self) -> Iterator[Slot]:
        self.flags = table("Feature flags", "flags")
        yield Slot(
            self.flags,
            "flags",
            lambda deck: deck.made("flags", FlagsValues, lambda v: flags.flags(v, deck.at("flags"))),
        )
        yield Slot(Pane("This flag", id="flag", classes="second"), "flags", self._flag)

    def _flag(self, deck: Deck) -> Content:
        row = self.flags.selected
        return flags.detail(row.data, deck.at("flags")) if row else Lines(())

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self) -> None:
        self.action_act_menu()

    def selection(self) -> Selection:
        row = self.flags.selected
        return Selection("flags", type=row.data.job_type, flag=row.data.name) if row else Selection()


class Audit(ViewScreen):
    view, named = "audit", "Audit"
    hints = (("filter", "filter"), ("copy", "copy"), ("export", "export"), ("sort", "sort"))
    DEFAULT_CSS = """
    Audit #entry { height: 9; }
    """

    def make(self) -> Iterator[Slot]:
        self.entries = table("Actions, as recorded on this machine", "entries")
        yield Slot(
            self.entries,
            "audit",
            lambda deck: deck.made("audit", AuditValues, lambda v: audit.entries(v, deck.at("audit"))),
        )
        self.detail = Pane("Entry", id="entry", classes="second")
        yield Slot(self.detail, "audit", self._entry)

    def _entry(self, deck: Deck) -> Content | None:
        row = self.entries.selected
        return audit.detail(row.data) if row else Lines(())

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)
