"""Checklists: every checklist and playbook as it stands by live checks, when each is due, and what is under way."""

from __future__ import annotations

from collections.abc import Iterator

from services.procedures.judged import judge
from services.procedures.merged import merged
from tui import walk
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import checklists
from widgets.checklists import Listed
from widgets.pane import Content, Lines, Pane


class Checklists(ViewScreen):
    view, named = "checklists", "Checklists"
    reads_records = True
    hints = (("open", "begin, go on"), ("runbook", "runbook"), ("filter", "filter"), ("sort", "sort"))
    DEFAULT_CSS = """
    Checklists #below { height: 11; }
    """

    def make(self) -> Iterator[Slot]:
        self.procedures = table("Checklists and playbooks", "procedures")
        yield Slot(self.procedures, "", self._procedures)
        yield Slot(Pane("By live checks", id="below", classes="second"), "", self._below)

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """Once a second is enough: all of it is judged anew."""
        if sources is None:
            super().show(deck)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _procedures(self, deck: Deck) -> Content:
        return checklists.procedures([*self._listed(deck)], deck.wall)

    def _listed(self, deck: Deck) -> Iterator[Listed]:
        """Procedures in the profile's order, then the records and actions that come round."""
        paper = self.console.paperwork
        dues = {due.id: due for due in paper.dues(deck)}
        seen, profile = paper.seen(deck), deck.profile
        for id_, procedure in profile.procedures.items():
            kind = "gate" if procedure.gate else "checklist" if id_ in profile.checklists else "playbook"
            last, run = paper.kept.passed.get(id_), paper.under_way(id_)
            yield Listed(
                id_,
                procedure.title,
                kind,
                judge(id_, seen),
                dues.pop(id_, None),
                merged(run, procedure) if run else None,
                last.at if last else None,
                last.by if last else "",
            )
        for id_, due in dues.items():
            last = due.last
            kind = "action" if id_ in profile.actions else "record"
            yield Listed(id_, due.title, kind, due=due, last_at=last.at if last else None, last_by=_by(last))

    def _below(self, deck: Deck) -> Content:
        row = self.procedures.selected
        if row is None:
            return Lines(())
        procedure = deck.profile.procedures.get(row.key)
        return checklists.Below(row.data, procedure.help if procedure else "")

    def runbook(self, deck: Deck) -> str:
        row, profile = self.procedures.selected, deck.profile
        if row is None:
            return ""
        found = profile.procedures.get(row.key) or profile.records.get(row.key) or profile.actions.get(row.key)
        return found.runbook if found else ""

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self) -> None:
        row = self.procedures.selected
        if row is None:
            return
        if row.key in self.console.deck.profile.procedures:
            walk.enter(self.console, row.key)
        elif row.key in self.console.deck.profile.actions:
            self.console.remedies.start(row.key, Selection(), "palette")
        else:
            self.console.hint(f"{row.data.title} is a record: it is kept in the view `:records`", "")


def _by(last: object) -> str:
    return str(getattr(last, "by", "")) if last else ""
