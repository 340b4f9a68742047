"""One question at the bottom of the screen that one key answers: y is yes, anything else is no."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from widgets.lines import plain


class OneKey(ModalScreen[bool]):
    DEFAULT_CSS = """
    OneKey { align: left bottom; background: transparent; }
    OneKey > Static { height: 1; width: 100%; color: $accent; background: $surface; }
    """

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        # Content, never str: a string would be read as markup
        yield Static(Content(plain(f"{self.question}  y: yes, any other key: no")))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if self.is_current:  # a second key may still have been on its way
            self.dismiss(event.key == "y")
