"""The bottom line: the keys that work here, from data given; the last ones go when there is no room."""

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
        left = width
        for hint in self.hints:
            gap = "  " if parts else ""
            needed = cell_len(f"{gap}{hint.key} {hint.does}")
            if needed > left:
                break
            left -= needed
            parts += [(gap, ""), (hint.key, "accent" if hint.enabled else "dim"), (f" {hint.does}", "dim")]
        return [(tuple(parts), "")]
