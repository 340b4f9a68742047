"""2 Queues: depth by type and state, waits, durations, rates, throughput, and who serves them."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events

from services.readings import QueueValues
from tui.deck import Deck
from tui.screens.course import course
from tui.screens.tiles import types
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import queues
from widgets.figures import count
from widgets.pane import Content, Pane
from widgets.table import TablePane


def workers(deck: Deck) -> Content | None:
    return deck.made("queue", QueueValues, lambda values: queues.workers(values))


class Queues(ViewScreen):
    view, named = "queues", "Queues"
    hints = (
        ("open", "jobs"),
        ("act.pause", "pause/resume"),
        ("act.requeue", "requeue"),
        ("act.all", "actions"),
    )
    DEFAULT_CSS = """
    Queues #types { height: 2fr; min-height: 13; }
    Queues #depth { height: 1fr; display: none; }
    Queues.-tall #depth { display: block; }
    """

    def __init__(self) -> None:
        self._placed = False
        super().__init__()

    def make(self) -> Iterator[Slot]:
        self.types = table("Job types", "types")
        yield Slot(self.types, "queue", types, ("flags",))
        yield Slot(Pane("Waiting jobs", id="depth"), "queue", course("queue", "total.waiting", count))
        second = table("Workers", "workers")
        second.add_class("second")
        yield Slot(second, "queue", workers)

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """At first the cursor stands where the trouble is."""
        super().show(deck, sources)
        values = deck.values("queue", QueueValues)
        if not self._placed and values and self.types.rows:
            self._placed = True
            self.types.go_to(queues.longest(values))

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height >= 34, "-tall")

    def selection(self) -> Selection:
        row = self.types.selected
        chosen = row.key if row and row.key != "all" else ""
        return Selection("types", type=chosen, filter=f"type:{chosen}" if chosen else "")

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        if event.pane is self.types and event.row.key != "all":
            self.console.jobs(f"type:{event.row.key}")
