"""1 Overview: everything that is wrong, at a glance, with the key that puts it right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from tui.deck import Deck
from tui.screens.gathered import Gathered
from tui.screens.tiles import TILES, overdue, types
from tui.screens.view import Slot, ViewScreen
from widgets.lines import Line
from widgets.pane import Pane
from widgets.verdict import Grade, grade_of

if TYPE_CHECKING:
    from services.profile import Profile


@dataclass(frozen=True)
class InWords:
    """One line per subject, for a screen that has no room for tiles."""

    said: tuple[tuple[str, Line], ...]

    def lines(self, width: int, height: int) -> Sequence[Line]:
        return [((f"{title:<9} ", "dim"), *row) for title, row in self.said][:height]


def in_words(deck: Deck) -> InWords:
    said: list[tuple[str, Line]] = []
    for tile in TILES:
        if not tile.concerns(deck):
            continue
        drawn = tile.draw(deck)
        vitals = deck.vitals(tile.kind) if tile.kind else None
        if vitals and vitals.state in ("failed", "loading", "not configured"):
            said.append((tile.title, ((" · ".join(filter(None, (vitals.state, vitals.reason))), vitals.style),)))
        elif drawn and drawn.rows:
            late: Line = ((" (stale)", "warn"),) if vitals and vitals.state == "stale" else ()
            said.append((tile.title, (*drawn.rows[0], *late)))
    if deck.overdue:
        said.append(("Overdue", overdue(deck)))
    # what is cut off at the end is what is well
    said[1:] = sorted(said[1:], key=lambda one: _URGENCY.index(grade_of(one[1])) if grade_of(one[1]) else 0)
    return InWords(tuple(said))


_URGENCY: tuple[Grade | None, ...] = ("bad", "warn", "unknown", "good")


class Overview(ViewScreen):
    view, named = "overview", "Overview"
    hints = (
        ("open", "look into"),
        ("↑↓←→", "pane"),
        ("act.release", "release"),
        ("act.all", "actions"),
    )
    DEFAULT_CSS = """
    Overview #tiles { layout: grid; grid-size: 3; grid-gutter: 0 1; height: 3fr; }
    Overview.-narrow #tiles { grid-size: 2; grid-rows: 5fr 4fr 4fr 4fr 4fr; height: 1fr; }
    Overview #types { height: 14; }
    Overview #words { display: none; }
    Overview #actions-tile { display: none; }
    Overview.-narrow #actions-tile { display: block; }
    Overview.-narrow #types { display: none; }
    Overview.-words #tiles { display: none; }
    Overview.-words #words { display: block; }
    """

    def make(self) -> Iterator[Slot]:
        for tile in TILES:
            pane = Pane(tile.title, id=f"{tile.title.lower()}-tile")
            if tile.kinds:
                yield Gathered(pane, "", tile.draw, kinds=tile.kinds)
            else:
                yield Slot(pane, tile.kind, tile.draw, tile.also, judged=True)
        yield Slot(Pane("Queue", id="types"), "queue", types, ("flags",))
        yield Slot(Pane("In words", id="words"), "", in_words, tuple(tile.kind for tile in TILES))

    @property
    def columns(self) -> int:
        return 2 if self.has_class("-narrow") else 3

    def leave_out(self, profile: Profile) -> None:
        """What a system without queues or storage has instead stands where their tiles would."""
        super().leave_out(profile)
        panes = [slot.pane for slot in self.slots[: len(TILES)]]
        if not any(pane.has_class("absent") for pane in panes[:-1]):
            panes[-1].add_class("absent")

    def action_move(self, by: int) -> None:
        """Up and down in the grid of tiles, as it is laid out now."""
        panes = [slot.pane for slot in self.slots if slot.pane.display and slot.pane.region]
        if self.pane not in panes:
            self.set_focus(panes[0] if panes else None)
            return
        at = panes.index(self.pane) + by * self.columns
        self.set_focus(panes[max(0, min(at, len(panes) - 1))])

    def action_open(self) -> None:
        """The view behind a tile."""
        views = {slot.pane: tile.view for slot, tile in zip(self.slots, TILES, strict=False)}
        at = self.pane
        self.console.view(views.get(at, "queues" if at and at.id == "types" else "alerts") if at else "alerts")

    def body(self) -> ComposeResult:
        tiles, (*_, queue, words) = self.slots[: len(TILES)], self.slots
        with Container(id="tiles"):
            yield from (slot.pane for slot in tiles)
        yield queue.pane
        yield words.pane

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        width, height = event.size
        self.set_class(width < 100 or height < 34, "-narrow")
        self.set_class(width < 60 or height < 18, "-words")
