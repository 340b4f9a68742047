"""The widget under every other: it draws lines, compares them with what is shown, and refreshes what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.segment import Segment as RichSegment
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets.lines import Line, changed, fit, merged
from widgets.styles import style

Painted: TypeAlias = tuple[Line, str]  # a line, and the style laid over all of it


class Drawn(Widget):
    """Subclasses say what to draw and call `repaint()` when it may have changed.

    Nothing here parses markup, and no character that is not printable gets out.
    """

    _drawn: Sequence[Painted] = ()
    _drawn_at = (0, 0)  # the size that these rows are for
    _strips: dict[int, Strip]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._strips = {}

    def draw(self, width: int, height: int) -> Sequence[Painted]:
        """The rows from the top; they are cut and padded to the size, and missing ones are blank."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw, compare with what is on the screen, and refresh the cells that differ: of equal rows, none."""
        width, height = self.size
        if width < 1 or height < 1:
            return
        before, self._drawn = self._drawn, self._fitted(width, height)
        if self._drawn_at != (width, height):
            self._drawn_at = (width, height)
            self._strips.clear()
            self.refresh()
            return
        regions = []
        for y, (was, now) in enumerate(zip(before, self._drawn, strict=True)):
            if was == now:
                continue
            self._strips.pop(y, None)
            span = changed(was[0], now[0]) if was[1] == now[1] else (0, width)
            if span:
                regions.append(Region(span[0], y, span[1] - span[0], 1))
        if regions:
            self.refresh(*regions)

    def _fitted(self, width: int, height: int) -> list[Painted]:
        rows = [(fit(row, width), over) for row, over in self.draw(width, height)[:height]]
        blank: Painted = (((" " * width, ""),), "")
        return rows + [blank] * (height - len(rows))

    def render_line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            strip = self._strips[y] = self._strip(y)
        return strip

    def _strip(self, y: int) -> Strip:
        """Cut to the size: Textual may ask after it has made this narrower and before it says so, and what is too long
        would stand in cells that nobody paints again."""
        if y >= len(self._drawn):
            return Strip.blank(self.size.width)
        row, over = self._drawn[y]
        dark = self.app.current_theme.dark
        strip = Strip([RichSegment(text, style(name, over, dark)) for text, name in merged(row)])
        return strip.adjust_cell_length(self.size.width)

    def notify_style_update(self) -> None:
        """A theme has other colours: nothing drawn before can be used."""
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self, event: Resize) -> None:
        self.repaint()
