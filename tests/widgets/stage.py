"""An app that shows the widgets it is given, and counts what it would write to the terminal."""

from __future__ import annotations

from typing import Any

from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widget import Widget


class Stage(App[None]):
    CSS = "Screen { layout: vertical; }"

    def __init__(self, *widgets: Widget) -> None:
        # said here and not only by the theme: with NO_COLOR, Textual chooses its filter before there is a theme
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.widgets = widgets
        self.written: list[str] = []

    def compose(self) -> ComposeResult:
        yield from self.widgets

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            self.written.append(renderable.render_segments(self.console))
        super()._display(screen, renderable)


def rows(widget: Widget) -> list[str]:
    """The widget's lines as text."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
