"""5 Failures: what fails, how often and since when, beside the runbook's known bad patterns."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import FailureGroup, FlagsValues, QueueValues
from tui.deck import Deck
from tui.places import flag_named_in
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import failures
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane


def groups(deck: Deck) -> Content | None:
    return deck.made("queue", QueueValues, lambda values: failures.groups(values, deck.at("queue"), deck.patterns))


def patterns(deck: Deck) -> Content:
    return failures.patterns_table(deck.patterns, deck.values("queue", QueueValues))


def over_time(deck: Deck) -> Content | None:
    return deck.made("queue", QueueValues, failures.OverTime)


def of_group(group: FailureGroup) -> str:
    """The filter that finds the jobs behind a group."""
    code = f'error:"{group.error_code}"' if '"' not in group.error_code else ""
    return f"{code} type:{group.type}".strip()


class Failures(ViewScreen):
    view, named = "failures", "Failures"
    hints = (
        ("open", "jobs"),
        ("act.requeue", "requeue"),
        ("act.fail", "fail"),
        ("act.pause", "pause"),
        ("act.all", "actions"),
    )
    DEFAULT_CSS = """
    Failures #groups { height: 1fr; }
    Failures #group { height: 6; }
    Failures #over-time { height: 1fr; display: none; }
    Failures #patterns { height: 6; }
    Failures.-tall #over-time { display: block; }
    """

    def make(self) -> Iterator[Slot]:
        self.groups = table("Failures by error and type", "groups")
        yield Slot(self.groups, "queue", groups)
        yield Slot(Pane("This failure", id="group", classes="second"), "queue", self._group, ("flags",))
        yield Slot(Pane("Over time", id="over-time"), "queue", over_time)
        second = table("Known bad patterns", "patterns")
        second.add_class("second")
        yield Slot(second, "queue", patterns)

    def _group(self, deck: Deck) -> Content:
        row = self.groups.selected
        if row is None:
            return Lines(())
        flag = flag_named_in(row.data.last_message, deck.values("flags", FlagsValues))
        return failures.detail(row.data, deck.at("queue"), deck.patterns, flag)

    def selection(self) -> Selection:
        row = self.groups.selected
        if row is None:
            return Selection()
        flag = flag_named_in(row.data.last_message, self.console.deck.values("flags", FlagsValues))
        return Selection("jobs", type=row.data.type, flag=flag, filter=f"state:failed {of_group(row.data)}")

    def runbook(self, deck: Deck) -> str:
        """The known bad pattern's own section, where the failure is one."""
        row = self.groups.selected if self.focused is self.groups else None
        code = row.data.error_code if row else ""
        known = next((p.runbook for p in deck.patterns if code in p.codes), "")
        return known or super().runbook(deck)

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if event.pane is self.groups:
            self.console.jobs(of_group(event.row.data))
