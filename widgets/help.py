"""The `?` overlay: every key that works here, from data given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from widgets.lines import Line, fit
from widgets.pane import Pane
from widgets.vitals import Vitals


@dataclass(frozen=True, slots=True)
class HelpGroup:
    """Keys that belong together: (key, what it does, its id for remapping)."""

    title: str
    keys: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class HelpLines:
    """Content: the groups in as many columns as the width allows, from line `top` on."""

    groups: tuple[HelpGroup, ...]
    top: int = 0

    def lines(self, width: int, height: int) -> Sequence[Line]:
        rows = self.all_lines(width)
        shown = rows[self.top : self.top + height]
        if len(rows) - self.top > height > 0:
            shown[-1] = ((f"… {len(rows) - self.top - height + 1} more lines: j, PgDn", "dim"),)
        return shown

    def all_lines(self, width: int) -> list[Line]:
        columns = max(1, min(3, width // 38))
        room = width // columns
        stacks: list[list[Line]] = [[] for _ in range(columns)]
        for group in self.groups:
            shortest = min(stacks, key=len)
            shortest += [((group.title, "title"),), *(_key(*key, room) for key in group.keys), ()]
        height = max(map(len, stacks), default=0)
        padded = [stack + [()] * (height - len(stack)) for stack in stacks]
        return [tuple(part for cell in row for part in fit(cell, room)) for row in zip(*padded, strict=True)]


def _key(key: str, does: str, id: str, room: int) -> Line:
    """The id is left out where it does not fit."""
    left = f"  {key}{' ' * max(1, _KEY - cell_len(key))}"
    named = f"  [{id}]" if cell_len(f"{left}{does}  [{id}]") < room else ""
    return ((left, "accent"), (does, ""), (named, "dim"))


_KEY = 9  # cells
_SCROLLS = {"j": 1, "down": 1, "pagedown": 8, "k": -1, "up": -1, "pageup": -8}


class HelpScreen(ModalScreen[None]):
    """Any key closes it, except those that scroll."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Pane { width: 100%; height: 100%; max-width: 120; max-height: 40; }
    """

    def __init__(self, title: str, groups: Sequence[HelpGroup]) -> None:
        super().__init__()
        self._title = title
        self._help = HelpLines(tuple(groups))

    def compose(self) -> ComposeResult:
        pane = Pane(self._title)
        pane.show(self._help, Vitals("still", note="any key closes this"))
        yield pane

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if not self.is_current:  # closed already: keys that were still on their way
            return
        step = _SCROLLS.get(event.key)
        if step is None:
            self.dismiss(None)
            return
        pane = self.query_one(Pane)
        longest = max(0, len(self._help.all_lines(pane.size.width)) - pane.size.height + 1)
        self._help = HelpLines(self._help.groups, max(0, min(self._help.top + step, longest)))
        pane.show(self._help, pane.vitals)
