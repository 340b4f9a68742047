"""The bottom line: the keys that work here, from data given; some go when there is no room."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from widgets.drawn import Drawn, Painted
from widgets.lines import Segment


@dataclass(frozen=True, slots=True)
class Hint:
    """One key and what it does here."""

    key: str
    does: str
    enabled: bool = True


class Footer(Drawn):
    DEFAULT_CSS = """
    Footer { height: 1; width: 100%; }
    """

    def __init__(self, hints: tuple[Hint, ...] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hints = hints

    def show(self, hints: tuple[Hint, ...]) -> None:
        self.hints = hints
        self.repaint()

    def draw(self, width: int, height: int) -> list[Painted]:
        parts: list[Segment] = []
        for hint in self._fitting(width):
            gap = "  " if parts else ""
            parts += [(gap, ""), (hint.key, "accent" if hint.enabled else "dim"), (f" {hint.does}", "dim")]
        return [(tuple(parts), "")]

    def _fitting(self, width: int) -> list[Hint]:
        """Short of room, those before the last one go first: the way to the help is never lost."""
        kept = list(self.hints)
        while len(kept) > 1 and sum(cell_len(f"{hint.key} {hint.does}") + 2 for hint in kept) - 2 > width:
            kept.pop(max(0, len(kept) - 2))
        return kept
