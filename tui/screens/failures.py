"""5 Failures: what fails and how often, beside the runbook's known bad patterns."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import FailureGroup, QueueValues
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import failures
from widgets.pane import Content
from widgets.table import TablePane


def groups(deck: Deck) -> Content | None:
    return deck.made("queue", QueueValues, lambda values: failures.groups(values, deck.at("queue"), deck.patterns))


def patterns(deck: Deck) -> Content:
    return failures.patterns_table(deck.patterns, deck.values("queue", QueueValues))


def of_group(group: FailureGroup) -> str:
    """The filter that finds the jobs behind a group."""
    code = f'error:"{group.error_code}"' if '"' not in group.error_code else ""
    return f"{code} type:{group.type}".strip()


class Failures(ViewScreen):
    view, named = "failures", "Failures"
    DEFAULT_CSS = """
    Failures #groups { height: 2fr; }
    """

    def make(self) -> Iterator[Slot]:
        self.groups = table("Failures by error and type", "groups")
        yield Slot(self.groups, "queue", groups)
        second = table("Known bad patterns", "patterns")
        second.add_class("second")
        yield Slot(second, "queue", patterns)

    def selection(self) -> Selection:
        row = self.groups.selected
        if row is None:
            return Selection()
        return Selection("jobs", type=row.data.type, filter=f"state:failed {of_group(row.data)}")

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if event.pane is self.groups:
            self.console.jobs(of_group(event.row.data))
